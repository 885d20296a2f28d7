//! Values that the workflow takes from its own data at run time.

use std::borrow::Cow;
use std::fmt;

/// A JSONPath or intrinsic function that is evaluated when the workflow runs: `$.order.id`,
/// `$$.Task.Token`, `States.UUID()`.
///
/// Where a member of a payload template is one, its name gets the suffix `.$`. A path that is not well
/// formed is reported when the state that uses it is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JsonPath(Cow<'static, str>);

impl JsonPath {
    /// As a result path: the result is thrown away, the input is passed on.
    pub const DISCARD: Self = Self(Cow::Borrowed("DISCARD"));

    /// An expression as it stands in the definition.
    pub(crate) fn of(expression: impl Into<Cow<'static, str>>) -> Self {
        Self(expression.into())
    }

    /// A text at a path: `$.order.id`, or with `$$.` in the context object.
    pub fn string_at(path: &str) -> Self {
        Self::of(path.to_owned())
    }

    /// The task token, for tasks that wait for it to come back.
    pub fn task_token() -> Self {
        Self::of("$$.Task.Token")
    }

    /// The whole input of the state.
    pub fn entire_payload() -> Self {
        Self::of("$")
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
