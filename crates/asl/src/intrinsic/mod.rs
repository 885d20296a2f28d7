//! Intrinsic functions, `States.Format('…', $.x)` and its 17 siblings, of the JSONPath query
//! language.
//!
//! Sources: AWS Developer Guide, "Intrinsic functions for JSONPath states"; what AWS was observed to
//! answer. AWS's wording of most failures is not known: those say in our own words what is wrong.
//!
//! [`Call`] is one call, [`Expression`] what may stand under a key that ends in `.$`.

mod arguments;
mod arrays;
mod call;
mod error;
mod evaluate;
mod expression;
mod java;
mod numbers;
mod parser;
mod text;

pub use call::{Argument, Call, Function, Literal};
pub use error::{FailureReason, IntrinsicError, IntrinsicFailure};
pub use expression::{Expression, ExpressionError};

/// The longest text of an expression, in bytes.
pub const MAX_LENGTH: usize = 16_384;
/// How deep calls may stand in each other, the outermost included.
///
/// Source: AWS Developer Guide, "Intrinsic functions for JSONPath states".
pub const MAX_DEPTH: usize = 10;
/// The most bytes, estimated, that all arguments and results of one evaluation take up together.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;
