//! Why a state cannot go on.

use std::sync::Arc;

use crate::record::Reason;

/// `States.Runtime`
pub(crate) const RUNTIME: &str = "States.Runtime";
/// `States.QueryEvaluationError`
pub(crate) const QUERY_EVALUATION: &str = "States.QueryEvaluationError";
/// `States.Timeout`
pub(crate) const TIMEOUT: &str = "States.Timeout";
/// `States.HeartbeatTimeout`
pub(crate) const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
/// `States.DataLimitExceeded`
pub(crate) const DATA_LIMIT_EXCEEDED: &str = "States.DataLimitExceeded";
/// `States.ExceedToleratedFailureThreshold`
pub(crate) const EXCEED_TOLERATED_FAILURE_THRESHOLD: &str =
    "States.ExceedToleratedFailureThreshold";
/// `States.TaskFailed`
pub(crate) const TASK_FAILED: &str = "States.TaskFailed";
/// `States.ALL`
pub(crate) const ALL: &str = "States.ALL";

/// Why a state cannot go on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failure {
    /// `States.Runtime`: ends the execution at once, whatever `Catch` says. The text lacks the
    /// prefix that names the state.
    Runtime(String),
    /// A JSONata expression failed, or gave what its field cannot take: `EvaluationFailed`, then
    /// the error `States.QueryEvaluationError`.
    Evaluation(Evaluation),
    /// An error that `Retry` and `Catch` may handle.
    Raised(Raised),
}

/// A failed evaluation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Evaluation {
    /// What happened, without the prefix that names the state.
    pub(crate) detail: String,
    /// The field, such as `Output/total`.
    pub(crate) location: Option<String>,
    /// The event points at the state's Entered event rather than at the one before it; observed
    /// on AWS for a Wait state's unparsable `Timestamp`.
    pub(crate) after_entered: bool,
}

/// An error by name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Raised {
    /// Its name and cause.
    pub(crate) reason: Reason,
    /// How it came about, as far as `ErrorEquals` cares.
    pub(crate) origin: Origin,
}

/// How an error came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A time limit was reached.
    Timeout,
    /// A heartbeat was missed.
    Heartbeat,
    /// Anything else.
    Other,
}

impl Raised {
    /// An error with a name and a cause.
    pub(crate) fn new(error: &str, cause: impl Into<Arc<str>>) -> Self {
        Self {
            reason: Reason {
                error: Some(error.into()),
                cause: Some(cause.into()),
            },
            origin: Origin::Other,
        }
    }

    /// Whether an entry of `ErrorEquals` names it.
    ///
    /// `States.TaskFailed` names any error but `States.Timeout`; `States.ALL` names every error
    /// (also `States.DataLimitExceeded`: observed on AWS). Source: Step Functions Developer Guide,
    /// "Handling errors".
    pub(crate) fn is_named_by(&self, entry: &str) -> bool {
        let error = self.reason.error.as_deref();
        if error == Some(entry) || entry == ALL {
            return true;
        }
        match entry {
            TASK_FAILED => error != Some(TIMEOUT),
            HEARTBEAT_TIMEOUT => self.origin == Origin::Heartbeat,
            _ => false,
        }
    }
}

impl From<Reason> for Raised {
    fn from(reason: Reason) -> Self {
        Self {
            reason,
            origin: Origin::Other,
        }
    }
}

impl From<Raised> for Failure {
    fn from(raised: Raised) -> Self {
        Self::Raised(raised)
    }
}
