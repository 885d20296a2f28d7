//! Graphs as authors see them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::chain::Chainable;
use super::graph::GraphId;
use super::options::QueryLanguage;
use super::render::Rendering;
use super::state::{State, States};
use crate::core::{Duration, Place};
use crate::iam::Statement;
use crate::value::{Object, Text, Value};

/// Everything that is connected with a state: a definition without a state machine.
///
/// Every state can only be in one graph.
pub struct StateGraph {
    states: Rc<States>,
    id: GraphId,
    start: State,
    timeout: Cell<Option<Duration>>,
    statements: RefCell<Vec<Statement>>,
}

impl StateGraph {
    /// The graph that starts with the start of a chain; the description is what errors call it.
    pub fn new(start: impl Chainable, description: impl Into<String>) -> Self {
        let chain = start.into_chain();
        let start = chain.start_state().clone();
        let states = start.states().clone();
        let id = states.graph(&chain, description.into());
        Self {
            states,
            id,
            start,
            timeout: Cell::default(),
            statements: RefCell::default(),
        }
    }

    /// The state that it starts with.
    pub fn start_state(&self) -> &State {
        &self.start
    }

    /// How long an execution may take, in whole seconds.
    pub fn timeout(&self, timeout: Duration) {
        self.timeout.set(Some(timeout));
    }

    /// Adds to what a role must be allowed.
    pub fn register_policy_statement(&self, statement: Statement) {
        self.statements.borrow_mut().push(statement);
    }

    /// What the role of a machine must be allowed, in the order of the states.
    pub fn policy_statements(&self) -> Vec<Statement> {
        let mut statements = self.states.statements(self.id);
        statements.extend(self.statements.borrow().iter().cloned());
        statements
    }

    /// The labels of its distributed Maps: `*` if one has none; nothing without such Maps.
    pub(crate) fn map_run_labels(&self) -> Option<Vec<Text>> {
        self.states.map_run_labels(self.id)
    }

    /// The definition, with tokens where something is only known at deployment.
    pub fn to_graph_json(&self, query_language: QueryLanguage) -> Value {
        Value::Object(self.members(query_language))
    }

    pub(crate) fn members(&self, query_language: QueryLanguage) -> Object {
        let rendering = Rendering {
            states: &self.states,
            query_language,
        };
        let mut members = rendering.graph(self.id);
        if let Some(timeout) = self.timeout.get() {
            members.insert("TimeoutSeconds".to_owned(), timeout.to_seconds().into());
        }
        members
    }

    /// Reports states that cannot be reached, or whose names are used twice.
    pub(crate) fn check(&self, place: &Place) {
        self.states.check(self.id, place);
    }
}
