//! Templates: JSON with queries in it.
//!
//! `Parameters`, `ResultSelector`, `ItemSelector`, `Assign`, `Arguments`, `Output` and the like hold
//! JSON in which some texts are queries. In JSONPath they stand under keys that end in `.$`; in
//! JSONata they are texts delimited by `{%` and `%}`.

use serde_json::Value;

use crate::intrinsic;
use crate::jsonata;

/// A template of a state of either query language.
#[derive(Debug, Clone)]
pub enum Template {
    /// A payload template.
    JsonPath(Node<intrinsic::Expression>),
    /// JSON with JSONata expressions.
    Jsonata(Node<jsonata::Expression>),
}

/// A part of a template, with queries of type `Q`.
#[derive(Debug, Clone)]
pub enum Node<Q> {
    /// JSON without any query in it.
    Literal(Value),
    /// A query. In a payload template it is the value of a key that was written with `.$`.
    Query(Q),
    /// An object with a query somewhere in it; keys without `.$`.
    Object(Vec<(String, Node<Q>)>),
    /// An array with a query somewhere in it.
    Array(Vec<Node<Q>>),
}
