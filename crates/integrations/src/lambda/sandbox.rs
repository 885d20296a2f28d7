//! One process of a function, from its start to its end.

use std::env;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::environment;
use super::error::HostError;
use super::function::Function;
use super::invocation::FunctionErrorKind;
use super::logs::{Log, LogSource, Tap};
use super::process::{self, Process, Registry};
use super::runtime_api::{Job, Report, Server};
use super::toolchain::{Launcher, Toolchain};

/// How often, and how far apart, a busy executable is tried again.
const BUSY_TRIES: u32 = 20;
const BUSY_WAIT: Duration = Duration::from_millis(10);

/// What a process is started from.
pub(super) struct Plan<'a> {
    pub(super) function: &'a Function,
    pub(super) launcher: &'a Launcher,
    pub(super) toolchain: &'a Toolchain,
    pub(super) region: &'a str,
    pub(super) variables: &'a [(String, String)],
    pub(super) task_root: &'a Path,
    pub(super) log_stream: &'a str,
    pub(super) log: Log,
    /// The invocation that the process is started for.
    pub(super) request_id: &'a Arc<str>,
    pub(super) registry: &'a Registry,
}

/// How initialisation went.
pub(super) enum Init {
    Ready,
    /// The runtime reported an error.
    Failed(Vec<u8>),
    Exited(ExitStatus),
    TimedOut,
}

/// How an invocation went.
pub(super) enum Outcome {
    Answer {
        payload: Vec<u8>,
        error: Option<FunctionErrorKind>,
    },
    TooLarge,
    Exited(ExitStatus),
    TimedOut,
    /// The process ended before it took the invocation, which another may therefore run.
    Untaken(ExitStatus),
}

/// What became of a process after its answer.
pub(super) enum Settled {
    /// It waits for work.
    Ready,
    /// It works on.
    Working,
    /// It ended.
    Gone,
}

/// A process, its Runtime API and its output. Dropping it kills the process.
pub(super) struct Sandbox {
    server: Server,
    reports: mpsc::UnboundedReceiver<Report>,
    process: Process,
    tap: Tap,
    /// Since when it waits for work.
    pub(super) idle_since: Instant,
}

impl Sandbox {
    pub(super) async fn start(plan: Plan<'_>) -> Result<Self, HostError> {
        let failed = |action: String| {
            let function = plan.function.name.clone();
            move |source| HostError::Start {
                function,
                action,
                source,
            }
        };
        let (sender, reports) = mpsc::unbounded_channel();
        let server = Server::start(sender.clone())
            .await
            .map_err(failed("listen on a loopback port".to_owned()))?;
        let runtime_api = server.address.to_string();
        let source = environment::Source {
            function: plan.function,
            region: plan.region,
            variables: plan.variables,
            runtime_api: &runtime_api,
            runtime_dir: plan.toolchain.bootstraps(),
            task_root: plan.task_root,
            log_stream: plan.log_stream,
            search_path: plan.toolchain.search_path(),
        };
        let mut command = Command::new(&plan.launcher.program);
        command
            .args(&plan.launcher.arguments)
            .env_clear()
            .envs(environment::build(&source, env::vars_os()))
            .current_dir(plan.task_root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = spawn(&mut command)
            .await
            .map_err(failed(format!("run {}", plan.launcher.program.display())))?;
        let mut tap = Tap::new();
        let mut readers = Vec::new();
        let id = Some(Arc::clone(plan.request_id));
        if let Some(stdout) = child.stdout.take() {
            readers.push(tap.read(stdout, LogSource::Stdout, plan.log.clone(), id.clone()));
        }
        if let Some(stderr) = child.stderr.take() {
            readers.push(tap.read(stderr, LogSource::Stderr, plan.log, id));
        }
        let process = Process::watch(child, plan.registry, readers, move |status| {
            sender.send(Report::Exited(status)).ok();
        });
        Ok(Self {
            server,
            reports,
            process,
            tap,
            idle_since: Instant::now(),
        })
    }

    /// Waits until the process asks for work; after `limit` it is killed.
    pub(super) async fn initialise(&mut self, limit: Duration) -> Init {
        match timeout(limit, self.reports.recv()).await {
            Ok(Some(Report::Ready)) => Init::Ready,
            Ok(Some(Report::InitError { payload })) => {
                self.tap.mark(None).await;
                Init::Failed(payload)
            }
            Ok(Some(Report::Exited(status))) => Init::Exited(status),
            // Nothing else can be reported before the first request for work.
            Ok(_) => Init::Exited(ExitStatus::default()),
            Err(_) => {
                self.process.kill().await;
                Init::TimedOut
            }
        }
    }

    /// Runs one invocation on a process that waits for work; after `limit` the process is killed.
    pub(super) async fn run(&mut self, job: Job, limit: Duration) -> Outcome {
        self.tap.mark(Some(&job.request_id)).await;
        self.server.session.offer(job);
        match timeout(limit, self.reports.recv()).await {
            Ok(Some(Report::Answer { payload, error })) => Outcome::Answer { payload, error },
            Ok(Some(Report::TooLarge)) => Outcome::TooLarge,
            Ok(Some(Report::Exited(status))) if self.server.session.withdraw() => {
                Outcome::Untaken(status)
            }
            Ok(Some(Report::Exited(status))) => Outcome::Exited(status),
            Ok(_) => Outcome::Exited(ExitStatus::default()),
            Err(_) => {
                self.process.kill().await;
                Outcome::TimedOut
            }
        }
    }

    /// Waits until the process asks for work again.
    pub(super) async fn settle(&mut self, limit: Duration) -> Settled {
        let settled = match timeout(limit, self.reports.recv()).await {
            Ok(Some(Report::Ready)) => Settled::Ready,
            Ok(_) => Settled::Gone,
            Err(_) => Settled::Working,
        };
        if !matches!(settled, Settled::Working) {
            // The invocation's output ends here.
            self.tap.mark(None).await;
        }
        self.idle_since = Instant::now();
        settled
    }

    /// Whether a process that waits for work still lives.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(
            self.reports.try_recv(),
            Err(mpsc::error::TryRecvError::Empty)
        )
    }
}

/// Starts the command. A file that was only just written is busy for a moment, if another thread
/// started a process while it was open for writing.
async fn spawn(command: &mut Command) -> io::Result<Child> {
    for _ in 0..BUSY_TRIES {
        match process::spawn(command) {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                sleep(BUSY_WAIT).await;
            }
            started => return started,
        }
    }
    process::spawn(command)
}
