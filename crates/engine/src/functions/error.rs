//! What Lambda's API answers instead of a result.

use std::fmt;

use stepmill_integrations::lambda::{HostError, InvokeError};
use stepmill_store::{CommitError, StoreError};
use thiserror::Error as ThisError;

/// AWS's code of an error: the name of its shape in the API's model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // AWS's names
pub enum FunctionErrorCode {
    AccessDeniedException,
    CodeStorageExceededException,
    InvalidParameterValueException,
    InvalidRequestContentException,
    PolicyLengthExceededException,
    PreconditionFailedException,
    RequestEntityTooLargeException,
    RequestTooLargeException,
    ResourceConflictException,
    ResourceNotFoundException,
    SerializationException,
    ServiceException,
    TooManyRequestsException,
    UnknownOperationException,
    ValidationException,
}

impl FunctionErrorCode {
    /// The HTTP status that goes with it (Lambda API model).
    pub fn status(self) -> u16 {
        match self {
            Self::AccessDeniedException => 403,
            Self::ResourceNotFoundException | Self::UnknownOperationException => 404,
            Self::ResourceConflictException => 409,
            Self::PreconditionFailedException => 412,
            Self::RequestEntityTooLargeException | Self::RequestTooLargeException => 413,
            Self::TooManyRequestsException => 429,
            Self::ServiceException => 500,
            Self::CodeStorageExceededException
            | Self::InvalidParameterValueException
            | Self::InvalidRequestContentException
            | Self::PolicyLengthExceededException
            | Self::SerializationException
            | Self::ValidationException => 400,
        }
    }
}

impl fmt::Display for FunctionErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// An error of the Lambda API, in AWS's words where AWS's are known.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("{message}")]
pub struct FunctionError {
    /// Its code.
    pub code: FunctionErrorCode,
    /// Its message.
    pub message: String,
}

impl FunctionError {
    /// An error with this code and message.
    pub fn new(code: FunctionErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// A parameter that is wrong beyond the API model's constraints.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(FunctionErrorCode::InvalidParameterValueException, message)
    }

    /// Something of that name does not exist.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(FunctionErrorCode::ResourceNotFoundException, message)
    }

    /// It exists already, or must not be changed.
    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(FunctionErrorCode::ResourceConflictException, message)
    }

    /// A value that breaks a constraint of the API's model.
    pub(super) fn constraint(value: &str, member: &str, rule: &str) -> Self {
        Self::new(
            FunctionErrorCode::ValidationException,
            format!(
                "1 validation error detected: Value '{value}' at '{member}' failed to satisfy \
                 constraint: {rule}"
            ),
        )
    }

    /// A request that asks for something that this service does not do.
    pub(super) fn unsupported(field: &str, why: &str) -> Self {
        Self::invalid(format!(
            "Stepmill's local Lambda does not support {field}: {why}."
        ))
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(FunctionErrorCode::ServiceException, message)
    }
}

impl From<StoreError> for FunctionError {
    fn from(error: StoreError) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<CommitError> for FunctionError {
    fn from(error: CommitError) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<HostError> for FunctionError {
    fn from(error: HostError) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<InvokeError> for FunctionError {
    fn from(error: InvokeError) -> Self {
        use FunctionErrorCode as Code;
        let code = match &error {
            InvokeError::ResourceNotFound { .. } => Code::ResourceNotFoundException,
            InvokeError::TooManyRequests { .. } => Code::TooManyRequestsException,
            InvokeError::RequestTooLarge { .. } => Code::RequestTooLargeException,
            InvokeError::InvalidRequestContent { .. } => Code::InvalidRequestContentException,
            InvokeError::InvalidParameterValue { .. } => Code::InvalidParameterValueException,
            InvokeError::Validation { .. } => Code::ValidationException,
            InvokeError::Service { .. } | InvokeError::Host(_) => Code::ServiceException,
        };
        Self::new(code, error.to_string())
    }
}

impl From<FunctionError> for InvokeError {
    fn from(error: FunctionError) -> Self {
        use FunctionErrorCode as Code;
        let message = error.message;
        match error.code {
            Code::RequestTooLargeException => Self::RequestTooLarge { message },
            Code::TooManyRequestsException => Self::TooManyRequests { message },
            _ => Self::Service { message },
        }
    }
}
