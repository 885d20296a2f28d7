//! The steps of a path and the filters in them.

use std::fmt;

use regex::Regex;
use serde_json::Value;

/// One step from a node to the next.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// `.name`, `['name']`
    Name(Box<str>),
    /// `['a','b']`: an object of those of the fields that are there.
    Names(Box<[Box<str>]>),
    /// `[0]`, `[-1]`
    Index(i64),
    /// `[0,2]`
    Indexes(Box<[i64]>),
    /// `[(@.length-1)]`: so many before the end.
    BeforeEnd(i64),
    /// `[1:3]`, `[-2:]`, `[0:4:2]`
    Slice(Slice),
    /// `*`
    Wildcard,
    /// `[?(…)]`
    Filter(Box<Filter>),
    /// `..`: the node and everything below it. Another step always follows.
    Descent,
}

impl Step {
    /// Whether the step leads to at most one node.
    pub(super) fn is_definite(&self) -> bool {
        matches!(
            self,
            Self::Name(_) | Self::Names(_) | Self::Index(_) | Self::BeforeEnd(_)
        )
    }
}

/// Jayway's way of writing the step, as its messages have it.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "['{name}']"),
            Self::Names(names) => {
                f.write_str("[")?;
                for (i, name) in names.iter().enumerate() {
                    write!(f, "{}'{name}'", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Indexes(indexes) => {
                f.write_str("[")?;
                for (i, index) in indexes.iter().enumerate() {
                    write!(f, "{}{index}", if i == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Self::BeforeEnd(count) => write!(f, "[@.size()-{count}]"),
            Self::Slice(slice) => write!(f, "[{slice}]"),
            Self::Wildcard => f.write_str("[*]"),
            Self::Filter(_) => f.write_str("[?]"),
            Self::Descent => f.write_str(".."),
        }
    }
}

/// The elements from `from` up to, not including, `to`; negative bounds count from the end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slice {
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    /// Positive.
    pub(super) step: usize,
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(from) = self.from {
            write!(f, "{from}")?;
        }
        f.write_str(":")?;
        if let Some(to) = self.to {
            write!(f, "{to}")?;
        }
        if self.step != 1 {
            write!(f, ":{}", self.step)?;
        }
        Ok(())
    }
}

/// The condition of a filter.
#[derive(Debug, Clone)]
pub(super) enum Filter {
    Any(Vec<Filter>),
    All(Vec<Filter>),
    Not(Box<Filter>),
    /// A path by itself: it leads somewhere, and not to null.
    Exists(Query),
    Compare(Operand, Operator, Operand),
    /// `=~ /…/`, anchored at both ends.
    Matches(Operand, Regex),
}

/// One side of a comparison.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    Query(Query),
    Literal(Value),
}

/// A path inside a filter.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) from: Origin,
    pub(super) steps: Box<[Step]>,
    pub(super) definite: bool,
}

/// What a path inside a filter starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// `@`: the node that the filter looks at.
    Here,
    /// `$`: the document.
    Document,
}

/// What a comparison asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    SubsetOf,
    AnyOf,
    NoneOf,
    All,
    Size,
    Contains,
    Empty,
}
