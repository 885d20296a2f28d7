//! What a Task does at run time: local Lambda functions, and the project file that declares them.

pub mod lambda;
pub mod project;
