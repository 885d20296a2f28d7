//! What tasks refer to: functions, queues, tables and so on, made in the stack or imported.

// A setter changes the resource in place; what it returns is for another setter.
#![allow(clippy::return_self_not_must_use)]

mod api_gateway;
mod batch;
mod bedrock;
mod codebuild;
mod connection;
mod dynamodb;
mod ec2;
mod ecr;
pub mod ecs;
mod eks;
mod events;
mod image_asset;
mod kms;
mod lambda;
mod location;
mod logs;
mod s3;
mod sns;
mod sqs;

pub use api_gateway::{ApiResource, HttpApi, RestApi};
pub use batch::{ComputeEnvironment, JobDefinition, JobDefinitionContainer, JobQueue};
pub use bedrock::BedrockModel;
pub use codebuild::{
    BuildEnvironmentVariable, BuildEnvironmentVariableType, BuildSpec, ComputeType, Project,
};
pub use connection::{Authorization, Connection};
pub use dynamodb::{AttributeType, BillingMode, Table};
pub use ec2::*;
pub use ecr::Repository;
pub use eks::{EksCluster, EksClusterAttributes, EksClusterOptions, KubernetesVersion};
pub use events::EventBus;
pub use image_asset::DockerImageAsset;
pub use kms::Key;
pub use lambda::{
    Alias, Architecture, Code, Function, FunctionAttributes, Handler, ImageOptions, LayerVersion,
    Permission, Runtime, SingletonFunction, Tracing, Version, VersionWeight,
};
pub use location::Location;
pub use logs::LogGroup;
pub use s3::Bucket;
pub use sns::Topic;
pub use sqs::Queue;

pub(crate) use api_gateway::endpoint;

/// Whether a queue or topic of this name keeps the order of messages.
fn is_fifo_name(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, suffix)| suffix == "fifo")
}
