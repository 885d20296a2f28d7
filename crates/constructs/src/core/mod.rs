//! The tree of constructs and what is synthesized from it.

mod app;
mod arn;
mod assembly;
mod asset;
mod context;
mod definitions;
mod duration;
mod environment;
mod error;
mod features;
mod logical_id;
mod output;
mod pretty;
mod resource;
mod scope;
mod size;
mod stack;
mod synthesizer;

pub use app::App;
pub use assembly::Assembly;
pub use asset::{Asset, AssetOptions, ImageOptions, SymlinkFollowMode};
pub use context::MissingContext;
pub use definitions::Definition;
pub use duration::Duration;
pub use environment::Environment;
pub use error::{ConstructError, ConstructErrors, Problem};
pub use features::{Feature, Features};
pub use output::Output;
pub use resource::{CfnResource, RemovalPolicy};
pub use scope::Scope;
pub use size::Size;
pub use stack::{Stack, StackId, Template};

pub(crate) use arn::{Arn, ArnFormat};
pub(crate) use asset::{AssetFile, EmbeddedFile};
pub(crate) use error::Place;
pub(crate) use logical_id::content_hash;
