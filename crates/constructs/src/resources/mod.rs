//! What tasks refer to: functions, queues, tables and so on, made in the stack or imported.

// A setter changes the resource in place; what it returns is for another setter.
#![allow(clippy::return_self_not_must_use)]

mod batch;
mod codebuild;
mod dynamodb;
mod ec2;
mod ecr;
pub mod ecs;
mod events;
mod kms;
mod lambda;
mod logs;
mod s3;
mod sns;
mod sqs;

pub use batch::{ComputeEnvironment, JobDefinition, JobDefinitionContainer, JobQueue};
pub use codebuild::{
    BuildEnvironmentVariable, BuildEnvironmentVariableType, BuildSpec, ComputeType, Project,
};
pub use dynamodb::{AttributeType, BillingMode, Table};
pub use ec2::*;
pub use ecr::Repository;
pub use events::EventBus;
pub use kms::Key;
pub use lambda::{Code, Function, Runtime};
pub use logs::LogGroup;
pub use s3::Bucket;
pub use sns::Topic;
pub use sqs::Queue;
