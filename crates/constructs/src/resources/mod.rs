//! What tasks refer to: functions, queues, tables and so on, made in the stack or imported.

mod ec2;
mod lambda;
mod sqs;

pub use ec2::*;
pub use lambda::{Code, Function, Runtime};
pub use sqs::Queue;
