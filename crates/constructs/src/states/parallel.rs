//! Parallel: does several things at once.

use super::chain::{Chain, Chainable};
use super::options::{
    Assigning, Catching, InputOutput, ResultOptions, StateOptions, state_builder,
};
use super::state::{Kind, State};
use crate::core::Scope;
use crate::value::Value;

/// A state whose branches run at once; its result is the array of their outputs.
#[derive(Debug, Clone)]
#[must_use]
pub struct Parallel {
    scope: Scope,
    options: StateOptions,
    branches: Vec<Chain>,
}

impl Parallel {
    /// A state without branches; at least one must be added.
    pub fn new(scope: &Scope, id: &str) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            branches: Vec::new(),
        }
    }

    /// Adds a branch.
    pub fn branch(mut self, branch: impl Chainable) -> Self {
        self.branches.push(branch.into_chain());
        self
    }

    /// What the branches are given: a payload template. JSONPath only.
    pub fn parameters(mut self, parameters: impl Into<Value>) -> Self {
        self.options.parameters = Some(parameters.into());
        self
    }

    /// What the branches are given: a JSON value with expressions, or one expression. JSONata only.
    pub fn arguments(mut self, arguments: impl Into<Value>) -> Self {
        self.options.arguments = Some(arguments.into());
        self
    }
}

state_builder!(Parallel, build);

impl Assigning for Parallel {}
impl InputOutput for Parallel {}
impl ResultOptions for Parallel {}
impl Catching for Parallel {}

fn build(parallel: Parallel) -> State {
    let kind = Kind::Parallel {
        branches: Vec::new(),
    };
    let state = State::new(&parallel.scope, parallel.options, kind);
    for branch in parallel.branches {
        state.add_branch(branch);
    }
    state
}
