//! Which states can be reached from a state.

use std::collections::{BTreeSet, VecDeque};

use super::state::State;

/// How states are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FindStateOptions {
    /// Also follow what states do after errors.
    pub include_error_handlers: bool,
}

impl State {
    /// All states that can be reached from a state, itself first.
    pub fn find_reachable_states(start: &State, options: FindStateOptions) -> Vec<State> {
        reachable(start, options).0
    }

    /// The states that can be reached from a state and have no next state themselves.
    ///
    /// Unlike in the CDK, a state that handles errors is one of them also where error handlers are followed.
    pub fn find_reachable_end_states(start: &State, options: FindStateOptions) -> Vec<State> {
        reachable(start, options).1
    }

    /// Those of some states that others can follow.
    pub fn filter_nextables(states: impl IntoIterator<Item = State>) -> Vec<State> {
        let mut states: Vec<State> = states.into_iter().collect();
        states.retain(|state| state.node().kind.can_have_next());
        states
    }
}

/// All states, and those of them that have no next state.
fn reachable(start: &State, options: FindStateOptions) -> (Vec<State>, Vec<State>) {
    let mut visited = BTreeSet::new();
    let (mut all, mut ends) = (Vec::new(), Vec::new());
    let mut open = VecDeque::from([start.clone()]);
    while let Some(state) = open.pop_front() {
        if !visited.insert(state.index()) {
            continue;
        }
        if state.node().outgoing(false).is_empty() {
            ends.push(state.clone());
        }
        let outgoing = state.node().outgoing(options.include_error_handlers);
        open.extend(outgoing.into_iter().map(|next| state.sibling(next)));
        all.push(state);
    }
    (all, ends)
}
