//! What happens after errors.

use super::errors::Errors;
use crate::core::{Duration, Problem};
use crate::value::{JsonPath, Name, Value};

const ALL: &str = Errors::ALL;

/// How often and when a state is tried again.
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
pub struct Retry {
    pub(crate) errors: Option<Vec<Name>>,
    pub(crate) interval: Option<Duration>,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) backoff_rate: Option<f64>,
    pub(crate) max_delay: Option<Duration>,
    pub(crate) jitter: Option<JitterType>,
}

/// Whether waits before retries are random.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JitterType {
    /// Each wait is random up to what it would be.
    Full,
    /// They are not.
    None,
}

impl JitterType {
    /// Its name in a definition.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::None => "NONE",
        }
    }
}

impl Retry {
    /// After any error.
    pub fn all() -> Self {
        Self::default()
    }

    /// After some errors, by their names.
    pub fn on<T: Into<Name>>(errors: impl IntoIterator<Item = T>) -> Self {
        Self {
            errors: Some(errors.into_iter().map(Into::into).collect()),
            ..Self::default()
        }
    }

    /// How long to wait before the first retry, in seconds; 1 second unless said.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }

    /// How many retries at most; 3 unless said, 0 for none.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts);
        self
    }

    /// By what the wait grows with each retry; 2 unless said.
    pub fn backoff_rate(mut self, rate: f64) -> Self {
        self.backoff_rate = Some(rate);
        self
    }

    /// The longest wait.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = Some(delay);
        self
    }

    /// Whether waits are random.
    pub fn jitter_strategy(mut self, jitter: JitterType) -> Self {
        self.jitter = Some(jitter);
        self
    }

    pub(super) fn check(&self) -> Result<(), Problem> {
        alone(self.errors.as_deref())
    }
}

/// After which errors a state goes on elsewhere, and with what.
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
pub struct Catch {
    pub(crate) errors: Option<Vec<Name>>,
    pub(crate) result_path: Option<JsonPath>,
    pub(crate) assign: Option<Value>,
    pub(crate) outputs: Option<Value>,
}

impl Catch {
    /// After any error.
    pub fn all() -> Self {
        Self::default()
    }

    /// After some errors, by their names.
    pub fn on<T: Into<Name>>(errors: impl IntoIterator<Item = T>) -> Self {
        Self {
            errors: Some(errors.into_iter().map(Into::into).collect()),
            ..Self::default()
        }
    }

    /// Where in the state's input the error is put; [`JsonPath::DISCARD`] to throw it away. JSONPath only.
    pub fn result_path(mut self, path: impl Into<JsonPath>) -> Self {
        self.result_path = Some(path.into());
        self
    }

    /// Variables to assign.
    pub fn assign(mut self, variables: impl Into<Value>) -> Self {
        self.assign = Some(variables.into());
        self
    }

    /// The output. JSONata only.
    pub fn outputs(mut self, outputs: impl Into<Value>) -> Self {
        self.outputs = Some(outputs.into());
        self
    }

    pub(super) fn check(&self) -> Result<(), Problem> {
        alone(self.errors.as_deref())
    }
}

fn alone(errors: Option<&[Name]>) -> Result<(), Problem> {
    let errors = errors.unwrap_or_default();
    match errors.len() > 1 && errors.iter().any(|error| error == ALL) {
        true => Err(Problem::property(
            "errors",
            format!("{ALL} must appear alone in an error list"),
        )),
        false => Ok(()),
    }
}

/// The errors as they stand in a definition.
pub(super) fn named(errors: Option<&[Name]>) -> Value {
    match errors {
        None => Value::from([ALL]),
        Some(errors) => Value::List(errors.iter().map(Value::from).collect()),
    }
}

/// Whether it is after any error: it must come last.
pub(super) fn catches_all(errors: Option<&[Name]>) -> bool {
    errors.is_none_or(|errors| errors.iter().any(|error| error == ALL))
}
