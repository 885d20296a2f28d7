//! The tasks: one module for each service.

mod emr;
mod lambda;
mod property;
mod sns;
mod sqs;
mod step_functions;

pub use emr::*;
pub use lambda::{LambdaInvocationType, LambdaInvoke};
pub use sns::{MessageAttribute, MessageAttributeDataType, SnsPublish};
pub use sqs::SqsSendMessage;
pub use step_functions::{StepFunctionsInvokeActivity, StepFunctionsStartExecution};
