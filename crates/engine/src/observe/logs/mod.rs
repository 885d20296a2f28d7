//! Logs of executions, as Step Functions writes them to CloudWatch Logs.
//!
//! A state machine's `loggingConfiguration` says which events are logged, whether with their data,
//! and to which log group. Where log groups are, [`LogsConfig`] says:
//!
//! * `directory`: a file for each log group, `DIRECTORY/ACCOUNT/REGION/NAME.jsonl`. A line is what a
//!   log event's `message` is on AWS: a JSON object that names its execution and its time, so that
//!   `tail -f`, `grep` and `jq` do what CloudWatch Logs Insights does there. Characters of a log
//!   group's name other than letters, digits, `-`, `_` and `.` stand as `%` and two hexadecimal
//!   digits: `/aws/vendedlogs/states/orders` is `%2Faws%2Fvendedlogs%2Fstates%2Forders.jsonl`. The
//!   file is opened anew for each write, so it may be moved away or deleted at any time; it is not
//!   rotated.
//! * `stdout`: the same lines on standard output, those of all log groups.
//!
//! [`CloudWatchLogs`] writes to where the log groups' ARNs say. Other destinations implement [`LogDestination`].

mod cloudwatch;
mod destination;
mod event;
mod level;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use uuid::Uuid;

use crate::machines::LoggingLevel;
use crate::observe::queue::{Delivery, Queue};
use crate::observer::{ObservedTurn, Observer};

use destination::{Directory, StandardOutput};

pub use cloudwatch::{CloudWatchLogGroups, CloudWatchLogs};
pub use destination::LogDestination;
pub use event::{LogEvent, LogStream};

/// Log events that wait to be written, at most.
const QUEUED: usize = 100_000;

/// The section `[logs]`: where log groups are. Nowhere, if neither is set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogsConfig {
    /// A directory with a file for each log group; it is made if it does not exist.
    pub directory: Option<PathBuf>,
    /// Whether log events go to standard output.
    pub stdout: bool,
    /// Bytes of log events that may wait to be written, in MiB; what comes beyond that is lost.
    pub queue_mib: usize,
}

impl Default for LogsConfig {
    fn default() -> Self {
        Self {
            directory: None,
            stdout: false,
            queue_mib: 64,
        }
    }
}

/// Logs executions.
pub struct Logs {
    queue: Arc<Queue<LogEvent>>,
    /// What the names of this process's log streams end in.
    stream: String,
}

impl Logs {
    /// Logs to where `config` says and to `others`; `None` if that is nowhere.
    pub fn open(
        config: &LogsConfig,
        others: Vec<Box<dyn LogDestination>>,
    ) -> io::Result<Option<(Arc<Self>, Delivery)>> {
        let mut destinations = others;
        if let Some(directory) = &config.directory {
            destinations.push(Box::new(Directory::new(directory)?));
        }
        if config.stdout {
            destinations.push(Box::new(StandardOutput));
        }
        if destinations.is_empty() {
            return Ok(None);
        }
        let queue = Arc::new(Queue::new(QUEUED, config.queue_mib.saturating_mul(1 << 20)));
        let delivery = queue.clone().deliver("log events", {
            let queue = queue.clone();
            move |events| {
                for destination in &mut destinations {
                    if let Err(error) = destination.deliver(&events) {
                        tracing::warn!(%error, "log events could not be written");
                        queue.lose(events.len());
                    }
                }
            }
        })?;
        let begun = jiff::Timestamp::now().strftime("%Y-%m-%d-%H-%M");
        let logs = Self {
            queue,
            stream: format!("{begun}/{:08x}", Uuid::new_v4().as_fields().0),
        };
        Ok(Some((Arc::new(logs), delivery)))
    }
}

impl Observer for Logs {
    fn turn(&self, turn: &ObservedTurn<'_>) {
        let logging = &turn.revision.logging;
        let Some(group) = &logging.log_group_arn else {
            return;
        };
        if logging.level == LoggingLevel::Off {
            return;
        }
        let machine = &turn.revision.definition;
        let mut stream = None;
        for (record, redrives) in turn.records_with_redrives() {
            if !level::is_logged(logging.level, machine, &record.fact) {
                continue;
            }
            let Some(message) = event::message(turn, record, redrives) else {
                continue;
            };
            let stream = stream.get_or_insert_with(|| {
                Arc::new(LogStream::new(group, &turn.revision.name, &self.stream))
            });
            let bytes = message.len() + size_of::<LogEvent>();
            let event = LogEvent {
                stream: stream.clone(),
                timestamp: record.time.as_millisecond(),
                message,
            };
            self.queue.offer(event, bytes);
        }
    }
}
