//! A definition as a tree of JSON whose every node knows where it stands in the source.

use std::cell::OnceCell;
use std::fmt;
use std::ops::Range;

use serde_json::{Map, Number, Value};

use crate::diagnostic::Span;

/// How deep arrays and objects may lie in one another.
///
/// `serde_json` reads as deep, so a definition that is accepted here can be read by everyone.
pub(crate) const MAX_DEPTH: usize = 127;

/// A JSON value and the bytes of the source that it was read from.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) bytes: Range<usize>,
    pub(crate) kind: Kind,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) key_bytes: Range<usize>,
    pub(crate) value: Node,
}

impl Node {
    /// What a blank text holds.
    pub(crate) fn nothing() -> Self {
        Self {
            bytes: 0..0,
            kind: Kind::Null,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_object(&self) -> Option<&[Member]> {
        match &self.kind {
            Kind::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The value without its positions; of members with one key the last one stays.
    pub(crate) fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::String(text) => Value::String(text.clone()),
            Kind::Array(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Kind::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|member| (member.key.clone(), member.value.to_value()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// A word for the value's type, for help texts.
    pub(crate) fn type_name(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
        }
    }
}

/// The source text with the beginnings of its lines.
#[derive(Debug)]
pub(crate) struct Source<'t> {
    text: &'t str,
    line_starts: OnceCell<Vec<usize>>,
}

impl<'t> Source<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            line_starts: OnceCell::new(),
        }
    }

    /// The line and column of some bytes, widened to whole characters. Bytes beyond the end are cut
    /// off.
    pub(crate) fn span(&self, bytes: &Range<usize>) -> Span {
        let starts = self.line_starts.get_or_init(|| {
            let breaks = self.text.bytes().enumerate();
            let breaks = breaks.filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0)
                .chain(breaks.map(|(at, _)| at + 1))
                .collect()
        });
        let mut offset = bytes.start.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let mut end = bytes.end.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        let line = starts.partition_point(|start| *start <= offset).max(1);
        let line_start = starts.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(line_start..offset).unwrap_or_default();
        Span {
            offset,
            length: end.saturating_sub(offset),
            line,
            column: before.chars().count() + 1,
        }
    }
}

/// A place in the tree, on the way down from the root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'p> {
    above: Option<&'p Place<'p>>,
    step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    Root,
    Key(&'p str),
    Index(usize),
}

impl<'p> Place<'p> {
    pub(crate) const ROOT: Place<'static> = Place {
        above: None,
        step: Step::Root,
    };

    pub(crate) fn key(&'p self, key: &'p str) -> Place<'p> {
        Place {
            above: Some(self),
            step: Step::Key(key),
        }
    }

    pub(crate) fn index(&'p self, index: usize) -> Place<'p> {
        Place {
            above: Some(self),
            step: Step::Index(index),
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            above.write(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Key(key) => write!(f, "/{key}"),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// AWS's notation: `/` is the root, `/States/Try/Catch[0]/Next` lies below.
impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            Step::Root => f.write_str("/"),
            _ => self.write(f),
        }
    }
}
