//! What can be said of states of several kinds.

use super::chain::Chainable;
use super::retry::{Catch, Retry};
use super::state::State;
use super::task::{Credentials, IntegrationPattern, Timeout};
use crate::value::{JsonPath, Name, Value};

/// The language of the expressions in a state or a whole machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueryLanguage {
    /// Paths and intrinsic functions.
    #[default]
    JsonPath,
    /// JSONata expressions between `{%` and `%}`.
    Jsonata,
}

impl QueryLanguage {
    /// Its name in a definition.
    pub fn name(self) -> &'static str {
        match self {
            Self::JsonPath => "JSONPath",
            Self::Jsonata => "JSONata",
        }
    }
}

/// What was said of a state. Which of it a kind of state has is for its builder's traits to say.
#[derive(Debug, Clone, Default)]
pub struct StateOptions {
    pub(crate) comment: Option<String>,
    pub(crate) state_name: Option<Name>,
    pub(crate) query_language: Option<QueryLanguage>,
    pub(crate) input_path: Option<JsonPath>,
    pub(crate) output_path: Option<JsonPath>,
    pub(crate) parameters: Option<Value>,
    pub(crate) arguments: Option<Value>,
    pub(crate) result_path: Option<JsonPath>,
    pub(crate) result_selector: Option<Value>,
    pub(crate) assign: Option<Value>,
    pub(crate) outputs: Option<Value>,
    pub(crate) retries: Vec<Retry>,
    pub(crate) catches: Vec<(State, Catch)>,
    pub(crate) integration_pattern: Option<IntegrationPattern>,
    pub(crate) timeout: Option<Timeout>,
    pub(crate) heartbeat: Option<Timeout>,
    pub(crate) credentials: Option<Credentials>,
}

/// A state that is being described. It becomes a [`State`] by [`build`](Self::build), or where a chain wants one.
pub trait StateBuilder: Sized {
    #[doc(hidden)]
    fn options(&mut self) -> &mut StateOptions;

    /// The state.
    fn build(self) -> State;

    /// A comment for people who read the definition.
    #[must_use]
    fn comment(mut self, comment: impl Into<String>) -> Self {
        self.options().comment = Some(comment.into());
        self
    }

    /// The state's name in the definition, if it is not to be the construct's id.
    #[must_use]
    fn state_name(mut self, name: impl Into<Name>) -> Self {
        self.options().state_name = Some(name.into());
        self
    }

    /// The language of its expressions, if it is not to be the machine's.
    #[must_use]
    fn query_language(mut self, language: QueryLanguage) -> Self {
        self.options().query_language = Some(language);
        self
    }

    /// Its expressions are in JSONata.
    #[must_use]
    fn jsonata(self) -> Self {
        self.query_language(QueryLanguage::Jsonata)
    }

    /// Its expressions are paths and intrinsic functions.
    #[must_use]
    fn json_path(self) -> Self {
        self.query_language(QueryLanguage::JsonPath)
    }
}

/// States that can assign variables: all but those that end the execution.
pub trait Assigning: StateBuilder {
    /// Variables to assign when the state succeeds: `object! { "total": JsonPath::number_at("$.total") }`.
    #[must_use]
    fn assign(mut self, variables: impl Into<Value>) -> Self {
        self.options().assign = Some(variables.into());
        self
    }
}

/// States that choose what of their input they see and what of their output they pass on.
pub trait InputOutput: StateBuilder {
    /// The part of the input that the state sees; [`JsonPath::DISCARD`] for `{}`. JSONPath only.
    #[must_use]
    fn input_path(mut self, path: impl Into<JsonPath>) -> Self {
        self.options().input_path = Some(path.into());
        self
    }

    /// The part of the output that is passed on; [`JsonPath::DISCARD`] for `{}`. JSONPath only.
    #[must_use]
    fn output_path(mut self, path: impl Into<JsonPath>) -> Self {
        self.options().output_path = Some(path.into());
        self
    }

    /// The output: a JSON value with expressions, or one expression. JSONata only.
    #[must_use]
    fn outputs(mut self, outputs: impl Into<Value>) -> Self {
        self.options().outputs = Some(outputs.into());
        self
    }
}

/// States that put their result into their input.
pub trait ResultOptions: InputOutput {
    /// Where in the input the result is put; [`JsonPath::DISCARD`] to throw it away. JSONPath only.
    #[must_use]
    fn result_path(mut self, path: impl Into<JsonPath>) -> Self {
        self.options().result_path = Some(path.into());
        self
    }

    /// What of the raw result is the result: a payload template. JSONPath only.
    #[must_use]
    fn result_selector(mut self, selector: impl Into<Value>) -> Self {
        self.options().result_selector = Some(selector.into());
        self
    }
}

/// States that can try again and go on elsewhere after errors.
pub trait Catching: StateBuilder {
    /// Tries again after errors.
    #[must_use]
    fn retry(mut self, retry: Retry) -> Self {
        self.options().retries.push(retry);
        self
    }

    /// Goes on with another state after errors.
    #[must_use]
    fn catch(mut self, handler: impl Chainable, catch: Catch) -> Self {
        let handler = handler.into_chain().start_state().clone();
        self.options().catches.push((handler, catch));
        self
    }
}

/// Makes a struct with the fields `scope` and `options` a builder of states: of a kind that an expression gives, or by a
/// function that makes the state.
macro_rules! state_builder {
    ($name:ident, |$builder:ident| $kind:expr) => {
        $crate::states::options::state_builder!($name, |$builder: $name| {
            let kind = $kind;
            $crate::states::State::new(&$builder.scope, $builder.options, kind)
        });
    };
    ($name:ident, $build:expr) => {
        impl $crate::states::StateBuilder for $name {
            fn options(&mut self) -> &mut $crate::states::StateOptions {
                &mut self.options
            }

            fn build(self) -> $crate::states::State {
                $build(self)
            }
        }
    };
}

pub(crate) use state_builder;
