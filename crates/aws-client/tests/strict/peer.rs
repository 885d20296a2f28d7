//! Servers in Python that answer as AWS does, as the tests of several crates start them.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Python with botocore and moto.
pub(crate) const PYTHON: &str = "STEPMILL_TEST_PYTHON";

/// A server; it ends with this value.
pub(crate) struct Peer {
    process: Child,
    /// Where it listens.
    pub(crate) url: String,
}

#[allow(dead_code)] // the tests of a crate start and ask what they need
impl Peer {
    /// Moto's server.
    pub(crate) fn moto() -> Option<Self> {
        Self::start(&["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"])
    }

    /// The strict server: `aws-client/tests/strict/server.py` says what it is.
    pub(crate) fn strict() -> Option<Self> {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
        let script = crates.join("aws-client/tests/strict/server.py");
        Self::start(&[script.to_str()?])
    }

    /// Starts one, which says its URL; none, with a word about it, where there is no Python for it.
    fn start(arguments: &[&str]) -> Option<Self> {
        let Some(python) = env::var_os(PYTHON) else {
            let text = format!("skipped: servers need {PYTHON}; cargo xtask test sets it up\n");
            // Written past the test harness, which keeps back what passing tests print.
            let _ = std::io::stderr().write_all(text.as_bytes());
            return None;
        };
        let mut process = Command::new(python)
            .arg("-B")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap()).lines();
        let url = said.by_ref().map(Result::unwrap).find_map(|line| {
            let (_, url) = line.split_once("Running on ")?;
            Some(url.trim().to_owned())
        });
        // What it says later is read, so that it does not stop for that.
        std::thread::spawn(move || said.for_each(drop));
        Some(Self {
            process,
            url: url.unwrap(),
        })
    }

    /// The body of the answer to a request that succeeds.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let host = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        let kind = format!(
            "Content-Type: application/json\r\nContent-Length: {}",
            body.len()
        );
        write!(stream, "{head}{kind}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 2"), "{path} {body}: {answer}");
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
