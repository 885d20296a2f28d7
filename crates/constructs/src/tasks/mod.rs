//! The tasks: one module for each service.

mod eks;
mod emr;
mod emr_containers;
mod lambda;
mod property;
mod sqs;

pub use eks::{EksCall, HttpMethods};
pub use emr::*;
pub use emr_containers::*;
pub use lambda::{LambdaInvocationType, LambdaInvoke};
pub use sqs::SqsSendMessage;
