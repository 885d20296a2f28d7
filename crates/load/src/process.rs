//! The server as a process.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::LoadError;
use crate::http::{Connection, get};

/// How a server is started.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// The `stepmill` binary.
    pub binary: PathBuf,
    /// The directory of its store, or `memory`.
    pub store: PathBuf,
    /// Variables that it gets.
    pub variables: Vec<(String, String)>,
    /// The processor that it may use; all if there is none. Needs `taskset`.
    pub processor: Option<usize>,
}

/// A server that runs. Dropping it kills it.
pub(crate) struct Server {
    child: Child,
    /// What it prints; if nobody kept it, printing would fail.
    lines: Lines<BufReader<ChildStdout>>,
    /// When it was started.
    pub(crate) begun: Instant,
}

impl Program {
    /// Starts the server. Its log goes to the file `log`.
    pub(crate) fn start(&self, log: &Path) -> Result<Server, LoadError> {
        let what = format!("starting {}", self.binary.display());
        let log = fs::OpenOptions::new().create(true).append(true).open(log);
        let log = log.map_err(LoadError::system("opening the server's log"))?;
        let directory = self.store.parent();
        let directory = directory.filter(|directory| !directory.as_os_str().is_empty());
        let mut command = match self.processor {
            Some(processor) => {
                let mut command = Command::new("taskset");
                command.args(["-c", &processor.to_string()]);
                command.arg(&self.binary);
                command
            }
            None => Command::new(&self.binary),
        };
        command
            .args(["serve", "--port", "0", "--store"])
            .arg(&self.store)
            // A directory without a project.
            .current_dir(directory.unwrap_or(Path::new(".")))
            .envs(self.variables.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true);
        let begun = Instant::now();
        let mut child = command.spawn().map_err(LoadError::system(what.clone()))?;
        let stdout = child.stdout.take();
        let stdout = stdout.ok_or_else(|| LoadError::Server(format!("{what}: no output")))?;
        Ok(Server {
            child,
            lines: BufReader::new(stdout).lines(),
            begun,
        })
    }
}

impl Server {
    /// Waits until it says where it listens.
    pub(crate) async fn address(&mut self) -> Result<SocketAddr, LoadError> {
        while let Some(line) = self.lines.next_line().await? {
            if let Some(address) = line.strip_prefix("listening on http://") {
                let address = address.trim().parse();
                return address.map_err(|_| LoadError::Server(line));
            }
        }
        Err(LoadError::Server("the server does not listen".to_owned()))
    }

    /// Waits until it has taken up what ran; how long that was since it was started.
    pub(crate) async fn ready(&mut self, address: SocketAddr) -> Result<Duration, LoadError> {
        let mut connection = Connection::open(address).await?;
        let page = get("/ready");
        loop {
            if connection.send(&page).await?.is_ok() {
                return Ok(self.begun.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Kills it, as `kill -9` does.
    pub(crate) async fn kill(mut self) -> Result<(), LoadError> {
        let killed = self.child.kill().await;
        killed.map_err(LoadError::system("killing the server"))
    }

    /// The processor time that it has had, in seconds.
    pub(crate) fn processor_time(&self) -> Result<f64, LoadError> {
        /// Linux shows times in hundredths of a second (proc(5)).
        const TICKS: f64 = 100.0;
        let id = self.child.id().unwrap_or_default();
        let stat = fs::read_to_string(format!("/proc/{id}/stat"));
        let stat = stat.map_err(LoadError::system("reading the server's time"))?;
        // After the name, which may hold anything: its 12th and 13th are user and system time.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks: f64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<f64>().ok())
            .sum();
        Ok(ticks / TICKS)
    }

    /// The memory that it has in RAM, in bytes.
    pub(crate) fn resident(&self) -> Result<u64, LoadError> {
        let id = self.child.id().unwrap_or_default();
        let status = fs::read_to_string(format!("/proc/{id}/status"));
        let status = status.map_err(LoadError::system("reading the server's memory"))?;
        let kibibytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"))
            .and_then(|number| number.parse::<u64>().ok());
        let unknown = || LoadError::Server("the server's memory is unknown".to_owned());
        kibibytes.map(|number| number << 10).ok_or_else(unknown)
    }
}

/// The size of all files in a directory, in bytes.
pub(crate) fn size(directory: &Path) -> io::Result<u64> {
    let mut size = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.metadata()?;
        size += match kind.is_dir() {
            true => self::size(&entry.path())?,
            false => kind.len(),
        };
    }
    Ok(size)
}
