//! Graphs: which states belong together.
//!
//! A machine's states are one graph, and each branch of a Parallel and the inside of a Map is one of its own.

use super::chain::Chain;
use super::state::{Kind, StateIndex, States};
use crate::core::Problem;
use crate::iam::Statement;
use crate::value::{Name, Text};

/// Which of an app's graphs it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct GraphId(usize);

pub(super) struct Graph {
    pub(super) start: StateIndex,
    description: String,
    /// In the order in which they were bound.
    members: Vec<StateIndex>,
    steps: Vec<Step>,
}

/// How states are bound: a state is left when all that are connected with it are bound.
#[derive(Debug, Clone, Copy)]
enum Step {
    Enter(StateIndex),
    Leave(StateIndex),
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
            steps: Vec::new(),
        });
        self.bind(start, id);
        id
    }

    /// Notes in the graph of either state that one leads to the other.
    pub(super) fn connect(&self, from: StateIndex, to: StateIndex) {
        let (of_from, of_to) = (self.node(from).graph, self.node(to).graph);
        if let Some(graph) = of_from.or(of_to) {
            self.bind(from, graph);
            self.bind(to, graph);
        }
    }

    /// Puts a state and all that are connected with it into a graph.
    fn bind(&self, state: StateIndex, graph: GraphId) {
        let mut open = vec![Step::Enter(state)];
        // What only leads to a state where no branch of a Choice applies comes after all else, as the CDK does not know it.
        let mut last = Vec::new();
        while let Some(step) = open.pop().or_else(|| last.pop()) {
            if let Step::Enter(index) = step {
                if !self.enter(index, graph) {
                    continue;
                }
                let node = self.node(index);
                // The last is taken first: incoming states, then outgoing ones, each in its order.
                open.push(Step::Leave(index));
                open.extend(node.outgoing(true).into_iter().rev().map(Step::Enter));
                open.extend(node.incoming.iter().rev().copied().map(Step::Enter));
                last.extend(node.default_of.iter().copied().map(Step::Enter));
            }
            self.graphs.borrow_mut()[graph.0].steps.push(step);
        }
    }

    /// Puts a state into a graph; whether it was in none before.
    fn enter(&self, index: StateIndex, graph: GraphId) -> bool {
        match self.node(index).graph {
            Some(known) if known == graph => return false,
            Some(known) => {
                self.in_two_graphs(index, graph, known);
                return false;
            }
            None => {}
        }
        self.change(index, |node| node.graph = Some(graph));
        self.graphs.borrow_mut()[graph.0].members.push(index);
        true
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
    pub(super) fn described(&self, graph: GraphId) -> String {
        let graphs = self.graphs.borrow();
        let graph = &graphs[graph.0];
        let mut names: Vec<Name> = graph
            .members
            .iter()
            .take(3)
            .map(|index| self.node(*index).state_id())
            .collect();
        if graph.members.len() > 3 {
            names.push("...".into());
        }
        format!("{} ({})", graph.description, names.join(", "))
    }

    pub(super) fn start_and_members(&self, graph: GraphId) -> (StateIndex, Vec<StateIndex>) {
        let graphs = self.graphs.borrow();
        (graphs[graph.0].start, graphs[graph.0].members.clone())
    }

    /// What a machine of the graph must be allowed, in the CDK's order: what is within a state comes when the state is left.
    pub(crate) fn statements(&self, graph: GraphId) -> Vec<Statement> {
        let mut statements = Vec::new();
        self.add_statements(graph, &mut statements);
        statements
    }

    fn add_statements(&self, graph: GraphId, to: &mut Vec<Statement>) {
        for step in &self.graphs.borrow()[graph.0].steps {
            match step {
                Step::Enter(index) => match &self.node(*index).kind {
                    Kind::Task(task) => to.extend_from_slice(&task.statements),
                    Kind::Map(map) => {
                        let distributed = map.distributed.as_ref();
                        to.extend_from_slice(distributed.map_or(&[], |map| map.statements()));
                    }
                    _ => {}
                },
                Step::Leave(index) => {
                    for graph in self.node(*index).kind.graphs() {
                        self.add_statements(graph, to);
                    }
                }
            }
        }
    }

    /// The states of a graph and of all graphs within it, in the order in which they were bound.
    pub(crate) fn all_members(&self, graph: GraphId) -> Vec<StateIndex> {
        let (_, members) = self.start_and_members(graph);
        let mut all = Vec::with_capacity(members.len());
        for index in members {
            all.push(index);
            let inner = self.node(index).kind.graphs();
            all.extend(inner.into_iter().flat_map(|graph| self.all_members(graph)));
        }
        all
    }

    /// The labels of the distributed Maps of a graph and of all graphs within it: `*` if one has none; nothing without such Maps.
    pub(crate) fn map_run_labels(&self, graph: GraphId) -> Option<Vec<Text>> {
        let mut labels: Vec<Text> = Vec::new();
        for index in self.all_members(graph) {
            if let Kind::Map(map) = &self.node(index).kind
                && map.is_distributed()
            {
                let label = map.distributed.as_ref().and_then(|map| map.label());
                let label = Text::from(label.unwrap_or("*"));
                if !labels.contains(&label) {
                    labels.push(label);
                }
            }
        }
        let any = Text::from("*");
        if labels.contains(&any) {
            labels = vec![any];
        }
        (!labels.is_empty()).then_some(labels)
    }
}
