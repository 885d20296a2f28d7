//! The tasks: one module for each service.

mod emr;
mod lambda;
mod property;
mod sqs;

pub use emr::*;
pub use lambda::{LambdaInvocationType, LambdaInvoke};
pub use sqs::SqsSendMessage;
