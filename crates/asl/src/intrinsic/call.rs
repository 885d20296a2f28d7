//! A call and its arguments.

use std::fmt;

use serde_json::Value;

use super::error::{IntrinsicError, IntrinsicFailure};
use super::{evaluate, parser};
use crate::World;
use crate::jsonpath::{Data, Path};

/// A function that AWS Step Functions knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// Fills a template.
    Format,
    /// Parses JSON.
    StringToJson,
    /// Writes JSON.
    JsonToString,
    /// An array of its arguments.
    Array,
    /// Cuts an array into chunks.
    ArrayPartition,
    /// Whether an array has an element.
    ArrayContains,
    /// Numbers in steps.
    ArrayRange,
    /// One element.
    ArrayGetItem,
    /// How many elements.
    ArrayLength,
    /// Each element once.
    ArrayUnique,
    /// Base64 of a text.
    Base64Encode,
    /// The text of Base64.
    Base64Decode,
    /// A digest in hexadecimal.
    Hash,
    /// One object of two.
    JsonMerge,
    /// A random integer.
    MathRandom,
    /// A sum.
    MathAdd,
    /// Cuts a text at delimiters.
    StringSplit,
    /// A version 4 UUID.
    Uuid,
}

impl Function {
    /// Every function.
    pub const ALL: [Self; 18] = [
        Self::Format,
        Self::StringToJson,
        Self::JsonToString,
        Self::Array,
        Self::ArrayPartition,
        Self::ArrayContains,
        Self::ArrayRange,
        Self::ArrayGetItem,
        Self::ArrayLength,
        Self::ArrayUnique,
        Self::Base64Encode,
        Self::Base64Decode,
        Self::Hash,
        Self::JsonMerge,
        Self::MathRandom,
        Self::MathAdd,
        Self::StringSplit,
        Self::Uuid,
    ];

    /// The name as expressions have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Format => "States.Format",
            Self::StringToJson => "States.StringToJson",
            Self::JsonToString => "States.JsonToString",
            Self::Array => "States.Array",
            Self::ArrayPartition => "States.ArrayPartition",
            Self::ArrayContains => "States.ArrayContains",
            Self::ArrayRange => "States.ArrayRange",
            Self::ArrayGetItem => "States.ArrayGetItem",
            Self::ArrayLength => "States.ArrayLength",
            Self::ArrayUnique => "States.ArrayUnique",
            Self::Base64Encode => "States.Base64Encode",
            Self::Base64Decode => "States.Base64Decode",
            Self::Hash => "States.Hash",
            Self::JsonMerge => "States.JsonMerge",
            Self::MathRandom => "States.MathRandom",
            Self::MathAdd => "States.MathAdd",
            Self::StringSplit => "States.StringSplit",
            Self::Uuid => "States.UUID",
        }
    }

    /// The function of that name, as `States.Format`.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|function| function.name() == name)
    }

    /// The fewest and the most arguments.
    pub(super) fn arity(self) -> (usize, usize) {
        match self {
            Self::Uuid => (0, 0),
            Self::Array => (0, usize::MAX),
            Self::Format => (1, usize::MAX),
            Self::StringToJson
            | Self::JsonToString
            | Self::ArrayLength
            | Self::ArrayUnique
            | Self::Base64Encode
            | Self::Base64Decode => (1, 1),
            Self::ArrayPartition
            | Self::ArrayContains
            | Self::ArrayGetItem
            | Self::Hash
            | Self::MathAdd
            | Self::StringSplit => (2, 2),
            Self::MathRandom => (2, 3),
            Self::ArrayRange | Self::JsonMerge => (3, 3),
        }
    }
}

/// A call of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub(super) function: Function,
    pub(super) arguments: Vec<Argument>,
    pub(super) text: Box<str>,
}

impl Call {
    /// Parses a call such as `States.Format('{}', $.x)`. Blanks around it are ignored.
    pub fn parse(text: &str) -> Result<Self, IntrinsicError> {
        parser::parse(text)
    }

    /// The call as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is called.
    pub fn function(&self) -> Function {
        self.function
    }

    /// What it is called with.
    pub fn arguments(&self) -> &[Argument] {
        &self.arguments
    }

    /// The paths among the arguments, those of nested calls included, from left to right.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let mut open = vec![self.arguments.iter()];
        std::iter::from_fn(move || {
            loop {
                match open.last_mut()?.next() {
                    Some(Argument::Path(path)) => return Some(path),
                    Some(Argument::Call(call)) => open.push(call.arguments.iter()),
                    Some(Argument::Text(_) | Argument::Value(_)) => {}
                    None => {
                        open.pop();
                    }
                }
            }
        })
    }

    /// The value of the call.
    pub fn evaluate(&self, data: &dyn Data, world: &World) -> Result<Value, IntrinsicFailure> {
        evaluate::evaluate(self, data, world)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One argument of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// `'text'`
    Text(Literal),
    /// A number, `true`, `false` or `null`.
    Value(Value),
    /// `$.x`, `$$.x` or `$name.x`
    Path(Path),
    /// `States.…(…)`
    Call(Call),
}

/// A text in single quotes, its escapes `\'`, `\{`, `\}` and `\\` resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Literal {
    /// A string.
    pub(super) value: Value,
    /// Where the string has a `{}` that no backslash takes its meaning from, in bytes.
    pub(super) slots: Vec<usize>,
    /// The text as written, if it has a backslash that escapes nothing.
    pub(super) open_escape: Option<Box<str>>,
}
