//! State machines, activities, and their metrics.

// A setter changes the resource in place; what it returns is for another setter.
#![allow(clippy::return_self_not_must_use)]

mod activity;
mod definition;
mod encryption;
mod grants;
mod logs;
mod metric;
mod said;
mod state_machine;
mod task_metrics;

pub use activity::Activity;
pub use definition::DefinitionBody;
pub use encryption::{
    AwsOwnedEncryptionConfiguration, CustomerManagedEncryptionConfiguration,
    EncryptionConfiguration,
};
pub use logs::{LogLevel, LogOptions};
pub use metric::{Metric, StateTransitionMetric, Statistic};
pub use state_machine::{StateMachine, StateMachineType};
