//! The AWS Step Functions API over HTTP.
//!
//! This crate knows how requests and answers look: AWS JSON 1.0, the API's model with its
//! constraints, errors, page tokens, Signature Version 4. What an action does, the engine knows.
//!
//! [`serve`] answers on a listener until it is told to stop. What it answers with is in [`Services`];
//! [`Operations`] are the actions of an engine.

mod auth;
pub mod lambda;
mod mac;
mod model;
mod operations;
mod pages;
mod protocol;
mod server;

pub use auth::{Access, AccessKey, sign};
pub use model::{LoadError, Model, Operation, Refusal};
pub use operations::{InProcess, Operations};
pub use pages::{List, PageKey};
pub use protocol::{Failure, RequestId};
pub use server::{
    Answered, BoxFuture, Call, Closing, Handler, Health, Limits, Probes, ServeError, ServerConfig,
    Services, StepFunctions, serve,
};
