//! What tasks refer to: functions, queues, tables and so on, made in the stack or imported.

// A setter changes the resource in place; what it returns is for another setter.
#![allow(clippy::return_self_not_must_use)]

mod api_gateway;
mod bedrock;
mod connection;
mod dynamodb;
mod ec2;
mod events;
mod kms;
mod lambda;
mod location;
mod logs;
mod s3;
mod sns;
mod sqs;

pub use api_gateway::{ApiResource, HttpApi, RestApi};
pub use bedrock::BedrockModel;
pub use connection::{Authorization, Connection};
pub use dynamodb::{AttributeType, BillingMode, Table};
pub use ec2::*;
pub use events::EventBus;
pub use kms::Key;
pub use lambda::{Code, Function, Runtime};
pub use location::Location;
pub use logs::LogGroup;
pub use s3::Bucket;
pub use sns::Topic;
pub use sqs::Queue;

pub(crate) use api_gateway::endpoint;
