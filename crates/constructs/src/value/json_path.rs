//! Values that the workflow takes from its own data at run time.

use std::fmt;

use super::{Name, Value};

/// A JSONPath or intrinsic function that is evaluated when the workflow runs: `$.order.id`,
/// `$$.Task.Token`, `States.UUID()`.
///
/// Where a member of a payload template is one, its name gets the suffix `.$`. A path that is not well
/// formed is reported when the state that uses it is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JsonPath(Name);

impl JsonPath {
    /// As a result path: the result is thrown away, the input is passed on.
    pub const DISCARD: Self = Self(Name::inline("DISCARD"));

    /// An expression as it stands in the definition.
    pub(crate) fn of(expression: impl Into<Name>) -> Self {
        Self(expression.into())
    }

    /// A text at a path: `$.order.id`, or with `$$.` in the context object.
    pub fn string_at(path: &str) -> Self {
        Self::of(path)
    }

    /// A number at a path.
    pub fn number_at(path: &str) -> Self {
        Self::string_at(path)
    }

    /// An array at a path.
    pub fn list_at(path: &str) -> Self {
        Self::string_at(path)
    }

    /// An object at a path.
    pub fn object_at(path: &str) -> Self {
        Self::string_at(path)
    }

    /// The whole input of the state.
    pub fn entire_payload() -> Self {
        Self::of("$")
    }

    /// The whole context object.
    pub fn entire_context() -> Self {
        Self::of("$$")
    }

    /// The task token, for tasks that wait for it to come back.
    pub fn task_token() -> Self {
        Self::of("$$.Task.Token")
    }

    /// The ARN of the execution.
    pub fn execution_id() -> Self {
        Self::of("$$.Execution.Id")
    }

    /// The input of the execution.
    pub fn execution_input() -> Self {
        Self::of("$$.Execution.Input")
    }

    /// The name of the execution.
    pub fn execution_name() -> Self {
        Self::of("$$.Execution.Name")
    }

    /// The ARN of the role with which the execution runs.
    pub fn execution_role_arn() -> Self {
        Self::of("$$.Execution.RoleArn")
    }

    /// When the execution started, as an ISO 8601 timestamp.
    pub fn execution_start_time() -> Self {
        Self::of("$$.Execution.StartTime")
    }

    /// When the state was entered, as an ISO 8601 timestamp.
    pub fn state_entered_time() -> Self {
        Self::of("$$.State.EnteredTime")
    }

    /// The name of the state.
    pub fn state_name() -> Self {
        Self::of("$$.State.Name")
    }

    /// How often the state has been tried again.
    pub fn state_retry_count() -> Self {
        Self::of("$$.State.RetryCount")
    }

    /// The ARN of the state machine.
    pub fn state_machine_id() -> Self {
        Self::of("$$.StateMachine.Id")
    }

    /// The name of the state machine.
    pub fn state_machine_name() -> Self {
        Self::of("$$.StateMachine.Name")
    }

    /// Whether a value is a path or function call as a whole.
    pub fn is_encoded_json_path(value: &Value) -> bool {
        value.as_path().is_some()
    }

    /// The path or function call, to be shared.
    pub(super) fn name(&self) -> &Name {
        &self.0
    }

    /// The path or function call as it stands in the definition.
    pub fn expression(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for JsonPath {
    fn from(path: &str) -> Self {
        Self::string_at(path)
    }
}

impl From<String> for JsonPath {
    fn from(path: String) -> Self {
        Self::of(path)
    }
}

impl From<&JsonPath> for JsonPath {
    fn from(path: &JsonPath) -> Self {
        path.clone()
    }
}
