//! Why a path is not one, found nothing, or could not be written to.

use serde_json::Value;
use thiserror::Error;

/// How much of an offending value a message quotes, in characters.
const QUOTED: usize = 1_000;

/// A text that is not a path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("invalid JSONPath '{text}': {reason} at character {position}")]
pub struct JsonPathError {
    text: String,
    position: usize,
    reason: String,
}

impl JsonPathError {
    pub(super) fn new(text: &str, position: usize, reason: impl Into<String>) -> Self {
        Self {
            text: quote(text),
            position,
            reason: reason.into(),
        }
    }

    /// The same error in the `whole` text, whose end is `tail`, of a text that was `$` and `tail`.
    pub(super) fn behind(self, whole: &str, tail: &str) -> Self {
        let before = whole.chars().count() - tail.chars().count();
        Self {
            text: quote(whole),
            position: self.position - 1 + before,
            reason: self.reason,
        }
    }

    /// The text, shortened where it is very long.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the text goes wrong, in characters, counted from 1.
    pub fn position(&self) -> usize {
        self.position
    }

    /// What is wrong there.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// A path that leads nowhere. The texts are Jayway's, which AWS puts behind `Invalid path '…' : `.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotFound {
    /// The last step names a field that is not there.
    #[error("No results for path: {path}")]
    NoResults {
        /// The path so far, as `$['a'][0]`.
        path: String,
    },
    /// A step before the last names a field that is not there.
    #[error("Missing property in path {path}")]
    MissingProperty {
        /// The path up to the missing field.
        path: String,
    },
    /// A field is asked of something that is not an object.
    #[error("Property {property} not found in path {path}")]
    NotAnObject {
        /// The field, as `['a']`.
        property: String,
        /// The path to what is not an object.
        path: String,
    },
    /// An element is asked of null.
    #[error("The path {path} is null")]
    IsNull {
        /// The path to the null.
        path: String,
    },
    /// An element is asked of something that is not an array.
    #[error("Filter: {step} can only be applied to arrays. Current context is: {found}")]
    NotAnArray {
        /// The step, as `[0]`.
        step: String,
        /// What is there instead.
        found: String,
    },
    /// A filter is asked of something that is neither an object nor an array.
    #[error("Filter: [?] can not be applied to primitives. Current context is: {found}")]
    NotAContainer {
        /// What is there instead.
        found: String,
    },
    /// The last step's index is beyond the array. AWS was observed to take this as null in a
    /// payload template, and as an error in the argument of an intrinsic function.
    #[error("Index out of bounds when evaluating path {path}")]
    IndexOutOfRange {
        /// The path including the index.
        path: String,
    },
    /// The path starts from a variable that no state has assigned.
    #[error("The variable ${name} has no value")]
    UndefinedVariable {
        /// The name, without `$`.
        name: String,
    },
    /// The evaluation visits more nodes, selects more or goes deeper than the limits allow.
    #[error("The path selects too much: it exceeds the limit of {limit}")]
    TooMuch {
        /// The limit, in words.
        limit: &'static str,
    },
}

impl NotFound {
    /// Whether only an index at the end of the path is beyond its array; see
    /// [`NotFound::IndexOutOfRange`].
    pub fn is_index_out_of_range(&self) -> bool {
        matches!(self, Self::IndexOutOfRange { .. })
    }
}

/// A place that a value cannot be written to.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WriteError {
    /// The path may name more than one node.
    #[error("'{path}' is not a reference path")]
    NotAReference {
        /// The path as written.
        path: String,
    },
    /// A step does not fit what is there: a field in something that is not an object, an element in
    /// something that is not an array, or an element beyond the array's end.
    #[error("Unable to apply step \"{step}\" to input {found}")]
    NoPlace {
        /// The field's name or the index.
        step: String,
        /// What is there, as JSON.
        found: String,
    },
}

/// The value as a message quotes it: a text as it is, anything else as JSON.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::String(text) => quote(text),
        other => quote(&other.to_string()),
    }
}

/// The text, shortened to what a message can bear.
pub(crate) fn quote(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
