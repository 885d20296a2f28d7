//! Pass: passes its input on, or a result of its own.

use super::options::{Assigning, InputOutput, ResultOptions, StateOptions, state_builder};
use super::state::Kind;
use crate::core::Scope;
use crate::value::Value;

/// A state that does nothing, or gives a fixed result.
#[derive(Debug, Clone)]
#[must_use]
pub struct Pass {
    scope: Scope,
    options: StateOptions,
    result: Option<Value>,
}

impl Pass {
    /// A state that passes its input on.
    pub fn new(scope: &Scope, id: &str) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            result: None,
        }
    }

    /// The result. JSONPath only.
    pub fn result(mut self, result: impl Into<Value>) -> Self {
        self.result = Some(result.into());
        self
    }

    /// The result as a payload template. JSONPath only.
    pub fn parameters(mut self, parameters: impl Into<Value>) -> Self {
        self.options.parameters = Some(parameters.into());
        self
    }
}

state_builder!(Pass, |pass| Kind::Pass {
    result: pass.result
});

impl Assigning for Pass {}
impl InputOutput for Pass {}
impl ResultOptions for Pass {}
