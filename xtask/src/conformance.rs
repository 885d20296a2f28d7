//! `cargo xtask conformance`.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::clients;
use crate::command::{self, cargo, root};
use crate::data::CONFORMANCE;
use crate::error::TaskError;
use crate::requirements;

/// How long the server may take until it listens.
const READY: Duration = Duration::from_secs(30);
/// Cases that run at a time: most of them wait.
const JOBS: &str = "8";

/// The account that calls, as the runner has it.
const ACCOUNT: &str = "000000000000";

/// Starts a server, replays the cases against it, and stops it; the runner prints the score and
/// fails on an unknown difference.
pub(crate) fn run(filters: &[String]) -> Result<(), TaskError> {
    let cases = CONFORMANCE.required()?;
    let packages = ["--package", "stepmill", "--package", "stepmill-conformance"];
    command::run(&mut cargo(&[&["build", "--quiet"], &packages[..]].concat()))?;
    let directory = root().join("target/conformance");
    let mocks = directory.join("mock.json");
    fs::create_dir_all(&directory)
        .and_then(|()| fs::write(&mocks, "{}"))
        .map_err(|source| TaskError::Start {
            command: format!("a server in {}", directory.display()),
            source,
        })?;
    let moto = Moto::start(&clients::prepare_python(requirements::python()?)?)?;
    let mut server = Server::start(&directory, &mocks, &moto.url)?;
    let url = server.url()?;
    let mut runner = Command::new(binary("stepmill-conformance"));
    runner
        .current_dir(root())
        .args(["run", "--strict", "--endpoint", &url, "--lambda", &url])
        .args(["--aws", &moto.url, "--jobs", JOBS])
        .args(["--without", "distributed-map"])
        .arg("--mock-config")
        .arg(&mocks)
        .env(CONFORMANCE.variable, cases);
    if filters.is_empty() {
        runner.args(["--document", "docs/conformance.md"]);
    }
    runner.args(filters);
    command::run(&mut runner)
}

/// A program that this workspace has built.
fn binary(name: &str) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    root().join(target).join("debug").join(name)
}

/// AWS's other services, as moto has them. They end when this is dropped.
struct Moto {
    process: Child,
    url: String,
}

impl Moto {
    fn start(python: &Path) -> Result<Self, TaskError> {
        let mut process = Command::new(python)
            .args(["-B", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"])
            .env("MOTO_ACCOUNT_ID", ACCOUNT)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| TaskError::Start {
                command: "moto".to_owned(),
                source,
            })?;
        let said = process.stderr.take().map(BufReader::new);
        let mut said = said
            .into_iter()
            .flat_map(BufRead::lines)
            .map_while(Result::ok);
        let url = said.find_map(|line| {
            let (_, url) = line.split_once("Running on ")?;
            Some(url.trim().to_owned())
        });
        // It logs each request, and stops when nobody reads that.
        std::thread::spawn(move || said.for_each(drop));
        let mut moto = Self {
            process,
            url: String::new(),
        };
        moto.url = url.ok_or(TaskError::NoServer)?;
        Ok(moto)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A server that keeps nothing. It ends when this is dropped.
struct Server {
    process: Child,
    ready: PathBuf,
}

impl Server {
    fn start(directory: &Path, mocks: &Path, services: &str) -> Result<Self, TaskError> {
        let ready = directory.join("ready");
        // One that is left from before would say where another server was.
        let _ = fs::remove_file(&ready);
        let mut command = Command::new(binary("stepmill"));
        command
            .args(["serve", "--store", "memory", "--port", "0"])
            .args([
                "--log-level",
                "warn",
                "--logs-cloudwatch",
                "--events-endpoint",
                services,
                "--mock",
            ])
            .arg(mocks)
            .arg("--ready-file")
            .arg(&ready)
            .env("AWS_ENDPOINT_URL", services)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .current_dir(directory)
            .stdout(Stdio::null());
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("STEPMILL_") {
                command.env_remove(name);
            }
        }
        let process = command.spawn().map_err(|source| TaskError::Start {
            command: "stepmill serve".to_owned(),
            source,
        })?;
        Ok(Self { process, ready })
    }

    /// Its address, once it listens.
    fn url(&mut self) -> Result<String, TaskError> {
        let begun = Instant::now();
        while begun.elapsed() < READY && matches!(self.process.try_wait(), Ok(None)) {
            if let Ok(url) = fs::read_to_string(&self.ready) {
                return Ok(url.trim().to_owned());
            }
            sleep(Duration::from_millis(10));
        }
        Err(TaskError::NoServer)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It keeps nothing, so there is nothing to end in good order.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
