//! What tasks refer to: functions, queues, tables and so on, made in the stack or imported.

mod ec2;
mod ecr;
pub mod ecs;
mod lambda;
mod sqs;

pub use ec2::*;
pub use ecr::Repository;
pub use lambda::{Code, Function, Runtime};
pub use sqs::Queue;
