//! One execution of a state machine, as a pure function of what happened to it.
//!
//! [`decide`] takes what [`Happened`], runs the execution until it needs the world again and
//! returns a [`Turn`]: the [`Record`]s of what was decided and the [`Effect`]s wanted. An
//! [`Execution`] is the fold of its records ([`Execution::apply`]); nothing else changes it. There
//! is no clock, no randomness and no I/O here: the time and a seed come in with each turn, and what
//! depends on them is recorded, never recomputed.

mod abort;
mod batch;
mod catch;
mod choice;
mod context;
mod data_flow;
mod decide;
mod effect;
mod errors;
mod execution;
mod fail;
mod failure;
mod history;
mod limits;
mod map;
mod parallel;
mod payload;
mod probe;
mod record;
mod redrive;
mod retry;
mod state;
mod task;
mod template;
mod thread;
mod token;
mod variables;
mod wait;

pub use decide::{Happened, Turn, decide, decide_under};
pub use effect::{Effect, OpenTask, TaskOrder};
pub use execution::{Execution, Identity, NotRedrivable, Redrivability, Status};
pub use history::{HistoryEvent, history_event};
pub use limits::Limits;
pub use payload::{InvalidPayload, Payload};
pub use probe::{Inside, Probe, Stage, Surroundings};
pub use record::{EventId, Fact, MapPlan, Reason, Record, Schedule, TaskKind, ThreadId};
pub use thread::{Doing, Iterations, Place, Running, Thread, Visit};
pub use token::{TaskToken, TokenState};
