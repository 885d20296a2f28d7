//! States as values: handles to the nodes of a workflow's graph.

use std::cell::{Ref, RefCell};
use std::fmt;
use std::rc::Rc;

use super::chain::{Chain, Chainable};
use super::graph::{Graph, GraphId};
use super::options::StateOptions;
use super::retry::{Catch, Retry};
use super::task::{TaskDefinition, TaskMetrics};
use crate::core::{Place, Problem, Scope};
use crate::value::Value;

/// A state of a workflow.
///
/// It is a handle: clones are the same state. Builders of states become one where a state is wanted, or by
/// [`build`](super::StateBuilder::build).
#[derive(Clone)]
pub struct State {
    states: Rc<States>,
    index: StateIndex,
}

/// Which of an app's states it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct StateIndex(usize);

/// All states of an app. They know one another by index, so that loops need no owners.
#[derive(Default)]
pub(crate) struct States {
    nodes: RefCell<Vec<Node>>,
    pub(super) graphs: RefCell<Vec<Graph>>,
}

/// A state with what it leads to.
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) id: String,
    pub(super) prefixes: Vec<String>,
    pub(super) options: StateOptions,
    pub(super) kind: Kind,
    pub(super) next: Option<StateIndex>,
    pub(super) retries: Vec<Retry>,
    pub(super) catches: Vec<(StateIndex, Catch)>,
    pub(super) incoming: Vec<StateIndex>,
    pub(super) graph: Option<GraphId>,
}

/// What kind of state it is, with what only that kind has.
pub(crate) enum Kind {
    Pass { result: Option<Value> },
    Task(Box<TaskDefinition>),
    Succeed,
}

impl Kind {
    /// Whether another state may follow.
    fn can_have_next(&self) -> bool {
        !matches!(self, Self::Succeed)
    }

    /// The graphs within it.
    pub(super) fn graphs(&self) -> Vec<GraphId> {
        Vec::new()
    }
}

impl State {
    /// A state of the kind in the scope of its options.
    pub(crate) fn new(scope: &Scope, mut options: StateOptions, kind: Kind) -> Self {
        let states = scope.states();
        let retries = std::mem::take(&mut options.retries);
        let catches = std::mem::take(&mut options.catches);
        let node = Node {
            place: scope.place(),
            id: scope.id().to_owned(),
            prefixes: Vec::new(),
            options,
            kind,
            next: None,
            retries: Vec::new(),
            catches: Vec::new(),
            incoming: Vec::new(),
            graph: None,
        };
        let index = StateIndex(states.nodes.borrow().len());
        states.nodes.borrow_mut().push(node);
        let state = Self { states, index };
        for retry in retries {
            state.add_retry(retry);
        }
        for (handler, catch) in catches {
            state.add_catch(handler, catch);
        }
        state
    }

    /// Its id: the name that it was made with.
    pub fn id(&self) -> String {
        self.node().id.clone()
    }

    /// Its name in the definition: prefixes, and the state name or the id.
    pub fn state_id(&self) -> String {
        self.node().state_id()
    }

    /// Puts a text before its name in the definition.
    pub fn add_prefix(&self, prefix: &str) {
        if !prefix.is_empty() {
            self.change(|node| node.prefixes.insert(0, prefix.to_owned()));
        }
    }

    /// Tries again after errors.
    pub fn add_retry(&self, retry: Retry) {
        if let Err(problem) = retry.check() {
            self.report(problem);
        }
        self.change(|node| node.retries.push(retry));
    }

    /// Goes on with another state after errors.
    pub fn add_catch(&self, handler: impl Chainable, catch: Catch) {
        if let Err(problem) = catch.check() {
            self.report(problem);
        }
        let handler = handler.into_chain().start_state().clone();
        self.change(|node| node.catches.push((handler.index, catch)));
        self.leads_to(&handler);
    }

    /// Goes on with another state.
    pub(super) fn make_next(&self, next: &State) {
        if !self.node().kind.can_have_next() {
            let message = format!(
                "State '{}' ends the execution: no state can follow it",
                self.id()
            );
            return self.report(Problem::graph(message, [self.id()]));
        }
        if self.node().next.is_some() {
            let message = format!("State '{}' already has a next state", self.id());
            return self.report(Problem::graph(message, [self.id()]));
        }
        self.change(|node| node.next = Some(next.index));
        self.leads_to(next);
    }

    /// Notes a transition from this state to another.
    pub(super) fn leads_to(&self, to: &State) {
        if !Rc::ptr_eq(&self.states, &to.states) {
            let message = format!("State '{}' belongs to another app", to.id());
            return self.report(Problem::graph(message, [to.id()]));
        }
        to.change(|node| node.incoming.push(self.index));
        let graph = self.node().graph;
        if let Some(graph) = graph {
            self.states.bind(to.index, graph);
        }
    }

    /// The states that a chain which ends with this one goes on from.
    pub(super) fn end_states(&self) -> Vec<State> {
        match self.node().kind.can_have_next() {
            true => vec![self.clone()],
            false => Vec::new(),
        }
    }

    pub(super) fn report(&self, problem: Problem) {
        self.node().place.report(problem);
    }

    pub(super) fn node(&self) -> Ref<'_, Node> {
        self.states.node(self.index)
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Node) -> T) -> T {
        self.states.change(self.index, change)
    }

    /// The metrics of a task; none for other states.
    pub(crate) fn task_metrics(&self) -> Option<TaskMetrics> {
        match &self.node().kind {
            Kind::Task(task) => Some(task.metrics.clone()),
            _ => None,
        }
    }

    pub(super) fn states(&self) -> &Rc<States> {
        &self.states
    }

    pub(crate) fn index(&self) -> StateIndex {
        self.index
    }
}

impl States {
    pub(super) fn node(&self, index: StateIndex) -> Ref<'_, Node> {
        Ref::map(self.nodes.borrow(), |nodes| &nodes[index.0])
    }

    pub(super) fn change<T>(&self, index: StateIndex, change: impl FnOnce(&mut Node) -> T) -> T {
        change(&mut self.nodes.borrow_mut()[index.0])
    }
}

impl Node {
    pub(super) fn state_id(&self) -> String {
        let name = self.options.state_name.as_ref().unwrap_or(&self.id);
        [self.prefixes.concat().as_str(), name].concat()
    }

    /// The states that it may go on with, in the CDK's order.
    pub(super) fn outgoing(&self) -> Vec<StateIndex> {
        let catches = self.catches.iter().map(|(handler, _)| *handler);
        self.next.into_iter().chain(catches).collect()
    }
}

impl Chainable for State {
    fn into_chain(self) -> Chain {
        Chain::custom(self.clone(), self.end_states(), self.id())
    }
}

impl Chainable for &State {
    fn into_chain(self) -> Chain {
        self.clone().into_chain()
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "State({})", self.state_id())
    }
}
