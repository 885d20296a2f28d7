//! Why a text is no call, and why a call gives no value.

use thiserror::Error;

use crate::jsonpath::{NotFound, quote};

/// A text that is not a call of an intrinsic function.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("invalid intrinsic function '{text}': {reason} at character {position}")]
pub struct IntrinsicError {
    text: String,
    position: usize,
    reason: String,
}

impl IntrinsicError {
    pub(super) fn new(text: &str, position: usize, reason: impl Into<String>) -> Self {
        Self {
            text: quote(text),
            position,
            reason: reason.into(),
        }
    }

    /// The text, shortened where it is very long.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the text goes wrong, in characters, counted from 1.
    pub fn position(&self) -> usize {
        self.position
    }

    /// What is wrong there.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// A call that gives no value. On AWS this fails the execution with `States.Runtime`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("The function '{expression}' had the following error: {reason}")]
pub struct IntrinsicFailure {
    /// The whole expression as it was written, also if a call inside it failed.
    pub expression: String,
    /// What went wrong.
    pub reason: FailureReason,
}

/// What went wrong in a call.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FailureReason {
    /// A path among the arguments leads nowhere. The text is AWS's (observed).
    #[error(
        "The JsonPath argument for the field '{path}' could not be found in the input '{input}'"
    )]
    PathNotFound {
        /// The path as written.
        path: String,
        /// What `$` stands for, as compact JSON.
        input: String,
    },
    /// A path among the arguments selects more than the limits allow.
    #[error("{0}")]
    PathLimit(NotFound),
    /// An argument has the wrong type or value.
    #[error("{function}: {problem}")]
    Argument {
        /// The function's name, as `States.Format`.
        function: &'static str,
        /// What the arguments should be, and are not.
        problem: String,
    },
    /// A backslash in a text stands before a character that it cannot escape.
    #[error("The text '{text}' has an open escape: only ' {{ }} and \\ can follow a backslash")]
    OpenEscape {
        /// The text as written.
        text: String,
    },
    /// The arguments and results are larger than the limit allows.
    #[error("The arguments and results exceed the limit of 32 MiB")]
    TooMuch,
}
