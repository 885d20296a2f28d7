//! The processes of one function: at most `concurrency` of them, the warm ones reused last in,
//! first out, so that surplus ones fall idle.

use std::any::Any;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use jiff::Timestamp;
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use uuid::Uuid;

use super::error::{HostError, InvokeError};
use super::failure;
use super::function::Function;
use super::host::{Saturation, Shared};
use super::invocation::{FunctionErrorKind, InvokeResult};
use super::logs::{Log, LogSource, Tail};
use super::runtime_api::Job;
use super::sandbox::{Init, Outcome, Plan, Sandbox, Settled};
use super::toolchain::Launcher;
use crate::evaluate::{self, Evaluation, Outcome as Ended};

/// How long an answer is held back for the process to ask for work again. It nearly always does so
/// at once, and then the next invocation finds it warm; one that works on after its answer does not
/// delay the caller further.
const SETTLE_GRACE: Duration = Duration::from_secs(1);

/// One invocation, checked.
pub(super) struct Call {
    pub(super) arn: String,
    pub(super) payload: Bytes,
    pub(super) client_context: Option<String>,
    pub(super) log_tail: bool,
}

pub(super) struct Pool {
    pub(super) function: Function,
    /// The code directory, absolute and without links, as traces show it; empty of a function without.
    task_root: PathBuf,
    log: Log,
    places: Arc<Semaphore>,
    launcher: OnceCell<Option<Launcher>>,
    /// What must live as long as the code is used.
    _code: Option<Arc<dyn Any + Send + Sync>>,
    /// `None` once the function is removed.
    idle: Mutex<Option<Vec<Sandbox>>>,
    shared: Arc<Shared>,
}

impl Pool {
    /// Checks the declaration and its code directory.
    pub(super) fn new(
        function: Function,
        code: Option<Arc<dyn Any + Send + Sync>>,
        shared: Arc<Shared>,
    ) -> Result<Self, HostError> {
        function.validate()?;
        let task_root = match &function.code {
            Some(code) => {
                let missing = |source| HostError::CodeMissing {
                    function: function.name.clone(),
                    path: code.clone(),
                    source,
                };
                let task_root = code.canonicalize().map_err(missing)?;
                std::fs::read_dir(&task_root).map_err(missing)?;
                task_root
            }
            None => PathBuf::new(),
        };
        Ok(Self {
            task_root,
            log: Log {
                function: function.name.as_str().into(),
                sink: shared.logs.clone(),
                tails: Arc::clone(&shared.tails),
            },
            places: Arc::new(Semaphore::new(function.concurrency)),
            launcher: OnceCell::new(),
            _code: code,
            idle: Mutex::new(Some(Vec::new())),
            function,
            shared,
        })
    }

    /// Finds what runs the function, none if it needs no process; a note about its version is logged
    /// once for each host.
    pub(super) async fn launcher(&self) -> Result<Option<&Launcher>, HostError> {
        let found = self.launcher.get_or_try_init(|| async {
            let toolchain = &self.shared.toolchain;
            let launcher = toolchain.launcher(&self.function, &self.task_root).await?;
            let note = launcher
                .as_ref()
                .and_then(|launcher| launcher.note.as_deref());
            if let Some(note) = note.filter(|note| toolchain.is_news(note)) {
                self.log.line(LogSource::Host, None, note.to_owned());
            }
            Ok(launcher)
        });
        found.await.map(Option::as_ref)
    }

    /// Runs one invocation. Dropping the future kills the process that runs it.
    pub(super) async fn run(self: &Arc<Self>, call: Call) -> Result<InvokeResult, InvokeError> {
        let place = self.place().await?;
        let request_id: Arc<str> = Uuid::new_v4().to_string().into();
        let tail = call.log_tail.then(|| self.begin_tail(&request_id));
        let begun = Instant::now();
        let (payload, function_error) = match self.launcher().await? {
            Some(launcher) => self.answer(launcher, &call, &request_id, place).await?,
            None => self.evaluate(&call, &request_id).await?,
        };
        Ok(InvokeResult {
            status: 200,
            executed_version: self.function.version.clone(),
            function_error,
            payload,
            request_id: request_id.to_string(),
            log_tail: tail.map(|tail| self.end_tail(&tail, &request_id, begun.elapsed())),
        })
    }

    /// What Lambda itself writes before an invocation's log.
    fn begin_tail(&self, request_id: &Arc<str>) -> Tail {
        let tail = self.shared.tails.follow(request_id);
        let version = &self.function.version;
        tail.push(&format!("START RequestId: {request_id} Version: {version}"));
        tail
    }

    /// What Lambda itself writes after it; the memory used is not measured here.
    fn end_tail(&self, tail: &Tail, request_id: &str, duration: Duration) -> String {
        let (exact, memory) = (duration.as_secs_f64() * 1000.0, self.function.memory);
        let billed = exact.ceil();
        tail.push(&format!("END RequestId: {request_id}"));
        tail.push(&format!(
            "REPORT RequestId: {request_id}\tDuration: {exact:.2} ms\tBilled Duration: {billed} \
             ms\tMemory Size: {memory} MB\t"
        ));
        tail.text()
    }

    /// The payload, and whether it is an error.
    async fn answer(
        self: &Arc<Self>,
        launcher: &Launcher,
        call: &Call,
        request_id: &Arc<str>,
        place: OwnedSemaphorePermit,
    ) -> Result<(Vec<u8>, Option<FunctionErrorKind>), InvokeError> {
        let timeout = self.function.timeout;
        let unhandled = |payload| Ok((payload, Some(FunctionErrorKind::Unhandled)));
        loop {
            let warm = self.warm();
            let was_warm = warm.is_some();
            let mut sandbox = match warm {
                Some(sandbox) => sandbox,
                None => match self.cold(launcher, request_id).await? {
                    Ok(sandbox) => sandbox,
                    Err(payload) => return unhandled(payload),
                },
            };
            match sandbox.run(self.job(call, request_id), timeout).await {
                Outcome::Answer { payload, error } => {
                    self.put_back(sandbox, place).await;
                    return Ok((payload, error));
                }
                Outcome::TooLarge => {
                    self.put_back(sandbox, place).await;
                    return unhandled(failure::response_too_large());
                }
                // It died while it was idle: no fault of this invocation.
                Outcome::Untaken(_) if was_warm => {}
                Outcome::Untaken(status) | Outcome::Exited(status) => {
                    return unhandled(failure::exited(request_id, status));
                }
                Outcome::TimedOut => return unhandled(failure::timed_out(request_id, timeout)),
            }
        }
    }

    /// The payload of a function without processes, and whether it is an error.
    async fn evaluate(
        &self,
        call: &Call,
        request_id: &Arc<str>,
    ) -> Result<(Vec<u8>, Option<FunctionErrorKind>), HostError> {
        let failed = |action: &str| {
            let (function, action) = (self.function.name.clone(), action.to_owned());
            move |source| HostError::Start {
                function,
                action,
                source,
            }
        };
        let handler = &self.function.handler;
        let code = match &self.function.code {
            Some(_) => {
                let (name, _) = handler.split_once('.').unwrap_or_default();
                let file = self.task_root.join(format!("{name}.js"));
                let read = evaluate::read(&file).await;
                read.map_err(failed(&format!("read {}", file.display())))?
            }
            None => evaluate::HANDLER.to_owned(),
        };
        let evaluation = Evaluation {
            code,
            handler: handler.clone(),
            event: call.payload.clone(),
            time: self.function.timeout.min(evaluate::MAX_TIME),
            memory: self.function.memory,
        };
        let time = evaluation.time;
        let (log, id) = (self.log.clone(), Arc::clone(request_id));
        let log = move |line| log.line(LogSource::Stdout, Some(Arc::clone(&id)), line);
        let ended = evaluate::evaluate(evaluation, log).await;
        let payload = match ended.map_err(failed("evaluate"))? {
            Ended::Answer(answer) if answer.len() > failure::MAX_RESPONSE => {
                failure::response_too_large()
            }
            Ended::Answer(answer) => return Ok((answer.into_bytes(), None)),
            Ended::Failed(error) => error.into_bytes(),
            Ended::TimedOut => failure::timed_out(request_id, time),
            Ended::OutOfMemory => failure::out_of_memory(request_id),
            Ended::Exited => failure::exited(request_id, ExitStatus::default()),
        };
        Ok((payload, Some(FunctionErrorKind::Unhandled)))
    }

    /// Waits for one of the `concurrency` places, or refuses.
    async fn place(&self) -> Result<OwnedSemaphorePermit, InvokeError> {
        let places = Arc::clone(&self.places);
        let place = match self.shared.saturation {
            Saturation::Queue => places.acquire_owned().await.ok(),
            Saturation::Refuse => places.try_acquire_owned().ok(),
        };
        place.ok_or_else(|| InvokeError::TooManyRequests {
            message: "Rate Exceeded.".to_owned(),
        })
    }

    fn warm(&self) -> Option<Sandbox> {
        let mut idle = self.idle();
        let idle = idle.as_mut()?;
        while let Some(mut sandbox) = idle.pop() {
            if sandbox.is_alive() {
                return Some(sandbox);
            }
        }
        None
    }

    /// Starts a process; the inner error is the payload of a failed initialisation.
    async fn cold(
        &self,
        launcher: &Launcher,
        request_id: &Arc<str>,
    ) -> Result<Result<Sandbox, Vec<u8>>, HostError> {
        let log_stream = log_stream(&self.function.version);
        let owner = self.function.owner.as_ref().unwrap_or(&self.shared.home);
        let variables = self.shared.variables.as_ref();
        let variables = variables.map_or_else(Vec::new, |variables| variables(owner));
        let timeout = self.function.timeout;
        // As on AWS, a slow initialisation is started over within the function's own timeout.
        for limit in [self.shared.init_timeout, timeout] {
            let mut sandbox = Sandbox::start(Plan {
                function: &self.function,
                launcher,
                toolchain: &self.shared.toolchain,
                region: &owner.region,
                variables: &variables,
                task_root: &self.task_root,
                log_stream: &log_stream,
                log: self.log.clone(),
                request_id,
                registry: &self.shared.registry,
            })
            .await?;
            match sandbox.initialise(limit).await {
                Init::Ready => return Ok(Ok(sandbox)),
                Init::Failed(payload) => return Ok(Err(payload)),
                Init::Exited(status) => return Ok(Err(failure::exited(request_id, status))),
                Init::TimedOut => {}
            }
        }
        Ok(Err(failure::timed_out(request_id, timeout)))
    }

    fn job(&self, call: &Call, request_id: &Arc<str>) -> Job {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let (root, parent) = (
            Uuid::new_v4().simple().to_string(),
            Uuid::new_v4().as_u64_pair().0,
        );
        Job {
            request_id: Arc::clone(request_id),
            payload: call.payload.clone(),
            deadline_ms: (now + self.function.timeout).as_millis(),
            arn: call.arn.clone(),
            trace_id: format!(
                "Root=1-{:08x}-{};Parent={parent:016x};Sampled=0",
                now.as_secs(),
                &root[..24]
            ),
            client_context: call.client_context.clone(),
        }
    }

    /// Keeps a process for the next invocation; its place is free only once it is back.
    async fn put_back(self: &Arc<Self>, mut sandbox: Sandbox, place: OwnedSemaphorePermit) {
        match sandbox.settle(SETTLE_GRACE).await {
            Settled::Ready => self.keep(sandbox),
            Settled::Gone => {}
            Settled::Working => {
                let pool = Arc::clone(self);
                tokio::spawn(async move {
                    let settled = sandbox.settle(pool.function.timeout).await;
                    if let Settled::Ready = settled {
                        pool.keep(sandbox);
                    }
                    drop(place);
                });
            }
        }
    }

    fn keep(&self, sandbox: Sandbox) {
        if let Some(idle) = self.idle().as_mut() {
            idle.push(sandbox);
        }
    }

    /// Ends processes that had nothing to do for `limit`.
    pub(super) fn reap(&self, limit: Duration) {
        let now = Instant::now();
        if let Some(idle) = self.idle().as_mut() {
            idle.retain(|sandbox| now.duration_since(sandbox.idle_since) < limit);
        }
    }

    /// Ends idle processes; those at work end with their invocation.
    pub(super) fn close(&self) {
        self.idle().take();
    }

    fn idle(&self) -> MutexGuard<'_, Option<Vec<Sandbox>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A name in CloudWatch Logs' manner, one for each process.
fn log_stream(version: &str) -> String {
    format!(
        "{}/[{version}]{}",
        Timestamp::now().strftime("%Y/%m/%d"),
        Uuid::new_v4().simple()
    )
}
