//! The runtime that drives executions: turns, timers and tasks.
//!
//! An execution runs turn by turn. What happened goes to the interpreter; the records it gives are
//! committed to the journal; only then are its effects carried out.

mod caller;
mod clock;
mod drive;
mod error;
pub mod functions;
mod journal;
mod keeper;
mod machines;
mod names;

pub use caller::Caller;
pub use clock::Clock;
pub use drive::{Engine, Finished, Run, Start};
pub use error::{Code, Error};
pub use journal::Journal;
pub use keeper::Keeper;
pub use machines::{Logging, LoggingLevel, Resolved, Revision};
pub use names::{ACCOUNT, REGION, identity};
