//! Errors of the host and of an invocation.

use std::io;
use std::path::PathBuf;

use super::function::Runtime;

/// Why a function cannot be declared or its process cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// A value of the declaration is not allowed.
    #[error("function '{function}': {field}: {problem}")]
    InvalidFunction {
        /// The function's name.
        function: String,
        /// The field of [`Function`](super::Function).
        field: &'static str,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// Two functions have one name.
    #[error("function '{function}' is declared twice")]
    DuplicateFunction {
        /// The name.
        function: String,
    },
    /// The code directory is missing or unreadable.
    #[error("function '{function}': the code directory {} cannot be read: {source}", path.display())]
    CodeMissing {
        /// The function's name.
        function: String,
        /// The directory as declared.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The program that runs the function's language is not installed.
    #[error(
        "function '{function}' needs {needs} for its runtime {runtime}, and PATH has none that runs"
    )]
    MissingRuntime {
        /// The function's name.
        function: String,
        /// The declared runtime.
        runtime: Runtime,
        /// The program looked for.
        needs: &'static str,
    },
    /// A custom runtime's executable is missing or not executable.
    #[error("function '{function}': {} is not an executable file", path.display())]
    NotExecutable {
        /// The function's name.
        function: String,
        /// Where the executable should be.
        path: PathBuf,
    },
    /// The operating system refused what the host needs.
    #[error("function '{function}': cannot {action}: {source}")]
    Start {
        /// The function's name.
        function: String,
        /// What was tried.
        action: String,
        /// Why it failed.
        source: io::Error,
    },
    /// The directory of the bootstraps cannot be written.
    #[error("cannot write the function bootstraps to a temporary directory: {0}")]
    Bootstraps(#[source] io::Error),
    /// The host was shut down.
    #[error("the local Lambda host was shut down")]
    ShutDown,
}

impl HostError {
    /// What to do about it, where the message alone does not say.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::CodeMissing { .. } => {
                "`code` is a directory, relative to the project file".to_owned()
            }
            Self::MissingRuntime { needs, .. } => match *needs {
                "python3" => "install Python 3 (https://www.python.org/downloads/) or your \
                              system's python3 package, and make sure `python3 --version` works"
                    .to_owned(),
                _ => "install Node.js (https://nodejs.org/en/download) and make sure \
                      `node --version` works"
                    .to_owned(),
            },
            Self::NotExecutable { path, .. } => format!(
                "build the runtime to that path, or name another file in `handler`; if it is \
                 there: chmod +x {}",
                path.display()
            ),
            Self::DuplicateFunction { .. } => "give each function its own name".to_owned(),
            Self::InvalidFunction { .. }
            | Self::Start { .. }
            | Self::Bootstraps(_)
            | Self::ShutDown => return None,
        })
    }
}

/// Why an invocation was refused before any handler ran, by the names of the Lambda API's `Invoke`.
///
/// A handler that fails is not an error here: see
/// [`InvokeResult::function_error`](super::InvokeResult::function_error).
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// There is no such function or version.
    #[error("{message}")]
    ResourceNotFound {
        /// AWS's text.
        message: String,
    },
    /// All processes are busy and the host was told to refuse rather than queue.
    #[error("{message}")]
    TooManyRequests {
        /// AWS's text.
        message: String,
    },
    /// The payload is over 6 MB.
    #[error("{message}")]
    RequestTooLarge {
        /// AWS's text.
        message: String,
    },
    /// The payload is not JSON.
    #[error("{message}")]
    InvalidRequestContent {
        /// AWS's text and what the parser found.
        message: String,
    },
    /// A parameter contradicts another or its format.
    #[error("{message}")]
    InvalidParameterValue {
        /// AWS's text.
        message: String,
    },
    /// The function's name is malformed.
    #[error("{message}")]
    Validation {
        /// AWS's text.
        message: String,
    },
    /// An event could not be kept.
    #[error("{message}")]
    Service {
        /// Why.
        message: String,
    },
    /// No process could be started.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl InvokeError {
    /// The error code that the Lambda API would give.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ResourceNotFound { .. } => "ResourceNotFoundException",
            Self::TooManyRequests { .. } => "TooManyRequestsException",
            Self::RequestTooLarge { .. } => "RequestTooLargeException",
            Self::InvalidRequestContent { .. } => "InvalidRequestContentException",
            Self::InvalidParameterValue { .. } => "InvalidParameterValueException",
            Self::Validation { .. } => "ValidationException",
            Self::Service { .. } | Self::Host(_) => "ServiceException",
        }
    }

    /// The HTTP status that the Lambda API would give.
    pub fn status(&self) -> u16 {
        match self {
            Self::ResourceNotFound { .. } => 404,
            Self::TooManyRequests { .. } => 429,
            Self::RequestTooLarge { .. } => 413,
            Self::InvalidRequestContent { .. }
            | Self::InvalidParameterValue { .. }
            | Self::Validation { .. } => 400,
            Self::Service { .. } | Self::Host(_) => 500,
        }
    }
}
