//! What a task is given.

use crate::value::{JsonPath, Text, Value};

/// What a task is given: a text, an object, or a part of the state's input.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskInput {
    input_type: InputType,
    value: Value,
}

/// How the input of a task was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputType {
    /// As a text or a path.
    Text,
    /// As an object.
    Object,
}

impl TaskInput {
    /// A text. In JSONata it may be an expression.
    pub fn from_text(text: impl Into<Text>) -> Self {
        Self {
            input_type: InputType::Text,
            value: Value::Text(text.into()),
        }
    }

    /// An object whose values may be paths.
    pub fn from_object(object: impl Into<Value>) -> Self {
        Self {
            input_type: InputType::Object,
            value: object.into(),
        }
    }

    /// What is at a path of the state's input, or with `$$.` of the context object.
    pub fn from_json_path_at(path: &str) -> Self {
        Self::from_text(JsonPath::string_at(path))
    }

    /// What is at a path of the state's input.
    #[deprecated = "use from_json_path_at"]
    pub fn from_data_at(path: &str) -> Self {
        Self::from_json_path_at(path)
    }

    /// What is at a path of the context object.
    #[deprecated = "use from_json_path_at"]
    pub fn from_context_at(path: &str) -> Self {
        Self::from_json_path_at(path)
    }

    /// How it was given.
    pub fn input_type(&self) -> InputType {
        self.input_type
    }

    /// The value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The value.
    pub fn into_value(self) -> Value {
        self.value
    }
}

impl From<TaskInput> for Value {
    fn from(input: TaskInput) -> Self {
        input.value
    }
}
