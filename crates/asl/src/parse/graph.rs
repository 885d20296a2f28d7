//! Transitions: whether their targets exist, and whether a workflow ends and is used in full.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostic::Code;
use crate::model::StateId;

use super::checker::Checker;
use super::fields::Object;
use super::source::{Kind, Member, Node, Place};

/// The states of one `States` object by name.
#[derive(Debug)]
pub(crate) struct Targets<'n> {
    ids: FxHashMap<&'n str, StateId>,
    states: &'n [Member],
}

impl<'n> Targets<'n> {
    /// Names the states from `first` on, in their order.
    pub(crate) fn new(states: &'n [Member], first: u32) -> Self {
        let ids = states.iter().zip(first..);
        let ids = ids.map(|(state, id)| (state.key.as_str(), StateId(id)));
        Self {
            ids: ids.collect(),
            states,
        }
    }

    /// Whether the name leads to that state: of states with one name, to the last.
    pub(crate) fn is(&self, name: &str, id: StateId) -> bool {
        self.ids.get(name) == Some(&id)
    }
}

impl Checker<'_> {
    /// The state that a field (`Next`, `Default`, `StartAt`) names.
    pub(crate) fn target(
        &mut self,
        object: &Object<'_>,
        field: &str,
        targets: &Targets<'_>,
    ) -> Option<StateId> {
        let name = self.text(object, field)?;
        if let Some(id) = targets.ids.get(name) {
            return Some(*id);
        }
        let names = targets.states.iter().map(|state| state.key.as_str());
        let help = match self.nearest(name, names) {
            Some(nearest) => format!("did you mean '{nearest}'?"),
            None => "transitions lead to states of the same States object only".to_owned(),
        };
        let bytes = object.get(field).map_or(&object.head, |node| &node.bytes);
        // AWS says 'Next' for every field that names a state (observed).
        let message = format!("Missing 'Next' target: {name}");
        let code = Code::MissingTransitionTarget;
        self.report(code, Some(&object.place.key(field)), bytes, message, help);
        None
    }

    /// Tells if no state of the machine's own `States` ends the execution.
    ///
    /// Inner workflows are not looked at, as observed on AWS.
    pub(crate) fn ends(&mut self, states: &[Member], head: &Range<usize>) -> bool {
        if states.iter().any(|state| is_terminal(&state.value)) {
            return true;
        }
        let message = "Workflow has no terminal state";
        let help = "give a state \"End\": true, or lead to a Succeed or Fail state";
        self.report(Code::MissingEndState, None, head, message, help);
        false
    }

    /// Tells of states that no transition leads to.
    ///
    /// A state counts as reachable as soon as some other state names it, wherever that one can be
    /// reached itself (observed on AWS with a `StartAt` that names no state).
    pub(crate) fn reachable(&mut self, states: &[Member], start: &str, place: &Place<'_>) {
        let mut named = FxHashSet::default();
        named.insert(start);
        for state in states {
            let targets = successors(&state.value);
            named.extend(targets.filter(|target| *target != state.key));
        }
        for state in states
            .iter()
            .filter(|state| !named.contains(state.key.as_str()))
        {
            let message = format!("State \"{}\" is not reachable.", state.key);
            let help = "lead to it with Next, Default, Catch or StartAt, or remove it";
            let place = place.key(&state.key);
            let code = Code::MissingTransitionTarget;
            self.report(code, Some(&place), &state.key_bytes, message, help);
        }
    }
}

fn field<'n>(state: &'n Node, name: &str) -> Option<&'n Node> {
    let mut members = state.as_object()?.iter();
    members
        .find(|member| member.key == name)
        .map(|member| &member.value)
}

fn type_of(state: &Node) -> Option<&str> {
    field(state, "Type")?.as_str()
}

fn ends_here(state: &Node) -> bool {
    matches!(
        field(state, "End").map(|node| &node.kind),
        Some(Kind::Bool(true))
    )
}

fn is_terminal(state: &Node) -> bool {
    ends_here(state) || matches!(type_of(state), Some("Succeed" | "Fail"))
}

/// The entries of an array field.
fn entries<'n>(state: &'n Node, name: &str) -> &'n [Node] {
    match field(state, name).map(|node| &node.kind) {
        Some(Kind::Array(items)) => items,
        _ => &[],
    }
}

/// The states that a state names.
fn successors(state: &Node) -> impl Iterator<Item = &str> {
    let own = ["Next", "Default"].into_iter();
    let own = own.filter_map(|name| field(state, name));
    let listed = entries(state, "Choices")
        .iter()
        .chain(entries(state, "Catch"));
    let listed = listed.filter_map(|entry| field(entry, "Next"));
    own.chain(listed).filter_map(Node::as_str)
}

/// Whether every state says where it leads.
pub(crate) fn can_be_followed(states: &[Member]) -> bool {
    states.iter().all(|state| leads_somewhere(&state.value))
}

fn leads_somewhere(state: &Node) -> bool {
    let listed = |name| {
        let mut entries = entries(state, name).iter();
        entries.all(|entry| field(entry, "Next").is_some_and(|next| next.as_str().is_some()))
    };
    let own = match type_of(state) {
        Some("Succeed" | "Fail") => true,
        Some("Choice") => !entries(state, "Choices").is_empty() && listed("Choices"),
        Some(_) => ends_here(state) || field(state, "Next").is_some_and(|n| n.as_str().is_some()),
        None => false,
    };
    own && listed("Catch")
}
