//! A function's output, line by line, under the invocation that wrote it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A longer line is handed on in parts of this many bytes (CloudWatch Logs' largest event).
const MAX_LINE: usize = 256 * 1024;
/// The most of a log that an answer has (Lambda API reference, Invoke: `LogType`).
const MAX_TAIL: usize = 4096;
/// A process that floods its output must not hold up its answer.
const MARK_LIMIT: Duration = Duration::from_millis(200);

/// Receives every line. It is called from the tasks that read the output, so it should be quick.
pub type LogSink = Arc<dyn Fn(LogLine) + Send + Sync>;

/// One line, without its line feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The function's name.
    pub function: Arc<str>,
    /// The invocation that was running, or that the process was started for.
    pub request_id: Option<Arc<str>>,
    /// Where the line came from.
    pub source: LogSource,
    /// The text; bytes that are not UTF-8 are replaced.
    pub text: String,
}

/// Where a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// The process's standard output.
    Stdout,
    /// The process's standard error.
    Stderr,
    /// A note of the host, for example that another version of a language is installed.
    Host,
}

/// Where lines of one function go.
#[derive(Clone)]
pub(super) struct Log {
    pub(super) function: Arc<str>,
    pub(super) sink: Option<LogSink>,
    pub(super) tails: Arc<Tails>,
}

impl Log {
    pub(super) fn line(&self, source: LogSource, request_id: Option<Arc<str>>, text: String) {
        if let Some(id) = &request_id {
            self.tails.push(id, &text);
        }
        if let Some(sink) = &self.sink {
            sink(LogLine {
                function: Arc::clone(&self.function),
                request_id,
                source,
                text,
            });
        }
    }
}

/// The ends of the logs that callers wait for, by invocation.
#[derive(Default)]
pub(super) struct Tails {
    texts: Mutex<HashMap<Arc<str>, String>>,
}

impl Tails {
    /// Starts to collect an invocation's log.
    pub(super) fn follow(self: &Arc<Self>, id: &Arc<str>) -> Tail {
        self.texts().insert(Arc::clone(id), String::new());
        Tail {
            tails: Arc::clone(self),
            id: Arc::clone(id),
        }
    }

    fn push(&self, id: &Arc<str>, line: &str) {
        if let Some(text) = self.texts().get_mut(id) {
            text.push_str(line);
            text.push('\n');
            let mut surplus = text.len().saturating_sub(MAX_TAIL);
            while !text.is_char_boundary(surplus) {
                surplus += 1;
            }
            text.drain(..surplus);
        }
    }

    fn texts(&self) -> MutexGuard<'_, HashMap<Arc<str>, String>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end of one invocation's log. Dropping it ends the collection.
pub(super) struct Tail {
    tails: Arc<Tails>,
    id: Arc<str>,
}

impl Tail {
    /// Adds a line of Lambda's own.
    pub(super) fn push(&self, line: &str) {
        self.tails.push(&self.id, line);
    }

    /// What was collected.
    pub(super) fn text(&self) -> String {
        self.tails
            .texts()
            .get(&self.id)
            .cloned()
            .unwrap_or_default()
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.tails.texts().remove(&self.id);
    }
}

/// Tells the readers of a process's output which invocation it belongs to.
pub(super) struct Tap {
    marks: Vec<mpsc::Sender<Mark>>,
}

struct Mark {
    request_id: Option<Arc<str>>,
    seen: oneshot::Sender<()>,
}

impl Tap {
    pub(super) fn new() -> Self {
        Self { marks: Vec::new() }
    }

    /// Starts to read a stream; lines belong to `request_id` until the next mark.
    pub(super) fn read(
        &mut self,
        stream: impl AsyncRead + Unpin + Send + 'static,
        source: LogSource,
        log: Log,
        request_id: Option<Arc<str>>,
    ) -> JoinHandle<()> {
        let (sender, marks) = mpsc::channel(1);
        self.marks.push(sender);
        tokio::spawn(pump(
            stream,
            marks,
            Lines {
                buffer: Vec::new(),
                source,
                log,
                request_id,
            },
        ))
    }

    /// What is written from now on belongs to `request_id`; what was written before has been
    /// handed to the sink when this returns.
    pub(super) async fn mark(&self, request_id: Option<&Arc<str>>) {
        for marks in &self.marks {
            let (seen, wait) = oneshot::channel();
            let mark = Mark {
                request_id: request_id.cloned(),
                seen,
            };
            let marked = async {
                // A stream that has ended has nothing left to hand on.
                if marks.send(mark).await.is_ok() {
                    wait.await.ok();
                }
            };
            timeout(MARK_LIMIT, marked).await.ok();
        }
    }
}

async fn pump(
    mut stream: impl AsyncRead + Unpin,
    mut marks: mpsc::Receiver<Mark>,
    mut lines: Lines,
) {
    let mut chunk = vec![0; 8 * 1024];
    loop {
        tokio::select! {
            // Output comes first: it was written before the runtime asked for more work.
            biased;
            read = stream.read(&mut chunk) => match read {
                Ok(0) | Err(_) => break,
                Ok(length) => lines.push(&chunk[..length]),
            },
            Some(mark) = marks.recv() => {
                lines.flush();
                lines.request_id = mark.request_id;
                mark.seen.send(()).ok();
            }
        }
    }
    lines.flush();
}

struct Lines {
    buffer: Vec<u8>,
    source: LogSource,
    log: Log,
    request_id: Option<Arc<str>>,
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            let ended = part.ends_with(b"\n");
            self.buffer
                .extend_from_slice(part.strip_suffix(b"\n").unwrap_or(part));
            if ended {
                self.emit();
            } else if self.buffer.len() >= MAX_LINE {
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        if !self.buffer.is_empty() {
            self.emit();
        }
    }

    fn emit(&mut self) {
        let bytes = self.buffer.strip_suffix(b"\r").unwrap_or(&self.buffer);
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.buffer.clear();
        self.log.line(self.source, self.request_id.clone(), text);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn chunks_become_lines() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink: LogSink = {
            let seen = Arc::clone(&seen);
            Arc::new(move |line: LogLine| seen.lock().unwrap().push(line.text))
        };
        let log = Log {
            function: "f".into(),
            sink: Some(sink),
            tails: Arc::default(),
        };
        let mut lines = Lines {
            buffer: Vec::new(),
            source: LogSource::Stdout,
            log,
            request_id: None,
        };
        lines.push(b"a\nb");
        lines.push(b"c\r\n\nd");
        lines.flush();
        lines.flush();
        lines.push(&vec![b'x'; MAX_LINE]);
        lines.push(b"\xff\n");
        let seen = seen.lock().unwrap();
        assert_eq!(seen[..4], ["a", "bc", "", "d"]);
        assert_eq!(seen[4].len(), MAX_LINE);
        assert_eq!(seen[5], "\u{fffd}");
    }

    #[test]
    fn a_tail_is_the_end_of_one_invocations_lines() {
        let log = Log {
            function: "f".into(),
            sink: None,
            tails: Arc::default(),
        };
        let (id, other): (Arc<str>, Arc<str>) = ("1".into(), "2".into());
        let tail = log.tails.follow(&id);
        tail.push("START");
        log.line(LogSource::Stdout, Some(Arc::clone(&id)), "mine".to_owned());
        log.line(LogSource::Stdout, Some(other), "not mine".to_owned());
        log.line(LogSource::Host, None, "nobody's".to_owned());
        assert_eq!(tail.text(), "START\nmine\n");
        log.line(
            LogSource::Stderr,
            Some(Arc::clone(&id)),
            "ä".repeat(MAX_TAIL),
        );
        assert!(tail.text().len() <= MAX_TAIL && tail.text().ends_with("ä\n"));
        drop(tail);
        assert!(log.tails.texts().is_empty());
    }
}
