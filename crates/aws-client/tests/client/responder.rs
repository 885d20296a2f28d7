//! A server that answers as it was told, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server.
pub(crate) struct Responder {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Responder {
    /// Answers the requests in turn with these, and whatever follows with the last. An answer is
    /// bytes to be sent; [`HANG_UP`] ends the connection.
    pub(crate) async fn new(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (log, answers) = (Arc::clone(&asked), Arc::new(answers));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&log), Arc::clone(&answers)));
            }
        });
        Self { address, asked }
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far: heads and bodies.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// No answer: the connection ends.
pub(crate) const HANG_UP: String = String::new();

/// An answer in full.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Vec<String>>>, answers: Arc<Vec<String>>) {
    while let Some(request) = read(&mut stream).await {
        let turn = {
            let mut log = log.lock().unwrap();
            log.push(request);
            log.len() - 1
        };
        match answers.get(turn).or(answers.last()) {
            Some(answer) if *answer != HANG_UP => {
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            _ => return,
        }
    }
}

/// Reads a request; none if the connection ends.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => text.push_str(&String::from_utf8_lossy(&buffer[..count])),
        }
    }
}
