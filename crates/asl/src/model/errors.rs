//! `Retry` and `Catch`.

use crate::model::{ResultPath, StateId};
use crate::template::Template;

/// The retriers and catchers of a Task, Parallel or Map state, in the order written.
#[derive(Debug, Clone, Default)]
pub struct ErrorHandling {
    /// `Retry`.
    pub retry: Vec<Retrier>,
    /// `Catch`.
    pub catch: Vec<Catcher>,
}

/// An entry of `ErrorEquals`: an error's name or one of the wildcards.
pub type ErrorName = String;

/// One retrier.
#[derive(Debug, Clone)]
pub struct Retrier {
    /// `ErrorEquals`.
    pub error_equals: Vec<ErrorName>,
    /// `IntervalSeconds` before the first retry; default 1.
    pub interval_seconds: Option<u64>,
    /// `MaxAttempts`: retries, not counting the first attempt; default 3.
    pub max_attempts: Option<u64>,
    /// `BackoffRate`: what the interval is multiplied by at each retry; default 2.0.
    pub backoff_rate: Option<f64>,
    /// `MaxDelaySeconds`: the interval's upper bound.
    pub max_delay_seconds: Option<u64>,
    /// `JitterStrategy`.
    pub jitter: Option<Jitter>,
    /// `Comment`.
    pub comment: Option<String>,
}

/// `JitterStrategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// The delay is drawn evenly between zero and the interval.
    Full,
    /// The delay is the interval.
    None,
}

/// One catcher.
#[derive(Debug, Clone)]
pub struct Catcher {
    /// `ErrorEquals`.
    pub error_equals: Vec<ErrorName>,
    /// `Next`.
    pub next: StateId,
    /// `ResultPath` of the error output (JSONPath).
    pub result_path: ResultPath,
    /// `Output` (JSONata).
    pub output: Option<Template>,
    /// `Assign`.
    pub assign: Option<Template>,
    /// `Comment`.
    pub comment: Option<String>,
}
