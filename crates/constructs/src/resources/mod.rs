//! What tasks refer to: functions, queues, tables and so on, made in the stack or imported.

mod batch;
mod codebuild;
mod dynamodb;
mod ec2;
mod events;
mod lambda;
mod sqs;

pub use batch::{ComputeEnvironment, JobDefinition, JobDefinitionContainer, JobQueue};
pub use codebuild::{
    BuildEnvironmentVariable, BuildEnvironmentVariableType, BuildSpec, ComputeType, Project,
};
pub use dynamodb::{Attribute, AttributeType, BillingMode, Table};
pub use ec2::*;
pub use events::EventBus;
pub use lambda::{Code, Function, Runtime};
pub use sqs::Queue;
