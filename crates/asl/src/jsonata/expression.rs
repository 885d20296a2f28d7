//! An expression, parsed once and evaluated often.

use std::fmt;
use std::sync::Arc;

use jsonata_core::ast::AstNode;
use jsonata_core::parser;
use serde_json::Value;

use super::analysis::{self, StatesUse};
use super::bindings::Bindings;
use super::error::{EvaluationError, ParseError};
use super::guard;
use super::regexes::Pattern;
use crate::World;

/// The longest expression taken, in bytes. A definition may have 1 MiB altogether.
const MAX_SOURCE: usize = 256 * 1024;

/// A JSONata expression as it stands between `{%` and `%}`.
#[derive(Clone)]
pub struct Expression(Arc<Parsed>);

/// An expression rewritten for the engine, and what it reads.
pub(super) struct Parsed {
    source: String,
    pub(super) node: AstNode,
    pub(super) hosts: Vec<&'static str>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) names: Vec<String>,
    variables: Vec<String>,
    pub(super) states: StatesUse,
    document: bool,
    document_names: Vec<String>,
}

impl Expression {
    /// Parses `source`, which has no delimiters.
    ///
    /// # Errors
    ///
    /// The source is not JSONata 2.0.6, is too long or nests too deep, or has a regular expression
    /// that looks ahead or behind, refers back to a group, or is too large.
    pub fn parse(source: &str) -> Result<Self, ParseError> {
        let source = source.trim();
        if source.len() > MAX_SOURCE {
            return Err(ParseError::new(
                "",
                format!("The expression is longer than {MAX_SOURCE} bytes"),
            ));
        }
        let node = parser::parse(source)?;
        let facts = analysis::analyse(&node)?;
        let guarded = guard::guard(node, &facts)?;
        Ok(Self(Arc::new(Parsed {
            source: source.to_owned(),
            node: guarded.node,
            hosts: guarded.hosts.into_iter().collect(),
            patterns: guarded.patterns,
            names: facts.names.into_iter().collect(),
            variables: facts.variables.into_iter().collect(),
            states: facts.states,
            document: facts.document,
            document_names: facts.document_names.into_iter().collect(),
        })))
    }

    /// The expression as written, without delimiters and the blanks around it.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// The variables it reads, without `$`, sorted, each once: not those it binds itself, not
    /// `states`, and not names of functions where a function is called or handed on.
    pub fn variables(&self) -> &[String] {
        &self.0.variables
    }

    /// The parts of `$states` that it may read.
    pub fn states_fields(&self) -> StatesUse {
        self.0.states
    }

    /// Whether it reads an input document (`$`, `$$` or a bare field name outside of any path),
    /// which expressions in Step Functions do not have: there it is undefined.
    pub fn reads_document(&self) -> bool {
        self.0.document
    }

    /// The bare field names outside of any path, and `$$`: what Step Functions refuses by name when
    /// the state machine is created (observed on AWS). Sorted, each once.
    pub fn document_names(&self) -> &[String] {
        &self.0.document_names
    }

    /// The expression's value.
    pub fn evaluate(
        &self,
        bindings: &Bindings<'_>,
        world: &World,
    ) -> Result<Value, EvaluationError> {
        self.evaluate_on(None, bindings, world)
    }

    /// The expression's value with `document` as its input document.
    pub fn evaluate_on(
        &self,
        document: Option<&Value>,
        bindings: &Bindings<'_>,
        world: &World,
    ) -> Result<Value, EvaluationError> {
        bindings.evaluate(&self.0, document, world)
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.0.source).finish()
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.0.source == other.0.source
    }
}

impl Eq for Expression {}
