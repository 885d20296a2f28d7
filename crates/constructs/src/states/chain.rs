//! Chains: states that go on one after the other.

use super::options::StateBuilder;
use super::parallel::Parallel;
use super::state::State;
use crate::core::{Problem, Scope};

/// What can be part of a chain: a state, a chain, a fragment.
pub trait Chainable: Sized {
    /// It as a chain.
    fn into_chain(self) -> Chain;

    /// Goes on with something else.
    fn next(self, next: impl Chainable) -> Chain {
        self.into_chain().followed_by(next.into_chain())
    }
}

/// States one after the other: the first, and those that whatever follows is put after.
#[derive(Debug, Clone)]
pub struct Chain {
    start: State,
    ends: Vec<State>,
    last: String,
}

impl Chain {
    /// A chain of one state, or the start of another chain.
    pub fn start(state: impl Chainable) -> Self {
        state.into_chain()
    }

    /// A chain that starts with one part and goes on after another. Whatever leads from one to the other is there already.
    pub fn sequence(start: impl Chainable, next: impl Chainable) -> Self {
        let next = next.into_chain();
        Self {
            start: start.into_chain().start,
            ..next
        }
    }

    /// A chain that starts with a state and goes on after others; `last` is what errors call its end.
    ///
    /// Where a Choice state is one of the others, what follows becomes its `otherwise`.
    pub fn custom(start: State, ends: Vec<State>, last: String) -> Self {
        Self { start, ends, last }
    }

    /// The state that it starts with.
    pub fn start_state(&self) -> &State {
        &self.start
    }

    /// The states that whatever follows is put after.
    pub fn end_states(&self) -> &[State] {
        &self.ends
    }

    /// Its id: that of its last part.
    pub fn id(&self) -> &str {
        &self.last
    }

    /// It as the only branch of a Parallel state, so that errors of all its states can be handled in one place.
    pub fn to_single_state(self, scope: &Scope, id: &str) -> Parallel {
        Parallel::new(scope, id).branch(self)
    }

    fn followed_by(self, next: Chain) -> Self {
        if self.ends.is_empty() {
            let message = format!(
                "Cannot add to chain: last state in chain ({}) does not allow it",
                self.last
            );
            self.start
                .report(Problem::graph(message, [self.last.clone()]));
        }
        for end in &self.ends {
            end.make_next(&next.start);
        }
        Self {
            start: self.start,
            ends: next.ends,
            last: next.last,
        }
    }
}

impl Chainable for Chain {
    fn into_chain(self) -> Chain {
        self
    }
}

impl Chainable for &Chain {
    fn into_chain(self) -> Chain {
        self.clone()
    }
}

impl<T: StateBuilder> Chainable for T {
    fn into_chain(self) -> Chain {
        self.build().into_chain()
    }
}
