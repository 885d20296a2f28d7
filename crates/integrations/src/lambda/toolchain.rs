//! Finding what runs a function on this machine.

use std::collections::{HashMap, HashSet};
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::process::Command;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::error::HostError;
use super::function::{Function, Runtime};

const PYTHON_BOOTSTRAP: &str = include_str!("bootstrap/python.py");
const NODE_BOOTSTRAP: &str = include_str!("bootstrap/node.mjs");
/// How long a program may take to say what it is.
const PROBE_LIMIT: Duration = Duration::from_secs(20);

/// Arguments that make a program print its version and its own path, each on a line. The path
/// leads past the scripts of version managers, which would slow down every start.
type Probe = [&'static str; 2];
const PYTHON_PROBE: Probe = [
    "-c",
    "import sys; print('%d.%d.%d' % sys.version_info[:3]); print(sys.executable)",
];
const NODE_PROBE: Probe = ["-p", "process.versions.node + '\\n' + process.execPath"];

/// How to start a function's process.
#[derive(Clone, Debug)]
pub(super) struct Launcher {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    /// What the user should know about the program found.
    pub(super) note: Option<String>,
}

/// A program that runs.
#[derive(Clone, Debug)]
struct Found {
    version: String,
    program: PathBuf,
}

/// The programs of this machine, and our bootstraps for them.
pub(super) struct Toolchain {
    pub(super) search_path: Option<OsString>,
    bootstraps: tempfile::TempDir,
    /// Notes that were given already: one is enough for all functions that it concerns.
    noted: std::sync::Mutex<HashSet<String>>,
    /// By program and code directory, on which version managers make the version depend.
    probed: Mutex<HashMap<(PathBuf, PathBuf), Option<Found>>>,
}

impl Toolchain {
    /// Writes the bootstraps to a directory that only this user can read.
    pub(super) fn new(search_path: Option<OsString>) -> Result<Self, HostError> {
        let write = || {
            let directory = tempfile::Builder::new()
                .prefix("stepmill-lambda-")
                .tempdir()?;
            fs::write(directory.path().join("python.py"), PYTHON_BOOTSTRAP)?;
            fs::write(directory.path().join("node.mjs"), NODE_BOOTSTRAP)?;
            Ok(directory)
        };
        let bootstraps = write().map_err(HostError::Bootstraps)?;
        Ok(Self {
            search_path,
            bootstraps,
            noted: std::sync::Mutex::default(),
            probed: Mutex::default(),
        })
    }

    pub(super) fn bootstraps(&self) -> &Path {
        self.bootstraps.path()
    }

    /// What starts the function, if it needs a process; `code` is its code directory.
    pub(super) async fn launcher(
        &self,
        function: &Function,
        code: &Path,
    ) -> Result<Option<Launcher>, HostError> {
        let missing = |needs| HostError::MissingRuntime {
            function: function.name.clone(),
            runtime: function.runtime,
            needs,
        };
        let launcher = match function.runtime {
            Runtime::Python { minor } => {
                let wanted = format!("3.{minor}");
                let exact = format!("python{wanted}");
                let found = self.find(&[&exact, "python3"], PYTHON_PROBE, code).await;
                let found = found.ok_or_else(|| missing("python3"))?;
                // No compiled files in the user's code directory, no output held back.
                let mut arguments = vec!["-B".into(), "-u".into()];
                arguments.push(self.bootstraps().join("python.py").into());
                let note = found.note(&wanted, function.runtime);
                Launcher {
                    program: found.program,
                    arguments,
                    note,
                }
            }
            Runtime::Node { major } => {
                let found = self.find(&["node"], NODE_PROBE, code).await;
                let found = found.ok_or_else(|| missing("node"))?;
                let arguments = vec![self.bootstraps().join("node.mjs").into()];
                let note = found.note(&major.to_string(), function.runtime);
                Launcher {
                    program: found.program,
                    arguments,
                    note,
                }
            }
            Runtime::Provided | Runtime::ProvidedAl2 | Runtime::ProvidedAl2023 => {
                let program = code.join(function.executable());
                if !is_executable(&program) {
                    let function = function.name.clone();
                    return Err(HostError::NotExecutable {
                        function,
                        path: program,
                    });
                }
                Launcher {
                    program,
                    arguments: Vec::new(),
                    note: None,
                }
            }
            Runtime::EvaluateExpression => return Ok(None),
        };
        Ok(Some(launcher))
    }

    /// The first of the names on the path that runs at all: version managers put programs there
    /// that only say which version is not installed.
    async fn find(&self, names: &[&str], probe: Probe, code: &Path) -> Option<Found> {
        let path = self.search_path.clone().or_else(|| env::var_os("PATH"))?;
        for name in names {
            let name = format!("{name}{}", env::consts::EXE_SUFFIX);
            for directory in env::split_paths(&path).filter(|directory| directory.is_absolute()) {
                let program = directory.join(&name);
                if is_executable(&program)
                    && let Some(found) = self.probe(program, probe, code, &path).await
                {
                    return Some(found);
                }
            }
        }
        None
    }

    /// Asks a program what it is, where and with what the function would run.
    async fn probe(
        &self,
        program: PathBuf,
        probe: Probe,
        code: &Path,
        path: &OsStr,
    ) -> Option<Found> {
        let mut probed = self.probed.lock().await;
        let key = (program, code.to_owned());
        if let Some(known) = probed.get(&key) {
            return known.clone();
        }
        let mut command = Command::new(&key.0);
        command
            .args(probe)
            .env_clear()
            .env("PATH", path)
            .current_dir(code);
        if let Some(home) = env::var_os("HOME") {
            command.env("HOME", home);
        }
        let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
        let found = match timeout(PROBE_LIMIT, output).await {
            Ok(Ok(output)) if output.status.success() => found_in(&output.stdout),
            _ => None,
        };
        probed.insert(key, found.clone());
        found
    }

    /// Whether a note is given for the first time.
    pub(super) fn is_news(&self, note: &str) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.insert(note.to_owned())
    }

    pub(super) fn search_path(&self) -> Option<&OsStr> {
        self.search_path.as_deref()
    }
}

impl Found {
    fn note(&self, wanted: &str, runtime: Runtime) -> Option<String> {
        let Self { version, program } = self;
        let same = version
            .strip_prefix(wanted)
            .is_some_and(|rest| rest.starts_with('.'));
        (!same).then(|| {
            let program = program.display();
            format!("functions that declare {runtime} run on version {version} ({program})")
        })
    }
}

/// Reads a probe's two lines.
fn found_in(output: &[u8]) -> Option<Found> {
    let mut lines = std::str::from_utf8(output).ok()?.lines();
    let (version, program) = (lines.next()?.to_owned(), PathBuf::from(lines.next()?));
    program.is_absolute().then_some(Found { version, program })
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    path.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_are_read() {
        let found = found_in(b"3.11.7\n/usr/bin/python3\n").unwrap();
        assert_eq!(
            (found.version.as_str(), found.program.to_str()),
            ("3.11.7", Some("/usr/bin/python3"))
        );
        for output in [b"".as_slice(), b"3.11.7\n", b"3.11.7\n\n", b"\xff\n/x\n"] {
            assert!(found_in(output).is_none());
        }
    }
}
