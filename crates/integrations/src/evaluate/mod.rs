//! Handlers in JavaScript that need no Node.js: those of the CDK's `EvaluateExpression`.
//!
//! A handler is the text of a CommonJS module without imports. It runs in an interpreter in this process, QuickJS, that
//! has the language and nothing else: no files, network, processes, modules or timers. Each event gets an interpreter of
//! its own on a thread of its own, so nothing is left of one evaluation for another, and the threads of the caller wait
//! for none.

mod engine;

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use crate::lambda::default_concurrency;

/// The handler of expressions, unless a function brings its own: the one that constructs deploy.
pub(crate) const HANDLER: &str =
    include_str!("../../../constructs/assets/evaluate-expression/index.js");

/// The longest text of a handler, in bytes.
const MAX_CODE: u64 = 256 * 1024;
/// The longest time of an evaluation, whatever the function's timeout.
pub(crate) const MAX_TIME: Duration = Duration::from_secs(10);
/// The most memory of an evaluation in bytes, whatever the function's memory size.
const MAX_MEMORY: usize = 512 * 1024 * 1024;
/// How deep calls may go, in bytes of the interpreter's stack: what Node.js has, too.
const MAX_STACK: usize = 984 * 1024;
/// The stack of a thread: what lies below the interpreter's has room.
const THREAD_STACK: usize = 4 * 1024 * 1024;
/// The most that an evaluation writes to its log, in bytes.
const MAX_LOG: usize = 256 * 1024;
/// How long an evaluation that was told to end may take to do so before nobody waits for it any more: a single step of
/// the interpreter cannot be interrupted, as a search for one long text in another.
const GRACE: Duration = Duration::from_millis(500);
/// How long an evaluation waits for its turn: longer than the others take, unless they cannot be ended.
const PATIENCE: Duration = Duration::from_secs(60);

/// The turns: as many evaluations as the processors can do with, also of those that cannot be ended.
static TURNS: LazyLock<Arc<Semaphore>> =
    LazyLock::new(|| Arc::new(Semaphore::new(default_concurrency())));

/// One event for a handler.
pub(crate) struct Evaluation {
    /// The module's text.
    pub(crate) code: String,
    /// `FILE.NAME`: what the module exports the handler as.
    pub(crate) handler: String,
    /// The event, as JSON.
    pub(crate) event: Bytes,
    /// At most [`MAX_TIME`].
    pub(crate) time: Duration,
    /// In megabytes.
    pub(crate) memory: u32,
}

/// How an evaluation ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// With the result, as JSON.
    Answer(String),
    /// With an error, described as Lambda's runtime of Node.js does.
    Failed(String),
    /// Its time was over.
    TimedOut,
    /// It wanted more memory than it may have.
    OutOfMemory,
    /// The interpreter broke down.
    Exited,
}

/// Ends what it belongs to when it is dropped.
struct End(Arc<AtomicBool>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Evaluates. Dropping the future ends the evaluation. Lines of the log go to `log`.
pub(crate) async fn evaluate(
    evaluation: Evaluation,
    log: impl Fn(String) + Send + 'static,
) -> io::Result<Outcome> {
    let turn = timeout(PATIENCE, Arc::clone(&TURNS).acquire_owned()).await;
    let Ok(Ok(turn)) = turn else {
        return Err(io::Error::other(
            "no other evaluation has ended for a minute",
        ));
    };
    let ended = Arc::new(AtomicBool::new(false));
    let end = End(Arc::clone(&ended));
    let time = evaluation.time.min(MAX_TIME);
    let deadline = Instant::now() + time;
    let (sender, outcome) = oneshot::channel();
    thread::Builder::new()
        .name("evaluation".to_owned())
        .stack_size(THREAD_STACK)
        .spawn(move || {
            let is_over = move || ended.load(Ordering::Relaxed) || Instant::now() >= deadline;
            // Nobody listens any more if the evaluation was given up.
            let _ = sender.send(engine::run(&evaluation, is_over, log));
            drop(turn);
        })?;
    let outcome = timeout(time + GRACE, outcome).await;
    drop(end);
    Ok(match outcome {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Outcome::Exited,
        Err(_) => Outcome::TimedOut,
    })
}

/// The text of a handler's file.
pub(crate) async fn read(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    let file = File::open(file).await?;
    file.take(MAX_CODE + 1).read_to_string(&mut text).await?;
    if text.len() as u64 > MAX_CODE {
        return Err(io::Error::other(format!(
            "it has more than {MAX_CODE} bytes"
        )));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_evaluation_ends_when_nobody_waits_for_it() {
        let evaluation = Evaluation {
            code: HANDLER.to_owned(),
            handler: "index.handler".to_owned(),
            event: r#"{"expression": "console.log('begun'); for (;;);"}"#.into(),
            time: MAX_TIME,
            memory: 128,
        };
        // The log belongs to the thread and goes with it.
        let (lines, mut written) = tokio::sync::mpsc::unbounded_channel();
        let evaluating = evaluate(evaluation, move |line| lines.send(line).unwrap());
        let begun = async { while written.recv().await.is_some_and(|line| line != "begun") {} };
        tokio::select! {
            ended = evaluating => panic!("{ended:?}"),
            () = begun => {}
        }
        assert_eq!(written.recv().await, None);
    }
}
