//! States and how they are put together.

mod chain;
mod check;
mod choice;
mod condition;
mod custom_state;
mod distributed_map;
mod errors;
mod fail;
mod fragment;
mod graph;
mod map;
mod options;
mod parallel;
mod pass;
mod reach;
mod render;
mod retry;
mod state;
mod state_graph;
mod succeed;
mod task;
mod task_input;
mod wait;

pub use chain::{Chain, Chainable};
pub use choice::{AfterwardsOptions, Choice, ChoiceTransitionOptions};
pub use condition::Condition;
pub use custom_state::CustomState;
pub use distributed_map::{
    CsvDelimiter, CsvHeaderLocation, CsvHeaders, DistributedMap, ItemBatcher, ItemReader,
    OutputType, ResultWriter, ResultWriterV2, S3CsvItemReader, S3JsonItemReader, S3JsonLItemReader,
    S3ManifestItemReader, S3ObjectsItemReader, Transformation, WriterConfig,
};
pub use errors::Errors;
pub use fail::Fail;
pub use fragment::{SingleStateOptions, StateMachineFragment};
pub use map::{Map, MapBase, ProcessorConfig, ProcessorMode, ProcessorType, ProvideItems};
pub use options::{Assigning, Catching, InputOutput, QueryLanguage, ResultOptions, StateBuilder};
pub use parallel::Parallel;
pub use pass::Pass;
pub use reach::FindStateOptions;
pub use retry::{Catch, JitterType, Retry};
pub use state::State;
pub use state_graph::StateGraph;
pub use succeed::Succeed;
pub use task::{Credentials, IntegrationPattern, TaskBuilder, TaskMetrics, Timeout};
pub use task_input::{InputType, TaskInput};
pub use wait::{Wait, WaitTime};

pub(crate) use options::StateOptions;
pub(crate) use state::States;
pub(crate) use task::{Task, TaskDefinition, TaskScope, task_state};
