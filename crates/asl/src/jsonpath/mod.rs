//! JSONPath as AWS Step Functions has it: the dialect of Jayway JsonPath 2.0 over Jackson nodes.
//!
//! Sources: AWS Developer Guide, "Using JSONPath paths"; what AWS was observed to answer; and, where
//! neither says, the answers of Jayway JsonPath 2.0.0, whose messages AWS quotes. Beyond that
//! version, an index may count from the end, a slice may have a step, and filters know `in`, `nin`,
//! `subsetof`, `anyof`, `noneof`, `all`, `size`, `contains` and `empty`. Functions such as
//! `length()` do not exist: AWS reads `length()` as the name of a field.
//!
//! [`JsonPath`] is the path without its root, [`Path`] is what stands in a definition: a path on
//! the input (`$.a`), the context object (`$$.a`) or a variable (`$name.a`).
//!
//! Invariant: nothing here recurses or grows without a limit, whatever the text or the document.

mod ast;
pub(crate) mod cursor;
mod error;
mod eval;
mod filter;
mod filter_parser;
mod parser;
mod path;
mod reference;
mod selected;
mod weight;

use std::fmt;
use std::hash::{Hash, Hasher};

use serde_json::Value;

pub use error::{JsonPathError, NotFound, WriteError};
pub use path::{Data, Path, Root, is_variable_name};
pub use selected::Selected;

pub(crate) use error::quote;
pub(crate) use weight::weigh;

/// The longest text of a path, in bytes.
pub const MAX_LENGTH: usize = 8_192;
/// The most steps of a path, counting those of the paths in its filters each for itself.
pub const MAX_STEPS: usize = 256;
/// How deep filters and parentheses may stand in each other.
pub const MAX_FILTER_DEPTH: usize = 16;
/// The most nodes that one evaluation visits.
pub const MAX_VISITS: usize = 10_000_000;
/// The most bytes, estimated, that the values of an indefinite path may take up together.
pub const MAX_SELECTED_BYTES: usize = 64 * 1024 * 1024;
/// How deep a document may be nested for `..` to walk it, or for its parts to be copied.
pub const MAX_DOCUMENT_DEPTH: usize = 1_000;

/// A parsed path without its root: the steps after `$`.
#[derive(Clone)]
pub struct JsonPath {
    steps: Box<[ast::Step]>,
    text: Box<str>,
    definite: bool,
    reference: bool,
}

impl JsonPath {
    /// Parses a path such as `$.a.b[0]`, `$['a b'].c`, `$..x` or `$.a[?(@.p < 10)]`.
    pub fn parse(text: &str) -> Result<Self, JsonPathError> {
        let parsed = parser::parse(text)?;
        Ok(Self {
            definite: parsed.steps.iter().all(ast::Step::is_definite),
            reference: parsed.reference,
            steps: parsed.steps.into_boxed_slice(),
            text: text.into(),
        })
    }

    /// The path as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the path names one node; an indefinite path selects an array of what it finds.
    pub fn is_definite(&self) -> bool {
        self.definite
    }

    /// Whether this is a reference path: dot and bracket steps that each name a single node, free
    /// of the operators `@ , : ? *` and of `..`.
    ///
    /// Source: AWS Developer Guide, "Reference Paths".
    pub fn is_reference(&self) -> bool {
        self.reference
    }

    /// Whether the path has no steps: just `$`.
    pub fn is_whole(&self) -> bool {
        self.steps.is_empty()
    }

    /// What the path selects in `root`.
    ///
    /// A definite path borrows its node. An indefinite path gives an array of copies, empty where
    /// nothing matches.
    pub fn select<'v>(&self, root: &'v Value) -> Result<Selected<'v>, NotFound> {
        eval::select(&self.steps, self.definite, root)
    }

    /// `target` with `value` written where the path points, as `ResultPath` does it.
    ///
    /// Objects that are missing on the way are created. `$` replaces everything. An array's element
    /// can be replaced, not added.
    pub fn write(&self, target: Value, value: Value) -> Result<Value, WriteError> {
        if !self.reference {
            return Err(WriteError::NotAReference {
                path: self.text.to_string(),
            });
        }
        reference::write(&self.steps, target, value)
    }
}

impl fmt::Debug for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JsonPath").field(&self.text).finish()
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

// Equal texts parse to equal steps, and a compiled pattern has no equality of its own.
impl PartialEq for JsonPath {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for JsonPath {}

impl Hash for JsonPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}
