//! What is said to a running execution.

use std::sync::Arc;

use jiff::Timestamp;
use stepmill_interpreter::{EventId, Happened, Payload, Reason};
use tokio::sync::oneshot;

use crate::error::Error;

/// Answers a request once what it asked for is kept.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, Error>>;

/// What is said to a running execution.
pub(crate) enum Message {
    /// It starts with this input; the answer is its start date.
    Start {
        input: Payload,
        reply: Option<Reply<Timestamp>>,
    },
    /// Something happened to it.
    Happened(Happened),
    /// The call that a task makes has come to its end.
    CallEnded { task: EventId, happened: Happened },
    /// Somebody tells of a task by its token.
    Token {
        task: EventId,
        token: String,
        news: News,
        reply: Reply<()>,
    },
    /// A worker wants an activity's task; the answer is none if the task is gone.
    Take {
        task: EventId,
        worker: Option<Arc<str>>,
        reply: oneshot::Sender<Option<ActivityTask>>,
    },
    /// Somebody stops it; the answer is its stop date.
    Stop {
        reason: Reason,
        reply: Option<Reply<Timestamp>>,
    },
    /// Somebody redrives it; the answer is the redrive date.
    Redrive { reply: Reply<Timestamp> },
    /// The process ends: no new tasks, and the end as soon as no task runs.
    Close,
    /// The process ends now.
    Abandon,
}

/// What a task token brings.
#[derive(Debug, Clone)]
pub(crate) enum News {
    /// `SendTaskSuccess`
    Succeeded(Payload),
    /// `SendTaskFailure`
    Failed(Reason),
    /// `SendTaskHeartbeat`
    Heartbeat,
}

impl News {
    /// As what happened to `task`.
    pub(crate) fn happened(self, task: EventId) -> Happened {
        match self {
            Self::Succeeded(output) => Happened::TaskSucceeded { task, output },
            Self::Failed(reason) => Happened::TaskFailed { task, reason },
            Self::Heartbeat => Happened::TaskHeartbeat { task },
        }
    }
}

/// A task that a worker has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityTask {
    /// Its token.
    pub token: String,
    /// Its input, as JSON text.
    pub input: String,
}
