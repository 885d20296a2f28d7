//! The tasks: one module for each service.

mod api_gateway;
mod athena;
mod aws_service;
mod bedrock;
mod emr;
mod lambda;
mod property;
mod sqs;

pub use api_gateway::*;
pub use athena::*;
pub use aws_service::CallAwsService;
pub use bedrock::*;
pub use emr::*;
pub use lambda::{LambdaInvocationType, LambdaInvoke};
pub use sqs::SqsSendMessage;
