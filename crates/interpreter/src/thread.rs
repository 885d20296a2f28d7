//! A line of control and where it stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use stepmill_asl::model::{StateId, WorkflowId};

use crate::payload::Payload;
use crate::record::{EventId, Schedule, ThreadId};
use crate::variables::Variables;

/// A line of control: the execution's own, a branch's or an iteration's.
#[derive(Debug, Clone, PartialEq)]
pub struct Thread {
    /// The thread that waits for this one, and this one's place in it (branch or item index).
    pub parent: Option<(ThreadId, u32)>,
    /// The `States` object it moves through.
    pub workflow: WorkflowId,
    /// The last event in its chain: the next one's `previousEventId`.
    pub last_event: EventId,
    /// The variables assigned in its `States` object.
    pub variables: Variables,
    /// Where it stands.
    pub place: Place,
}

/// Where a thread stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Between states: about to enter one.
    Before {
        /// The state.
        state: StateId,
        /// What it will get.
        input: Payload,
    },
    /// In a state.
    In(Visit),
    /// At its workflow's end.
    Done {
        /// What it gives.
        output: Payload,
    },
}

/// One visit to a state, through all its attempts.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// The state.
    pub state: StateId,
    /// Its raw input.
    pub input: Payload,
    /// The event of entering it.
    pub entered: EventId,
    /// The event before that one.
    pub before: EventId,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// Retries so far, by retrier.
    pub retries: Vec<u32>,
    /// What it is doing.
    pub doing: Doing,
}

impl Visit {
    /// Retries so far, of all retriers (`$$.State.RetryCount`).
    pub fn retry_count(&self) -> u32 {
        self.retries.iter().sum()
    }
}

/// What a state is doing.
#[derive(Debug, Clone, PartialEq)]
pub enum Doing {
    /// Nothing yet: entered, or to be tried again.
    Beginning,
    /// Waiting.
    Waiting {
        /// Until when.
        until: Timestamp,
    },
    /// Waiting before another attempt.
    Retrying {
        /// Until when.
        until: Timestamp,
    },
    /// Running a task.
    Task(Running),
    /// Its task has ended; what follows is decided in the same turn.
    Settled,
    /// Running branches.
    Parallel {
        /// The branches' threads, in order.
        branches: Vec<ThreadId>,
    },
    /// Running iterations.
    Map(Iterations),
}

/// A task that runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// The event that scheduled it.
    pub task: EventId,
    /// What was asked for.
    pub schedule: Arc<Schedule>,
    /// Whether it has started.
    pub started: bool,
    /// What the service answered that has taken it.
    pub submitted: Option<Payload>,
    /// When it times out, once started.
    pub times_out: Option<Timestamp>,
    /// When a heartbeat will have been missed, once started.
    pub heart_stops: Option<Timestamp>,
}

/// The iterations of a Map state.
#[derive(Debug, Clone, PartialEq)]
pub struct Iterations {
    /// The items, a JSON array.
    pub items: Payload,
    /// The effective input.
    pub input: Payload,
    /// Iterations running at once, at most.
    pub concurrency: u32,
    /// The next item to start.
    pub next: u32,
    /// The iterations that run, by index.
    pub running: BTreeMap<u32, ThreadId>,
    /// What iterations gave, by index.
    pub outputs: Vec<Option<Payload>>,
}

impl Iterations {
    /// How many items there are.
    pub fn length(&self) -> u32 {
        u32::try_from(self.outputs.len()).unwrap_or(u32::MAX)
    }
}
