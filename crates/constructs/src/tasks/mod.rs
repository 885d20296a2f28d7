//! The tasks: one module for each service.

mod lambda;
mod sqs;

pub use lambda::{LambdaInvocationType, LambdaInvoke};
pub use sqs::SqsSendMessage;
