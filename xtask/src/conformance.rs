//! `cargo xtask conformance`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::command::{self, cargo, root};
use crate::data::CONFORMANCE;
use crate::error::TaskError;

/// How long the server may take until it listens.
const READY: Duration = Duration::from_secs(30);
/// Cases that run at a time: most of them wait.
const JOBS: &str = "8";

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
    let mut server = Server::start(&directory, &mocks)?;
    let url = server.url()?;
    let mut runner = Command::new(binary("stepmill-conformance"));
    runner
        .current_dir(root())
        .args(["run", "--strict", "--endpoint", &url, "--lambda", &url])
        .args(["--jobs", JOBS, "--without", "distributed-map"])
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

/// A server that keeps nothing. It ends when this is dropped.
struct Server {
    process: Child,
    ready: PathBuf,
}

impl Server {
    fn start(directory: &Path, mocks: &Path) -> Result<Self, TaskError> {
        let ready = directory.join("ready");
        // One that is left from before would say where another server was.
        let _ = fs::remove_file(&ready);
        let mut command = Command::new(binary("stepmill"));
        command
            .args(["serve", "--store", "memory", "--port", "0"])
            .args(["--log-level", "warn", "--mock"])
            .arg(mocks)
            .arg("--ready-file")
            .arg(&ready)
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
