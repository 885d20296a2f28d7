//! Servers in Python that answer as AWS does.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use stepmill_integrations::Integrations;
use stepmill_integrations::project::AwsSettings;

use crate::integrations;

/// Python with botocore and moto.
pub(crate) const PYTHON: &str = "STEPMILL_TEST_PYTHON";

/// A server; it ends with this value.
struct Peer {
    process: Child,
    url: String,
}

impl Peer {
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
    fn ask(&self, method: &str, path: &str, body: &str) -> String {
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

    /// Tasks whose services are all there, called by an access key.
    fn integrations(&self, key: &str) -> Integrations {
        let settings = AwsSettings {
            endpoint: Some(self.url.parse().unwrap()),
            ..AwsSettings::default()
        };
        let credentials = [("AWS_ACCESS_KEY_ID", key), ("AWS_SECRET_ACCESS_KEY", "x")];
        integrations(settings, &credentials)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Moto's server.
pub(crate) struct Moto(Peer);

impl Moto {
    /// Starts one, if it is installed.
    pub(crate) fn start() -> Option<Self> {
        Peer::start(&["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]).map(Self)
    }

    /// Functions and jobs run in no container: functions answer with what they are given.
    pub(crate) fn without_containers(&self) {
        let config = json!({ "batch": { "use_docker": false }, "lambda": { "use_docker": false } });
        self.0.ask("POST", "/moto-api/config", &config.to_string());
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.0.url
    }

    /// Forgets everything.
    pub(crate) fn reset(&self) {
        self.0.ask("POST", "/moto-api/reset", "");
    }

    /// Tasks whose services are all there.
    pub(crate) fn integrations(&self) -> Integrations {
        self.0.integrations("test")
    }
}

/// The strict server: `aws-client/tests/strict/server.py` says what it is.
pub(crate) struct Strict(Peer);

impl Strict {
    /// Starts one, if there is Python for it.
    pub(crate) fn start() -> Option<Self> {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let script = crates.join("aws-client/tests/strict/server.py");
        Peer::start(&[script.to_str().unwrap()]).map(Self)
    }

    /// Sets what is answered to an access key.
    pub(crate) fn script(&self, key: &str, script: &Value) {
        let path = format!("/_control/{key}");
        self.0.ask("PUT", &path, &script.to_string());
    }

    /// What was asked by an access key.
    pub(crate) fn requests(&self, key: &str) -> Vec<Value> {
        let requests = self.0.ask("GET", &format!("/_control/{key}"), "");
        serde_json::from_str(&requests).unwrap()
    }

    /// Tasks whose services are all there, called by an access key.
    pub(crate) fn integrations(&self, key: &str) -> Integrations {
        self.0.integrations(key)
    }
}
