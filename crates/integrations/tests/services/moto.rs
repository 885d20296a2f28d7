//! Moto's server.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use stepmill_integrations::Integrations;
use stepmill_integrations::project::AwsSettings;

use crate::integrations;

/// Python with moto.
const PYTHON: &str = "STEPMILL_TEST_PYTHON";

/// Moto's server; it ends with this value.
pub(crate) struct Moto {
    process: Child,
    url: String,
}

impl Moto {
    /// Starts one; none, with a word about it, where it is not installed.
    pub(crate) fn start() -> Option<Self> {
        let Some(python) = env::var_os(PYTHON) else {
            let text = format!("skipped: moto needs {PYTHON}; cargo xtask test sets it up\n");
            // Written past the test harness, which keeps back what passing tests print.
            let _ = std::io::stderr().write_all(text.as_bytes());
            return None;
        };
        let mut process = Command::new(python)
            .args(["-B", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"])
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
        // It logs each request, and stops when nobody reads that.
        std::thread::spawn(move || said.for_each(drop));
        Some(Self {
            process,
            url: url.unwrap(),
        })
    }

    /// Posts JSON to moto's own API.
    pub(crate) fn post(&self, path: &str, body: &str) {
        let host = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        let kind = format!(
            "Content-Type: application/json\r\nContent-Length: {}",
            body.len()
        );
        write!(stream, "{head}{kind}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
    }

    /// Tasks whose services are all there.
    pub(crate) fn integrations(&self) -> Integrations {
        self.with(AwsSettings::default())
    }

    /// Tasks with settings, whose services are there unless these say otherwise.
    pub(crate) fn with(&self, settings: AwsSettings) -> Integrations {
        let settings = AwsSettings {
            endpoint: Some(self.url.parse().unwrap()),
            ..settings
        };
        let credentials = [
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
        ];
        integrations(settings, &credentials)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
