//! States as values: handles to the nodes of a workflow's graph.

use std::cell::{Ref, RefCell};
use std::fmt;
use std::rc::Rc;

use super::chain::{Chain, Chainable};
use super::choice::Branches;
use super::custom_state::goes_on_by_itself;
use super::fail::Failure;
use super::graph::{Graph, GraphId};
use super::map::MapState;
use super::options::StateOptions;
use super::retry::{Catch, Retry};
use super::task::{TaskDefinition, TaskMetrics};
use super::wait::WaitTime;
use crate::core::{Place, Problem, Scope};
use crate::value::{Name, Object, Value};

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
    pub(super) id: Name,
    pub(super) prefixes: Vec<String>,
    pub(super) options: StateOptions,
    pub(super) kind: Kind,
    pub(super) next: Option<StateIndex>,
    pub(super) retries: Vec<Retry>,
    pub(super) catches: Vec<(StateIndex, Catch)>,
    pub(super) incoming: Vec<StateIndex>,
    /// Choice states that go on with it where no branch applies.
    pub(super) default_of: Vec<StateIndex>,
    pub(super) graph: Option<GraphId>,
}

/// What kind of state it is, with what only that kind has.
#[derive(Debug)]
pub(crate) enum Kind {
    Pass { result: Option<Value> },
    Task(Box<TaskDefinition>),
    Choice(Branches),
    Wait(WaitTime),
    Succeed,
    Fail(Box<Failure>),
    Parallel { branches: Vec<GraphId> },
    Map(Box<MapState>),
    Custom(Object),
}

impl Kind {
    /// Whether another state may follow.
    pub(super) fn can_have_next(&self) -> bool {
        match self {
            Self::Choice(_) | Self::Succeed | Self::Fail(_) => false,
            Self::Custom(state_json) => !goes_on_by_itself(state_json),
            Self::Pass { .. }
            | Self::Task(_)
            | Self::Wait(_)
            | Self::Parallel { .. }
            | Self::Map(_) => true,
        }
    }

    /// Whether it can fail in a way that can be handled.
    fn can_catch(&self) -> bool {
        matches!(
            self,
            Self::Task(_) | Self::Parallel { .. } | Self::Map(_) | Self::Custom(_)
        )
    }

    /// The graphs within it.
    pub(super) fn graphs(&self) -> Vec<GraphId> {
        match self {
            Self::Parallel { branches } => branches.clone(),
            Self::Map(map) => {
                let processor = map.processor.as_ref().map(|(graph, _)| *graph);
                map.iterator.into_iter().chain(processor).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Its name in the States Language.
    fn name(&self) -> &'static str {
        match self {
            Self::Pass { .. } => "Pass",
            Self::Task(_) => "Task",
            Self::Choice(_) => "Choice",
            Self::Wait(_) => "Wait",
            Self::Succeed => "Succeed",
            Self::Fail(_) => "Fail",
            Self::Parallel { .. } => "Parallel",
            Self::Map(_) => "Map",
            Self::Custom(_) => "custom",
        }
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
            id: scope.id().into(),
            prefixes: Vec::new(),
            options,
            kind,
            next: None,
            retries: Vec::new(),
            catches: Vec::new(),
            incoming: Vec::new(),
            default_of: Vec::new(),
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
        self.node().id.to_string()
    }

    /// Its name in the definition: prefixes, and the state name or the id.
    pub fn state_id(&self) -> String {
        self.node().state_id().into()
    }

    /// Puts a text before its name in the definition.
    pub fn add_prefix(&self, prefix: &str) {
        if !prefix.is_empty() {
            self.change(|node| node.prefixes.insert(0, prefix.to_owned()));
        }
    }

    /// Puts a text before the names of all states at and below a place.
    pub fn prefix_states(root: &Scope, prefix: &str) {
        if prefix.is_empty() {
            return;
        }
        let root_path = root.path_text();
        let is_below = |path: &str| {
            path.strip_prefix(&root_path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        for node in root.states().nodes.borrow_mut().iter_mut() {
            if is_below(&node.place.path) {
                node.prefixes.insert(0, prefix.to_owned());
            }
        }
    }

    /// Tries again after errors.
    pub fn add_retry(&self, retry: Retry) {
        if let Err(problem) = retry.check() {
            self.report(problem);
        }
        if self.check_can_catch("retry") {
            self.change(|node| {
                // Most have one or two.
                node.retries.reserve_exact(1);
                node.retries.push(retry);
            });
        }
    }

    /// Goes on with another state after errors.
    pub fn add_catch(&self, handler: impl Chainable, catch: Catch) {
        if let Err(problem) = catch.check() {
            self.report(problem);
        }
        let handler = handler.into_chain().start_state().clone();
        if self.check_can_catch("catch") && self.check_same_app(&handler) {
            self.change(|node| node.catches.push((handler.index, catch)));
            self.leads_to(&handler);
        }
    }

    fn check_can_catch(&self, property: &'static str) -> bool {
        let (can, kind) = {
            let node = self.node();
            (node.kind.can_catch(), node.kind.name())
        };
        if !can {
            let message = format!(
                "State '{}' is a {kind} state: only Task, Parallel and Map states handle errors",
                self.id()
            );
            self.report(Problem::property(property, message));
        }
        can
    }

    /// Adds a branch to a Parallel state.
    pub fn add_branch(&self, branch: impl Chainable) {
        let number = match &self.node().kind {
            Kind::Parallel { branches } => branches.len() + 1,
            _ => 0,
        };
        if number == 0 {
            return self.is_no("Parallel");
        }
        let description = format!("Parallel '{}' branch {number}", self.state_id());
        let graph = self.inner_graph(&branch.into_chain(), description);
        self.change(|node| {
            if let Kind::Parallel { branches } = &mut node.kind {
                branches.extend(graph);
            }
        });
    }

    /// A graph within the state; none if the chain belongs to another app.
    pub(super) fn inner_graph(&self, chain: &Chain, description: String) -> Option<GraphId> {
        let start = chain.start_state();
        self.check_same_app(start)
            .then(|| self.states.graph(chain, description))
    }

    /// Reports that something was added that another kind of state has.
    pub(super) fn is_no(&self, kind: &str) {
        let own = self.node().kind.name();
        let message = format!("State '{}' is a {own} state, not a {kind} state", self.id());
        self.report(Problem::graph(message, [self.id()]));
    }

    /// Goes on with another state; a Choice state, where no branch applies.
    pub(super) fn make_next(&self, next: &State) {
        if matches!(self.node().kind, Kind::Choice(_)) {
            return self.make_default(next);
        }
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
        if self.check_same_app(next) {
            self.change(|node| node.next = Some(next.index));
            self.leads_to(next);
        }
    }

    /// Notes a transition from this state to another.
    pub(super) fn leads_to(&self, to: &State) {
        to.change(|node| node.incoming.push(self.index));
        self.states.connect(self.index, to.index);
    }

    /// Notes where a Choice state goes on if no branch applies.
    pub(super) fn leads_to_by_default(&self, to: &State) {
        to.change(|node| node.default_of.push(self.index));
        self.states.connect(self.index, to.index);
    }

    /// Reports a state of another app: its index means nothing here.
    pub(super) fn check_same_app(&self, other: &State) -> bool {
        let same = other.is_of(&self.states);
        if !same {
            let message = format!("State '{}' belongs to another app", other.id());
            self.report(Problem::graph(message, [other.id()]));
        }
        same
    }

    /// Whether it is one of these states.
    pub(crate) fn is_of(&self, states: &Rc<States>) -> bool {
        Rc::ptr_eq(&self.states, states)
    }

    /// The state of an index in the same app.
    pub(super) fn sibling(&self, index: StateIndex) -> State {
        Self {
            states: self.states.clone(),
            index,
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
    pub(super) fn state_id(&self) -> Name {
        let name = self.options.state_name.as_ref().unwrap_or(&self.id);
        match self.prefixes.as_slice() {
            [] => name.clone(),
            prefixes => (prefixes.concat() + name).into(),
        }
    }

    /// The states that it may go on with, in the CDK's order.
    pub(super) fn outgoing(&self, include_error_handlers: bool) -> Vec<StateIndex> {
        let mut outgoing: Vec<StateIndex> = self.next.into_iter().collect();
        if let Kind::Choice(choice) = &self.kind {
            outgoing.extend(choice.outgoing());
        }
        if include_error_handlers {
            outgoing.extend(self.catches.iter().map(|(handler, _)| *handler));
        }
        outgoing
    }

    /// Whether the execution, or its branch, can end with it.
    pub(super) fn can_end(&self) -> bool {
        match &self.kind {
            Kind::Succeed | Kind::Fail(_) => true,
            Kind::Choice(_) => false,
            // What its JSON leads to is not known here.
            Kind::Custom(state_json) if goes_on_by_itself(state_json) => true,
            _ => self.next.is_none(),
        }
    }

    /// What is wrong with how it is put together.
    pub(super) fn problems(&self) -> Vec<Problem> {
        match &self.kind {
            Kind::Choice(choice) if choice.branches.is_empty() => {
                let message = format!("Choice '{}' must have at least one branch", self.state_id());
                vec![Problem::graph(message, [self.state_id()])]
            }
            Kind::Parallel { branches } if branches.is_empty() => {
                let message = "Parallel must have at least one branch";
                vec![Problem::graph(message, [self.state_id()])]
            }
            Kind::Map(map) => map.problems(self.options.parameters.is_some()),
            _ => Vec::new(),
        }
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
