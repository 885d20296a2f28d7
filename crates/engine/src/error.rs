//! What the API answers instead of a result.

use thiserror::Error as ThisError;

/// AWS's code of an error: the name of its shape in the API's model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // AWS's names; `Error` says what each is about
pub enum Code {
    ActivityAlreadyExists,
    ActivityDoesNotExist,
    ActivityLimitExceeded,
    ActivityWorkerLimitExceeded,
    ConflictException,
    ExecutionAlreadyExists,
    ExecutionDoesNotExist,
    ExecutionLimitExceeded,
    ExecutionNotRedrivable,
    InternalFailure,
    InvalidArn,
    InvalidDefinition,
    InvalidEncryptionConfiguration,
    InvalidExecutionInput,
    InvalidLoggingConfiguration,
    InvalidName,
    InvalidOutput,
    InvalidToken,
    InvalidTracingConfiguration,
    MissingRequiredParameter,
    ResourceNotFound,
    ServiceQuotaExceededException,
    ServiceUnavailable,
    StateMachineAlreadyExists,
    StateMachineDeleting,
    StateMachineDoesNotExist,
    StateMachineLimitExceeded,
    StateMachineTypeNotSupported,
    TaskDoesNotExist,
    TaskTimedOut,
    TooManyTags,
    ValidationException,
}

/// An error of the Step Functions API, in AWS's words where AWS's are known.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("{message}")]
pub struct Error {
    /// Its code.
    pub code: Code,
    /// Its message.
    pub message: String,
    /// A further member of the error's shape: its name and value, such as `reason`.
    pub member: Option<(&'static str, String)>,
}

impl Error {
    /// An error with this code and message.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            member: None,
        }
    }

    /// With a further member.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.member = Some((name, value.into()));
        self
    }

    /// A parameter that breaks a rule beyond the API model's constraints.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(Code::ValidationException, message)
    }

    /// An ARN that cannot be what it should be; `detail` as in `Invalid ARN prefix: x`.
    pub fn invalid_arn(detail: &str) -> Self {
        Self::new(Code::InvalidArn, format!("Invalid Arn: '{detail}'"))
    }

    /// No such state machine, version or alias.
    pub fn no_state_machine(arn: &str) -> Self {
        Self::new(
            Code::StateMachineDoesNotExist,
            format!("State Machine Does Not Exist: '{arn}'"),
        )
    }

    /// No such execution.
    pub fn no_execution(arn: &str) -> Self {
        Self::new(
            Code::ExecutionDoesNotExist,
            format!("Execution Does Not Exist: '{arn}'"),
        )
    }

    /// No such activity.
    pub fn no_activity(arn: &str) -> Self {
        Self::new(
            Code::ActivityDoesNotExist,
            format!("Activity Does Not Exist: '{arn}'"),
        )
    }

    /// A page token or task token that this service never gave.
    pub fn invalid_token() -> Self {
        Self::new(Code::InvalidToken, "Invalid Token: 'Invalid token'")
    }

    /// Something is wrong inside: the log says what, the caller cannot help it.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Code::InternalFailure, message)
    }
}
