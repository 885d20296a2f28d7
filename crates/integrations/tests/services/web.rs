//! Servers in Python that tasks call: `peers/server.py`.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use stepmill_integrations::project::{AwsSettings, HttpSettings, Project};
use stepmill_integrations::{Aws, AwsEnvironment, Endpoints, Integrations};
use tempfile::TempDir;

use crate::python::PYTHON;

/// A server over HTTP and over TLS; it ends with this value.
pub(crate) struct Peer {
    process: Child,
    directory: TempDir,
    http: u64,
    https: u64,
}

impl Peer {
    /// Starts one; none, with a word about it, where Python is not set up.
    pub(crate) fn start() -> Option<Self> {
        let Some(python) = env::var_os(PYTHON) else {
            let text = format!("skipped: servers need {PYTHON}; cargo xtask test sets it up\n");
            // Written past the test harness, which keeps back what passing tests print.
            let _ = std::io::stderr().write_all(text.as_bytes());
            return None;
        };
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let directory = tempfile::tempdir().unwrap();
        let mut process = Command::new(python)
            .arg("-B")
            .arg(here.join("tests/services/peers/server.py"))
            .arg(here.join("../aws-client/tests/client"))
            .arg(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ports = String::new();
        let said = process.stdout.take().unwrap();
        BufReader::new(said).read_line(&mut ports).unwrap();
        let ports: Value = serde_json::from_str(&ports).unwrap();
        Some(Self {
            process,
            directory,
            http: ports["http"].as_u64().unwrap(),
            https: ports["https"].as_u64().unwrap(),
        })
    }

    pub(crate) fn http(&self) -> String {
        format!("http://127.0.0.1:{}", self.http)
    }

    pub(crate) fn https(&self) -> String {
        format!("https://127.0.0.1:{}", self.https)
    }

    /// The certificate of its authority.
    pub(crate) fn authority(&self) -> PathBuf {
        self.directory.path().join("authority.pem")
    }

    /// Tasks by a `stepmill.toml`, in which `{http}` and `{https}` are the server's hosts with ports
    /// and `{authority}` is its authority's file.
    pub(crate) fn tasks(&self, text: &str, variables: &[(&str, &str)]) -> Integrations {
        let authority = self.authority();
        let text = text
            .replace("{http}", &format!("127.0.0.1:{}", self.http))
            .replace("{https}", &format!("127.0.0.1:{}", self.https))
            .replace("{authority}", authority.to_str().unwrap());
        let settings = Project::parse(&text, "stepmill.toml".as_ref())
            .unwrap()
            .settings;
        tasks(settings.aws, settings.http, variables)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Tasks with settings and variables, and nothing else of this machine.
pub(crate) fn tasks(
    aws: AwsSettings,
    http: HttpSettings,
    variables: &[(&str, &str)],
) -> Integrations {
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let environment = AwsEnvironment::new(variables, None);
    let aws = AwsSettings {
        poll_ms: NonZeroU32::new(5),
        ..aws
    };
    Integrations::new()
        .with_aws(Aws::new(aws, environment.clone()))
        .with_endpoints(Endpoints::new(http, environment))
}

/// The values of a header of a request that the server has repeated.
pub(crate) fn header<'a>(echo: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = echo["headers"].as_array().unwrap().iter();
    let found = headers.filter(|header| header[0] == name);
    found.map(|header| header[1].as_str().unwrap()).collect()
}
