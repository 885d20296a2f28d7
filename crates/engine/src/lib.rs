//! The runtime that drives executions: turns, timers and tasks.
//!
//! An execution runs turn by turn. What happened goes to the interpreter; the records it gives are
//! committed to the journal; only then are its effects carried out. The journal is in memory.

mod clock;
mod drive;
mod journal;
mod names;

pub use clock::Clock;
pub use drive::{Engine, Finished, Run, Start};
pub use journal::Journal;
pub use names::{ACCOUNT, REGION, identity};
