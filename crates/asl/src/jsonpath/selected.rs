//! What a path found.

use std::borrow::Cow;
use std::ops::Deref;

use serde_json::Value;

/// What a path found: a node of the document, or a value made of its nodes.
#[derive(Debug, Clone, PartialEq)]
pub enum Selected<'v> {
    /// The node itself.
    Borrowed(&'v Value),
    /// An array of what an indefinite path found, or an object of several fields.
    Owned(Value),
}

impl Selected<'_> {
    /// The value, copied if it still belongs to the document.
    pub fn into_owned(self) -> Value {
        match self {
            Self::Borrowed(value) => value.clone(),
            Self::Owned(value) => value,
        }
    }
}

impl Deref for Selected<'_> {
    type Target = Value;

    fn deref(&self) -> &Value {
        match self {
            Self::Borrowed(value) => value,
            Self::Owned(value) => value,
        }
    }
}

impl AsRef<Value> for Selected<'_> {
    fn as_ref(&self) -> &Value {
        self
    }
}

impl<'v> From<Selected<'v>> for Cow<'v, Value> {
    fn from(selected: Selected<'v>) -> Self {
        match selected {
            Selected::Borrowed(value) => Self::Borrowed(value),
            Selected::Owned(value) => Self::Owned(value),
        }
    }
}
