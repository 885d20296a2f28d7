//! A task's call and what comes of it.

use std::sync::Arc;

use serde_json::{Map, Value};
use stepmill_asl::model::{IntegrationPattern, Resource};
use thiserror::Error;
use uuid::Uuid;

use crate::mock::TestCase;

/// What a Task state asks for.
#[derive(Debug, Clone)]
pub struct Call {
    /// The execution.
    pub execution_arn: String,
    /// The state machine's name.
    pub state_machine: String,
    /// The state machine.
    pub state_machine_arn: String,
    /// The state machine's role.
    pub execution_role_arn: String,
    /// The state's name.
    pub state: String,
    /// The event that scheduled the task: with the execution, the stable name of this call. The
    /// same call after a crash has the same name.
    pub task: u64,
    /// Retries of the state before this attempt.
    pub attempt: u32,
    /// What to call.
    pub resource: Resource,
    /// Its input or parameters, as JSON text.
    pub input: String,
    /// `Credentials.RoleArn`: the role that the call is made as.
    pub role_arn: Option<String>,
    /// The task token, of a task that waits for one.
    pub token: Option<String>,
    /// The service's response as JSON text, of a job that was taken before the process that waited
    /// for its end was gone: to be waited for again, not to be started again.
    pub submitted: Option<String>,
    /// Whether the call was made before by a process that is gone, and nobody knows with what outcome.
    pub repeated: bool,
    /// Mocked answers, which go before everything else.
    pub mocks: Option<Arc<TestCase>>,
}

impl Call {
    /// The execution's region.
    pub(crate) fn region(&self) -> &str {
        self.execution_arn.split(':').nth(3).unwrap_or_default()
    }

    /// The execution's account.
    pub(crate) fn account(&self) -> &str {
        self.execution_arn.split(':').nth(4).unwrap_or_default()
    }

    /// Whether it starts something that goes on outside, and is ended when the task no longer waits for
    /// it ([`Integrations::stop`](crate::Integrations::stop)).
    pub fn is_job(&self) -> bool {
        let Resource::Service(service) = &self.resource else {
            return false;
        };
        let waits = matches!(
            service.pattern,
            IntegrationPattern::RunJob | IntegrationPattern::RunJobJson
        );
        let mocked = self
            .mocks
            .as_ref()
            .is_some_and(|mocks| mocks.has(&self.state));
        waits && !mocked
    }

    /// A name that the same call always gives, and no other.
    pub(crate) fn stable_name(&self) -> String {
        let task = format!("{} {}", self.execution_arn, self.task);
        Uuid::new_v5(&Uuid::NAMESPACE_OID, task.as_bytes()).to_string()
    }

    /// The parameters; the outcome of a call without any, if they are no object.
    pub(crate) fn parameters(&self) -> Result<Map<String, Value>, Outcome> {
        match serde_json::from_str(&self.input) {
            Ok(Value::Object(fields)) => Ok(fields),
            _ => Err(self.unusable("The parameters must be a JSON object")),
        }
    }

    /// What comes of a call whose parameters cannot be used, in AWS's words (observed).
    pub(crate) fn unusable(&self, reason: &str) -> Outcome {
        Outcome::Impossible(format!(
            "The Parameters '{}' could not be used to start the Task: [{reason}]",
            self.input
        ))
    }
}

/// Why what a task has started could not be ended.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct StopError {
    /// What has happened.
    pub message: String,
    /// Whether another attempt may succeed.
    pub may_pass: bool,
}

impl StopError {
    /// One that another attempt would meet again.
    pub(crate) fn lasting(message: String) -> Self {
        Self {
            message,
            may_pass: false,
        }
    }
}

/// Something that happens before a call's outcome.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// The service took the job or the message: its response.
    Submitted(serde_json::Value),
}

/// What comes of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The result, as JSON text.
    Succeeded(String),
    /// The call was taken, and the task's token will end the task: the response, as JSON text.
    Submitted(String),
    /// An error that `Retry` and `Catch` may handle.
    Failed {
        /// Its name.
        error: Option<String>,
        /// What happened.
        cause: Option<String>,
    },
    /// `States.Runtime`: the call could not be made at all, and nothing catches that.
    Impossible(String),
}

impl Outcome {
    /// A failure with a name and a cause.
    pub fn failed(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self::Failed {
            error: Some(error.into()),
            cause: Some(cause.into()),
        }
    }
}
