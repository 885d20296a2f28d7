//! Succeed: ends the execution well.

use super::options::{InputOutput, StateOptions, state_builder};
use super::state::Kind;
use crate::core::Scope;

/// A state that ends the execution, or its branch, well.
#[derive(Debug, Clone)]
#[must_use]
pub struct Succeed {
    scope: Scope,
    options: StateOptions,
}

impl Succeed {
    /// A state that ends the execution.
    pub fn new(scope: &Scope, id: &str) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
        }
    }
}

state_builder!(Succeed, |succeed| Kind::Succeed);

impl InputOutput for Succeed {}
