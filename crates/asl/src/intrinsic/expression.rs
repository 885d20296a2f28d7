//! What stands under a key that ends in `.$`.

use std::fmt;

use thiserror::Error;

use super::call::Call;
use super::error::IntrinsicError;
use crate::jsonpath::{JsonPathError, Path};

/// A path or a call of an intrinsic function.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// `$.x`, `$$.x` or `$name.x`
    Path(Path),
    /// `States.…(…)`
    Intrinsic(Call),
}

impl Expression {
    /// Parses either.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        if text.starts_with('$') {
            Ok(Self::Path(Path::parse(text)?))
        } else if text.trim_start().starts_with("States.") {
            Ok(Self::Intrinsic(Call::parse(text)?))
        } else {
            Err(ExpressionError::Neither)
        }
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        match self {
            Self::Path(path) => path.text(),
            Self::Intrinsic(call) => call.text(),
        }
    }

    /// The paths in it, from left to right.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let (path, call) = match self {
            Self::Path(path) => (Some(path), None),
            Self::Intrinsic(call) => (None, Some(call.paths())),
        };
        path.into_iter().chain(call.into_iter().flatten())
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// A text that is neither a path nor a call. AWS says of all of these that the value `must be a
/// valid JSONPath or a valid intrinsic function call`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExpressionError {
    /// It does not even start like one.
    #[error("a JSONPath starts with `$`, a call of an intrinsic function with `States.`")]
    Neither,
    /// It starts like a path.
    #[error(transparent)]
    Path(#[from] JsonPathError),
    /// It starts like a call.
    #[error(transparent)]
    Intrinsic(#[from] IntrinsicError),
}
