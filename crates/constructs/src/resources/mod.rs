//! What tasks refer to: functions, queues, tables and so on, made in the stack or imported.

mod lambda;
mod sqs;

pub use lambda::{
    Alias, Architecture, Code, Function, FunctionAttributes, Handler, ImageOptions, LayerVersion,
    Permission, Runtime, SingletonFunction, Tracing, Version, VersionWeight,
};
pub use sqs::Queue;
