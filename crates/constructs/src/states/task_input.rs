//! What a task is given.

use crate::value::{JsonPath, Text, Value};

/// What a task is given: a text, an object, or a part of the state's input.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskInput(Value);

impl TaskInput {
    /// A text. In JSONata it may be an expression.
    pub fn from_text(text: impl Into<Text>) -> Self {
        Self(Value::Text(text.into()))
    }

    /// An object whose values may be paths.
    pub fn from_object(object: impl Into<Value>) -> Self {
        Self(object.into())
    }

    /// What is at a path of the state's input, or with `$$.` of the context object.
    pub fn from_json_path_at(path: &str) -> Self {
        Self(JsonPath::string_at(path).into())
    }

    /// The value.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The value.
    pub fn into_value(self) -> Value {
        self.0
    }
}

impl From<TaskInput> for Value {
    fn from(input: TaskInput) -> Self {
        input.0
    }
}
