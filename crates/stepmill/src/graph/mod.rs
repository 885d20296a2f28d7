//! A state machine as a graph: states, the ways between them, and what lies inside Parallel and Map
//! states; drawn as Mermaid, DOT or SVG.

mod condition;
mod dot;
mod effort;
mod layout;
mod mermaid;
mod palette;
mod svg;
mod text;

use std::fmt;
use std::sync::Arc;

use stepmill_asl::model::{
    Choice, ProcessorMode, Resource, State, StateId, StateKind, StateMachine, Transition,
    WorkflowId,
};

/// The graph of a state machine.
#[derive(Debug, Clone)]
pub struct Graph {
    /// The machine's own states.
    pub root: Workflow,
}

/// One `States` object as a graph.
#[derive(Debug, Clone, Default)]
pub struct Workflow {
    /// Start, the states in the order written, and the end if one is reached.
    pub nodes: Vec<Node>,
    /// Ways between [`nodes`](Self::nodes).
    pub edges: Vec<Edge>,
}

/// A node of a [`Workflow`].
#[derive(Debug, Clone)]
pub enum Node {
    /// Where the workflow begins.
    Start,
    /// Where it ends well.
    End,
    /// A state.
    State(StateNode),
}

/// A state as it is drawn.
#[derive(Debug, Clone)]
pub struct StateNode {
    /// Its name.
    pub name: Arc<str>,
    /// Its `Type`.
    pub type_name: &'static str,
    /// What it does in a few words, such as `lambda:invoke`.
    pub detail: Option<String>,
    /// Branches of a Parallel state; the one processor of a Map state.
    pub inside: Vec<Workflow>,
}

/// A way from one node to another, by their places in [`Workflow::nodes`].
#[derive(Debug, Clone)]
pub struct Edge {
    /// Where it leaves.
    pub from: usize,
    /// Where it arrives.
    pub to: usize,
    /// Why it is taken.
    pub kind: EdgeKind,
}

/// Why a way is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EdgeKind {
    /// Always.
    Next,
    /// If a Choice state's condition holds.
    Condition(String),
    /// If none of a Choice state's conditions holds.
    Default,
    /// If one of these errors is caught.
    Catch(String),
}

impl EdgeKind {
    /// What is written at the way.
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::Next => None,
            Self::Condition(text) | Self::Catch(text) => Some(text),
            Self::Default => Some("Default"),
        }
    }
}

/// A machine that is too large to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a workflow of {states} states with {ways} ways between them is too large to be laid out")]
pub struct TooLarge {
    /// States of the workflow.
    pub states: usize,
    /// Ways between them.
    pub ways: usize,
}

impl Graph {
    /// The graph of `machine`.
    pub fn new(machine: &StateMachine) -> Self {
        Self {
            root: Workflow::new(machine, StateMachine::ROOT),
        }
    }

    /// As a Mermaid flowchart.
    pub fn mermaid(&self) -> String {
        mermaid::draw(self)
    }

    /// In Graphviz's DOT language.
    pub fn dot(&self) -> String {
        dot::draw(self)
    }

    /// As an SVG image.
    pub fn svg(&self) -> Result<String, TooLarge> {
        let scene = layout::lay_out(&self.root)?;
        Ok(svg::draw(&scene))
    }
}

impl Workflow {
    // Recursion is as deep as the definition nests, which the parser bounds.
    fn new(machine: &StateMachine, id: WorkflowId) -> Self {
        let workflow = machine.workflow(id);
        let mut graph = Self {
            nodes: vec![Node::Start],
            edges: Vec::new(),
        };
        for state in &workflow.states {
            graph
                .nodes
                .push(Node::State(StateNode::new(machine, machine.state(*state))));
        }
        let end = graph.nodes.len();
        let node = |state: StateId| {
            let position = workflow.states.iter().position(|other| *other == state);
            position.map_or(end, |position| position + 1)
        };
        graph.join(0, node(workflow.start_at), EdgeKind::Next);
        for (index, state) in workflow.states.iter().enumerate() {
            let state = machine.state(*state);
            let from = index + 1;
            match (&state.kind, state.transition) {
                (StateKind::Choice(choice), _) => graph.choose(from, choice, &node),
                (StateKind::Fail(_), _) => {}
                (_, Some(Transition::Next(next))) => graph.join(from, node(next), EdgeKind::Next),
                (_, Some(Transition::End)) | (StateKind::Succeed, None) => {
                    graph.join(from, end, EdgeKind::Next);
                }
                (_, None) => {}
            }
            for catcher in state
                .error_handling()
                .iter()
                .flat_map(|errors| &errors.catch)
            {
                let errors = catcher.error_equals.join(", ");
                graph.join(from, node(catcher.next), EdgeKind::Catch(errors));
            }
        }
        if graph.edges.iter().any(|edge| edge.to == end) {
            graph.nodes.push(Node::End);
        }
        graph
    }

    fn choose(&mut self, from: usize, choice: &Choice, node: &dyn Fn(StateId) -> usize) {
        for rule in &choice.rules {
            let condition = condition::short(&rule.condition);
            self.join(from, node(rule.next), EdgeKind::Condition(condition));
        }
        if let Some(default) = choice.default {
            self.join(from, node(default), EdgeKind::Default);
        }
    }

    fn join(&mut self, from: usize, to: usize, kind: EdgeKind) {
        self.edges.push(Edge { from, to, kind });
    }
}

impl StateNode {
    fn new(machine: &StateMachine, state: &State) -> Self {
        let inside = match &state.kind {
            StateKind::Parallel(parallel) => parallel.branches.as_slice(),
            StateKind::Map(map) => std::slice::from_ref(&map.processor),
            _ => &[],
        };
        let inside = inside.iter().map(|branch| Workflow::new(machine, *branch));
        Self {
            name: state.name.clone(),
            type_name: state.kind.type_name(),
            detail: detail(&state.kind),
            inside: inside.collect(),
        }
    }
}

/// What a state does, where its type does not say it.
fn detail(kind: &StateKind) -> Option<String> {
    match kind {
        StateKind::Task(task) => Some(match &task.resource {
            Resource::Lambda(arn) => function_name(arn).to_owned(),
            Resource::Activity(arn) => {
                format!("activity {}", arn.rsplit(':').next().unwrap_or_default())
            }
            Resource::Service(service) => {
                format!("{}:{}", service.service, service.resource())
            }
        }),
        StateKind::Map(map) => match map.mode {
            ProcessorMode::Inline => None,
            ProcessorMode::Distributed(_) => Some("distributed".to_owned()),
        },
        _ => None,
    }
}

/// The name in `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`.
fn function_name(arn: &str) -> &str {
    arn.splitn(7, ':').nth(6).unwrap_or(arn)
}

impl fmt::Display for StateNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.type_name)?;
        match &self.detail {
            Some(detail) => write!(f, " · {detail}"),
            None => Ok(()),
        }
    }
}
