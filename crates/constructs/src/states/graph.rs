//! Graphs: which states belong together.
//!
//! A machine's states are one graph, and each branch of a Parallel and the inside of a Map is one of its own.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::chain::Chain;
use super::state::{Kind, StateIndex, States};
use crate::core::{Place, Problem};
use crate::iam::Statement;

/// Which of an app's graphs it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct GraphId(usize);

pub(super) struct Graph {
    pub(super) start: StateIndex,
    pub(super) description: String,
    /// In the order in which they were bound.
    pub(super) members: Vec<StateIndex>,
}

impl States {
    /// A new graph of everything that is connected with a chain's start.
    pub(crate) fn graph(&self, chain: &Chain, description: String) -> GraphId {
        let start = chain.start_state().index();
        let id = GraphId(self.graphs.borrow().len());
        self.graphs.borrow_mut().push(Graph {
            start,
            description,
            members: Vec::new(),
        });
        self.bind(start, id);
        id
    }

    /// Puts a state and all that are connected with it into a graph.
    pub(super) fn bind(&self, state: StateIndex, graph: GraphId) {
        let mut open = vec![state];
        while let Some(index) = open.pop() {
            match self.node(index).graph {
                Some(known) if known == graph => continue,
                Some(known) => {
                    self.in_two_graphs(index, graph, known);
                    continue;
                }
                None => {}
            }
            self.change(index, |node| node.graph = Some(graph));
            self.graphs.borrow_mut()[graph.0].members.push(index);
            let node = self.node(index);
            // The last is taken first: incoming states, then outgoing ones, each in its order.
            open.extend(node.outgoing().into_iter().rev());
            open.extend(node.incoming.iter().rev());
        }
    }

    fn in_two_graphs(&self, index: StateIndex, graph: GraphId, other: GraphId) {
        let node = self.node(index);
        let message = format!(
            "Trying to use state '{}' in {}, but is already in {}. Every state can only be used in one graph.",
            node.state_id(),
            self.described(graph),
            self.described(other),
        );
        node.place
            .report(Problem::graph(message, [node.state_id()]));
    }

    /// A graph as errors name it: what it is of, and its first states.
    fn described(&self, graph: GraphId) -> String {
        let graphs = self.graphs.borrow();
        let graph = &graphs[graph.0];
        let mut names: Vec<String> = graph
            .members
            .iter()
            .take(3)
            .map(|index| self.node(*index).state_id())
            .collect();
        if graph.members.len() > 3 {
            names.push("...".to_owned());
        }
        format!("{} ({})", graph.description, names.join(", "))
    }

    pub(super) fn start_and_members(&self, graph: GraphId) -> (StateIndex, Vec<StateIndex>) {
        let graphs = self.graphs.borrow();
        (graphs[graph.0].start, graphs[graph.0].members.clone())
    }

    /// What a machine of the graph must be allowed, in the order in which its states were bound.
    pub(crate) fn statements(&self, graph: GraphId) -> Vec<Statement> {
        let statements = |index: StateIndex| match &self.node(index).kind {
            Kind::Task(task) => task.statements.clone(),
            _ => Vec::new(),
        };
        self.all_members(graph)
            .into_iter()
            .flat_map(statements)
            .collect()
    }

    /// The states of a graph and of all graphs within it, in the order in which they were bound.
    pub(crate) fn all_members(&self, graph: GraphId) -> Vec<StateIndex> {
        let members = self.graphs.borrow()[graph.0].members.clone();
        let mut all = Vec::with_capacity(members.len());
        for index in members {
            all.push(index);
            let inner = self.node(index).kind.graphs();
            all.extend(inner.into_iter().flat_map(|graph| self.all_members(graph)));
        }
        all
    }

    /// Reports states that cannot be reached, or whose names are used twice, in a machine's graph.
    pub(crate) fn check(self: &Rc<Self>, graph: GraphId, place: &Place) {
        let members = self.all_members(graph);
        let mut names = BTreeSet::new();
        for index in &members {
            let node = self.node(*index);
            if !names.insert(node.state_id()) {
                let message = format!(
                    "State with name '{}' occurs twice. All states must have unique names.",
                    node.state_id()
                );
                place.report(Problem::graph(message, [node.state_id()]));
            }
        }
        self.check_reachable(graph, place);
    }

    fn check_reachable(&self, graph: GraphId, place: &Place) {
        let (start, members) = self.start_and_members(graph);
        let mut reached = BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(index) = open.pop() {
            open.extend(
                self.node(index)
                    .outgoing()
                    .into_iter()
                    .filter(|next| reached.insert(*next)),
            );
        }
        let lost: Vec<String> = members
            .iter()
            .filter(|index| !reached.contains(index))
            .map(|index| self.node(*index).state_id())
            .collect();
        if !lost.is_empty() {
            let names = lost.join("', '");
            let from = self.node(start).state_id();
            place.report(Problem::graph(
                format!("Cannot be reached from the start state '{from}': '{names}'"),
                lost,
            ));
        }
        for index in members {
            for inner in self.node(index).kind.graphs() {
                self.check_reachable(inner, place);
            }
        }
    }
}
