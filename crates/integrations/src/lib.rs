//! What a Task does at run time: local Lambda functions, mocks.

pub mod call;
pub mod mock;

pub use call::{Call, Outcome, Progress};
