//! A path with its root, as definitions have it.

use std::fmt;

use serde_json::Value;

use super::cursor::Cursor;
use super::error::{JsonPathError, NotFound};
use super::selected::Selected;
use super::{JsonPath, MAX_LENGTH};

/// The most characters of a variable's name.
///
/// Source: AWS Developer Guide, "Passing data between states with variables".
const MAX_NAME: usize = 80;

/// What a path starts from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Root {
    /// `$`: the data at hand, such as the state's input or a task's result.
    Input,
    /// `$$`: the context object.
    Context,
    /// `$name`: a variable, named without its `$`.
    Variable(String),
}

/// What paths are evaluated on.
pub trait Data {
    /// What `$` stands for.
    fn input(&self) -> &Value;
    /// What `$$` stands for.
    fn context(&self) -> &Value;
    /// The value of the variable `name`, if one was assigned.
    fn variable(&self, name: &str) -> Option<&Value>;
}

/// A path on the input, the context object or a variable.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path {
    /// What the path starts from.
    pub root: Root,
    /// The steps from there, as a path on `$`.
    pub path: JsonPath,
    text: Box<str>,
}

impl Path {
    /// Parses `$.x`, `$$.x`, `$name.x` and the like.
    pub fn parse(text: &str) -> Result<Self, JsonPathError> {
        let mut cursor = Cursor::new(text);
        if text.len() > MAX_LENGTH {
            return Err(cursor.error(format!("a path has at most {MAX_LENGTH} bytes")));
        }
        cursor.expect("$")?;
        let root = if cursor.eat("$") {
            Root::Context
        } else {
            let name = cursor.take_while(unicode_ident::is_xid_continue);
            match name {
                "" => Root::Input,
                name if is_variable_name(name) => Root::Variable(name.to_owned()),
                _ => {
                    let start = Cursor::new(text);
                    return Err(start.error(format!("`{name}` cannot be a variable's name")));
                }
            }
        };
        let path = match root {
            Root::Input => JsonPath::parse(text)?,
            // The steps are those of the same path on `$`; errors are about the text as written.
            _ => JsonPath::parse(&format!("${}", cursor.rest()))
                .map_err(|error| error.behind(text, cursor.rest()))?,
        };
        Ok(Self {
            root,
            path,
            text: text.into(),
        })
    }

    /// The path as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether this is a reference path, see [`JsonPath::is_reference`].
    pub fn is_reference(&self) -> bool {
        self.path.is_reference()
    }

    /// Whether the path names one node.
    pub fn is_definite(&self) -> bool {
        self.path.is_definite()
    }

    /// Whether the path is just `$`: all of the input.
    pub fn is_whole(&self) -> bool {
        self.root == Root::Input && self.path.is_whole()
    }

    /// What the path selects in `data`.
    pub fn select<'d>(&self, data: &'d dyn Data) -> Result<Selected<'d>, NotFound> {
        let root = match &self.root {
            Root::Input => data.input(),
            Root::Context => data.context(),
            Root::Variable(name) => data
                .variable(name)
                .ok_or_else(|| NotFound::UndefinedVariable { name: name.clone() })?,
        };
        self.path.select(root)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether a variable may be called `name`, which is given without `$`: a Unicode identifier of at
/// most 80 characters.
///
/// Source: AWS Developer Guide, "Passing data between states with variables".
pub fn is_variable_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(unicode_ident::is_xid_start)
        && characters.all(unicode_ident::is_xid_continue)
        && name.chars().count() <= MAX_NAME
}
