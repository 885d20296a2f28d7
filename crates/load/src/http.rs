//! A client of the API: HTTP/1.1 over one connection that is kept, one request after another.

use std::io;
use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::LoadError;

/// The longest answer that is taken, in bytes.
const LONGEST: usize = 64 << 20;

/// A connection to a server.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, as it stands in the connection's buffer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    /// HTTP's status code.
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Answer<'_> {
    pub(crate) fn is_ok(&self) -> bool {
        self.status == 200
    }
}

/// What an action answers: its output, or the error's name without its namespace.
pub(crate) type Answered = Result<Value, String>;

/// An action's request as it goes over the line.
pub(crate) fn request(action: &str, body: &str) -> Vec<u8> {
    format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-amz-json-1.0\r\n\
         x-amz-target: AWSStepFunctions.{action}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A request for a page.
pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").into_bytes()
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 << 10),
        })
    }

    /// Sends a request and takes its answer.
    pub(crate) async fn send(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let mut head = None;
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if head.is_none() {
                head = Head::read(&self.buffer)?;
            }
            let Some(Head {
                status,
                body,
                length,
            }) = head
            else {
                continue;
            };
            if length > LONGEST {
                return Err(malformed("an answer is too long"));
            }
            if self.buffer.len() >= body + length {
                return Ok(Answer {
                    status,
                    body: &self.buffer[body..body + length],
                });
            }
        }
    }

    /// Calls an action.
    pub(crate) async fn call(&mut self, action: &str, input: &Value) -> io::Result<Answered> {
        let answer = self.send(&request(action, &input.to_string())).await?;
        let output: Value = serde_json::from_slice(answer.body)
            .map_err(|error| malformed(&format!("an answer is no JSON: {error}")))?;
        if answer.is_ok() {
            return Ok(Ok(output));
        }
        let kind = output["__type"].as_str().unwrap_or_default();
        Ok(Err(kind.rsplit('#').next().unwrap_or(kind).to_owned()))
    }

    /// Calls an action that must not fail.
    pub(crate) async fn must(&mut self, action: &str, input: &Value) -> Result<Value, LoadError> {
        let answered = self.call(action, input).await?;
        answered.map_err(|error| LoadError::Server(format!("{action} {input} fails: {error}")))
    }
}

/// What the lines before a body say.
#[derive(Debug, Clone, Copy)]
struct Head {
    status: u16,
    /// Where the body begins.
    body: usize,
    length: usize,
}

impl Head {
    /// None if it is not there as a whole.
    fn read(buffer: &[u8]) -> io::Result<Option<Self>> {
        let Some(end) = head_end(buffer) else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&buffer[..end]).map_err(|_| malformed("headers"))?;
        let status = text
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let length = content_length(text);
        match (status, length) {
            (Some(status), Some(length)) => Ok(Some(Self {
                status,
                body: end + 4,
                length,
            })),
            _ => Err(malformed("an answer without status or length")),
        }
    }
}

/// The length of the message, head and body, at the beginning of a buffer; none if it is not there as a
/// whole. A message that does not say its body's length has none.
pub(crate) fn whole(buffer: &[u8]) -> io::Result<Option<usize>> {
    let Some(end) = head_end(buffer) else {
        return Ok(None);
    };
    let length =
        content_length(std::str::from_utf8(&buffer[..end]).map_err(|_| malformed("headers"))?);
    let whole = end + 4 + length.unwrap_or_default();
    Ok(Some(whole).filter(|whole| *whole <= buffer.len()))
}

/// Where the empty line before the body begins.
fn head_end(buffer: &[u8]) -> Option<usize> {
    buffer.windows(4).position(|window| window == b"\r\n\r\n")
}

fn content_length(head: &str) -> Option<usize> {
    head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let known = name.eq_ignore_ascii_case("content-length");
        known.then(|| value.trim().parse().ok()).flatten()
    })
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
