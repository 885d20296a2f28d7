//! What tasks refer to: functions, queues, tables and so on, made in the stack or imported.

mod ec2;
mod eks;
mod lambda;
mod sqs;

pub use ec2::*;
pub use eks::{EksCluster, EksClusterAttributes, EksClusterOptions, KubernetesVersion};
pub use lambda::{Code, Function, Runtime};
pub use sqs::Queue;
