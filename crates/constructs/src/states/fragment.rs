//! Fragments: parts of workflows that are used more than once.

use super::chain::Chainable;
use super::parallel::Parallel;
use super::state::State;
use crate::core::Scope;

/// A part of a workflow with a place of its own in the tree, so that it can be used more than once.
///
/// It makes its states in a scope of its own and is [`Chainable`]:
///
/// ```
/// use stepmill_constructs::prelude::*;
///
/// /// Polls until a job is done.
/// struct Poll {
///     scope: Scope,
///     chain: Chain,
/// }
///
/// impl Poll {
///     fn new(scope: &Scope, id: &str, interval: Duration) -> Self {
///         let scope = scope.child(id);
///         let wait = Wait::new(&scope, "Wait", WaitTime::duration(interval)).build();
///         let done = Pass::new(&scope, "Done").build();
///         let choice = Choice::new(&scope, "Is it done?")
///             .when(Condition::boolean_equals("$.done", true), &done)
///             .otherwise(&wait)
///             .build();
///         Chain::start(&wait).next(choice);
///         let chain = Chain::custom(wait, vec![done], id.to_owned());
///         Self { scope, chain }
///     }
/// }
///
/// impl Chainable for Poll {
///     fn into_chain(self) -> Chain {
///         self.chain
///     }
/// }
///
/// impl StateMachineFragment for Poll {
///     fn scope(&self) -> &Scope {
///         &self.scope
///     }
/// }
///
/// let stack = Stack::new(&App::new(), "Stack");
/// let first = Poll::new(&stack, "First", Duration::seconds(5)).prefix_states(None);
/// let second = Poll::new(&stack, "Second", Duration::minutes(1)).prefix_states(None);
/// StateMachine::new(&stack, "Machine", first.next(second));
/// assert!(stack.template().is_ok());
/// ```
pub trait StateMachineFragment: Chainable {
    /// Its own place in the tree, below which its states are.
    fn scope(&self) -> &Scope;

    /// Its id.
    fn id(&self) -> String {
        self.scope().id().to_owned()
    }

    /// Puts a text before the names of all its states: by default its id, a colon and a space.
    #[must_use]
    fn prefix_states(self, prefix: Option<&str>) -> Self {
        let default = format!("{}: ", self.id());
        State::prefix_states(self.scope(), prefix.unwrap_or(&default));
        self
    }

    /// It as the only branch of a Parallel state with its id, with its states' names prefixed.
    fn to_single_state(self) -> Parallel {
        self.to_single_state_with(SingleStateOptions::default())
    }

    /// It as the only branch of a Parallel state, with its states' names prefixed.
    fn to_single_state_with(self, options: SingleStateOptions) -> Parallel {
        let id = options.state_id.unwrap_or_else(|| self.id());
        let prefix = options.prefix_states.unwrap_or_else(|| format!("{id}: "));
        let fragment = self.prefix_states(Some(&prefix));
        Parallel::new(&fragment.scope().clone(), &id).branch(fragment)
    }
}

/// How a fragment becomes a single state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SingleStateOptions {
    /// The Parallel state's id; the fragment's unless said.
    pub state_id: Option<String>,
    /// What is put before the names of the fragment's states; the Parallel state's id, a colon and a space unless said.
    pub prefix_states: Option<String>,
}
