//! States and how they are put together.

mod chain;
mod graph;
mod options;
mod pass;
mod render;
mod retry;
mod state;
mod state_graph;
mod succeed;
mod task;
mod task_input;

pub use chain::{Chain, Chainable};
pub use options::{Catching, InputOutput, QueryLanguage, ResultOptions, StateBuilder};
pub use pass::Pass;
pub use retry::{Catch, JitterStrategy, Retry};
pub use state::State;
pub use state_graph::StateGraph;
pub use succeed::Succeed;
pub use task::{Credentials, IntegrationPattern, TaskBuilder, TaskMetrics, Timeout};
pub use task_input::TaskInput;

pub(crate) use options::StateOptions;
pub(crate) use state::States;
pub(crate) use task::{Task, TaskDefinition, TaskScope, task_state};
