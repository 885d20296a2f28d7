//! The tree of constructs and what is synthesized from it.

mod app;
mod arn;
mod context;
mod duration;
mod environment;
mod error;
mod features;
mod logical_id;
mod resource;
mod scope;
mod size;
mod stack;

pub use app::App;
pub use context::MissingContext;
pub use duration::Duration;
pub use environment::Environment;
pub use error::{ConstructError, Errors, Problem};
pub use features::{Feature, Features};
pub use resource::{CfnResource, RemovalPolicy};
pub use scope::Scope;
pub use size::Size;
pub use stack::{Stack, StackId, Template};

pub(crate) use arn::{Arn, ArnFormat};
pub(crate) use error::Place;
