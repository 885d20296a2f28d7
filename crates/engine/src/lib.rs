//! The runtime that drives executions: turns, timers and tasks.
//!
//! An execution runs turn by turn. What happened goes to the interpreter; the records it gives are
//! committed to the journal; only then are its effects carried out.

mod activities;
mod arn;
mod caller;
mod clock;
mod drive;
mod error;
mod journal;
mod keeper;
mod machines;
mod names;
mod page;
mod quotas;
mod tags;

pub use activities::{ActivityRef, CreateActivity};
pub use arn::{Arn, Qualifier, Resource, partition};
pub use caller::Caller;
pub use clock::Clock;
pub use drive::{Engine, Finished, Run, Start};
pub use error::{Code, Error};
pub use journal::Journal;
pub use keeper::Keeper;
pub use machines::{
    AliasDescription, AliasItem, CreateStateMachine, CreateStateMachineAlias, CreatedStateMachine,
    EncryptionConfiguration, EncryptionType, ExecutionsOf, LogGroups, Logging,
    LoggingConfiguration, LoggingLevel, Machines, PublishStateMachineVersion, Resolved, Revision,
    Route, StateMachineDescription, StateMachineItem, UpdateStateMachine, UpdateStateMachineAlias,
    UpdatedStateMachine, Validation, VersionItem, validate_definition,
};
pub use names::{ACCOUNT, REGION, check_name, identity};
pub use page::{NameCursor, Page, VersionCursor};
pub use quotas::Quotas;
pub use tags::Tag;
