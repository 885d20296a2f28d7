//! JSON values with parts that are only known at deployment or at run time.

mod convert;
mod field_utils;
mod intrinsic;
mod json_path;
mod lazy;
mod object;
mod resolve;
mod template;
mod text;
mod token;

pub use field_utils::FieldUtils;
pub use intrinsic::Argument;
pub use json_path::JsonPath;
pub use lazy::Lazy;
pub use object::{Iter, Name, Object};
pub use text::{Part, Text};
pub use token::{Fn, Pseudo, Token};

pub use resolve::flatten;

pub(crate) use resolve::{References, Resolver, function};
pub(crate) use template::{contains_task_token, jsonata_template, payload_template, well_formed};

use serde_json::Number;

/// A JSON value whose texts may have tokens and paths in them.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text, or what a token or a path stands for, of whatever type.
    Text(Text),
    /// An array.
    List(Vec<Value>),
    /// An object.
    Object(Object),
    /// What is only known when the stack is synthesized.
    Lazy(Lazy),
    /// A text that is the JSON of a value, as a state machine's definition is.
    JsonText(Lazy),
}

impl Value {
    /// An object of the members that have a value.
    pub fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Self {
        let given = members.iter().filter(|(_, value)| value.is_some());
        let mut object = Object::with_capacity(given.count());
        for (name, value) in members {
            if let Some(value) = value {
                object.insert(name, value);
            }
        }
        Self::Object(object)
    }

    /// The path, if it is one as a whole.
    pub fn as_path(&self) -> Option<&JsonPath> {
        match self {
            Self::Text(text) => text.as_path(),
            _ => None,
        }
    }

    /// The members, if it is an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// A member of an object.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_object()?.get(name)
    }
}
