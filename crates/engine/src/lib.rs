//! The runtime that drives executions: turns, timers and tasks.
//!
//! An execution runs turn by turn. What happened goes to the interpreter; the records it gives are
//! committed to the journal; only then are its effects carried out.

mod activities;
mod arn;
mod caller;
mod clock;
mod core;
mod drive;
mod encoding;
mod engine;
mod error;
mod executions;
pub mod functions;
mod input;
mod journal;
mod keeper;
mod live;
mod machines;
mod message;
mod names;
mod nested;
mod observe;
mod observer;
mod page;
mod queues;
mod quotas;
mod recovery;
mod redrive_tokens;
mod retention;
mod runner;
mod running;
mod status;
mod stops;
mod tasks;
pub mod test_state;
mod timers;
mod world;

mod tags;

pub use activities::{ActivityRef, CreateActivity};
pub use arn::{Arn, Qualifier, Resource, partition};
pub use caller::Caller;
pub use clock::Clock;
pub use drive::Interrupted;
pub use encoding::{EncodingError, decode_records};
pub use engine::{Config, Engine, EngineLimits, OpenError};
pub use error::{Code, Error};
pub use executions::{
    Billing, DescribedExecution, Ending, ExecutionCursor, ExecutionsQuery, HistoryCursor,
    HistoryQuery, ListedExecution, StartExecution, StartedExecution, SyncExecution,
};
pub use keeper::Keeper;
pub use machines::{
    AliasDescription, AliasItem, CreateStateMachine, CreateStateMachineAlias, CreatedStateMachine,
    EncryptionConfiguration, EncryptionType, ExecutionsOf, LogGroups, Logging,
    LoggingConfiguration, LoggingLevel, Machines, PublishStateMachineVersion, Resolved, Revision,
    Route, StateMachineDescription, StateMachineItem, UpdateStateMachine, UpdateStateMachineAlias,
    UpdatedStateMachine, Validation, VersionItem, validate_definition,
};
pub use message::ActivityTask;
pub use names::{ACCOUNT, REGION, check_name, identity};
pub use nested::Executions;
pub use observe::{
    CloudWatchLogGroups, CloudWatchLogs, Delivery, EndpointError, Events, EventsConfig,
    LogDestination, LogEvent, LogStream, Logs, LogsConfig, Metrics, MetricsConfig, StatusChange,
};
#[cfg(feature = "otlp")]
pub use observe::{Span, SpanKind, Spans, Traces, TracesConfig};
pub use observer::{ObservedTurn, Observer};
pub use page::{NameCursor, Page, VersionCursor};
pub use quotas::Quotas;
pub use recovery::Recovered;
pub use runner::{Finished, Run, Runner, Start};
pub use tags::Tag;
pub use tasks::Tasks;
pub use world::Chance;
