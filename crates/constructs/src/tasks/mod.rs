//! The tasks: one module for each service.

mod ecs;
mod emr;
mod lambda;
mod property;
mod sqs;

pub use ecs::*;
pub use emr::*;
pub use lambda::{LambdaInvocationType, LambdaInvoke};
pub use sqs::SqsSendMessage;
