//! The registry: state machines, their revisions, versions and aliases.

mod aliases;
pub(crate) mod cache;
mod create;
pub(crate) mod definition;
mod delete;
mod describe;
pub(crate) mod documents;
pub(crate) mod encryption;
mod logging;
pub(crate) mod registry;
mod resolve;
mod revision;
mod routing;
mod update;
mod versions;

pub use aliases::{AliasDescription, AliasItem, CreateStateMachineAlias, UpdateStateMachineAlias};
pub use create::{CreateStateMachine, CreatedStateMachine};
pub use definition::{Validation, validate_definition};
pub use describe::{StateMachineDescription, StateMachineItem};
pub use encryption::{EncryptionConfiguration, EncryptionType};
pub use logging::{LogGroups, LoggingConfiguration};
pub use registry::Machines;
pub use resolve::ExecutionsOf;
pub use revision::{Logging, LoggingLevel, Resolved, Revision};
pub use routing::Route;
pub use update::{UpdateStateMachine, UpdatedStateMachine};
pub use versions::{PublishStateMachineVersion, VersionItem};
