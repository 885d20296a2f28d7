//! The state of an execution: the fold of its records.

mod fold;
mod redrive;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use crate::payload::Payload;
use crate::record::{EventId, Reason, ThreadId};
use crate::thread::{Place, Thread, Visit};

pub use redrive::{NotRedrivable, Redrivability};

/// An Express execution's longest life (Developer Guide, "Choosing workflow type").
const EXPRESS_SECONDS: u64 = 300;

/// What an execution is called and belongs to; fixed at its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The number that the engine has given it, by which task tokens name it; 0 if it has none.
    pub number: u64,
    /// Its ARN.
    pub execution_arn: String,
    /// Its name.
    pub name: String,
    /// The role it runs as.
    pub role_arn: String,
    /// The state machine's ARN, without version or alias.
    pub state_machine_arn: String,
    /// The version that it runs, if it was started by one or by an alias.
    pub version_arn: Option<String>,
    /// The alias that it was started by.
    pub alias_arn: Option<String>,
    /// The state machine's name.
    pub state_machine_name: String,
    /// Whether it is an Express execution.
    pub express: bool,
}

/// How an execution stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// `RUNNING`
    Running,
    /// `SUCCEEDED`
    Succeeded(Payload),
    /// `FAILED`
    Failed(Reason),
    /// `TIMED_OUT`
    TimedOut,
    /// `ABORTED`
    Aborted(Reason),
}

impl Status {
    /// AWS's word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded(_) => "SUCCEEDED",
            Self::Failed(_) => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted(_) => "ABORTED",
        }
    }
}

/// An execution as its records have made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    identity: Arc<Identity>,
    status: Status,
    input: Option<Payload>,
    started: Timestamp,
    ended: Option<Timestamp>,
    redrives: u32,
    redriven: Option<Timestamp>,
    times_out: Option<Timestamp>,
    last_event: EventId,
    threads: FxHashMap<ThreadId, Thread>,
    /// Threads that failed or were aborted, and those that ended beside them: where a redrive goes
    /// on. Forgotten once the state that they belong to has been left or is tried again.
    wreck: FxHashMap<ThreadId, Thread>,
    next_thread: u32,
    /// Threads that can go on by themselves, in turn.
    ready: VecDeque<ThreadId>,
    /// When each waiting thread is due.
    timers: BTreeSet<(Timestamp, ThreadId)>,
    /// Running tasks by the event that scheduled them.
    tasks: FxHashMap<EventId, ThreadId>,
}

impl Execution {
    /// An execution to which nothing has happened.
    pub fn new(identity: Identity) -> Self {
        Self {
            identity: Arc::new(identity),
            status: Status::Running,
            input: None,
            started: Timestamp::UNIX_EPOCH,
            ended: None,
            redrives: 0,
            redriven: None,
            times_out: None,
            last_event: 0,
            threads: FxHashMap::default(),
            wreck: FxHashMap::default(),
            next_thread: 0,
            ready: VecDeque::new(),
            timers: BTreeSet::new(),
            tasks: FxHashMap::default(),
        }
    }

    /// What it is called.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// How it stands.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Its input, once started.
    pub fn input(&self) -> Option<&Payload> {
        self.input.as_ref()
    }

    /// When it was started.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// When it ended, unless it runs.
    pub fn ended(&self) -> Option<Timestamp> {
        self.ended
    }

    /// How often it has been redriven.
    pub fn redrive_count(&self) -> u32 {
        self.redrives
    }

    /// When it was last redriven.
    pub fn redriven_at(&self) -> Option<Timestamp> {
        self.redriven
    }

    /// The number of the last event of its history.
    pub fn last_event(&self) -> EventId {
        self.last_event
    }

    /// Whether it can go on by itself ([`crate::Happened::Continue`]).
    pub fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// When it wants to be told the time next, if it waits for a time.
    pub fn due(&self) -> Option<Timestamp> {
        let timer = self.timers.first().map(|(due, _)| *due);
        match (timer, self.times_out) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Tasks that run, by the event that scheduled them.
    pub fn running_tasks(&self) -> impl Iterator<Item = EventId> {
        self.tasks.keys().copied()
    }

    /// The thread of that id, if it still exists.
    pub fn thread(&self, id: ThreadId) -> Option<&Thread> {
        self.threads.get(&id)
    }

    /// All threads, in no order.
    pub fn threads(&self) -> impl Iterator<Item = (ThreadId, &Thread)> {
        self.threads.iter().map(|(id, thread)| (*id, thread))
    }

    pub(crate) fn next_ready(&self) -> Option<ThreadId> {
        self.ready.front().copied()
    }

    pub(crate) fn times_out(&self) -> Option<Timestamp> {
        self.times_out
    }

    /// The first thread that is due at `now`.
    pub(crate) fn next_due(&self, now: Timestamp) -> Option<ThreadId> {
        self.timers
            .first()
            .filter(|(due, _)| *due <= now)
            .map(|(_, thread)| *thread)
    }

    pub(crate) fn task_thread(&self, task: EventId) -> Option<ThreadId> {
        self.tasks.get(&task).copied()
    }

    pub(crate) fn visit(&self, thread: ThreadId) -> Option<&Visit> {
        match &self.threads.get(&thread)?.place {
            Place::In(visit) => Some(visit),
            Place::Before { .. } | Place::Done { .. } => None,
        }
    }

    /// The variable as a thread sees it: its own scope's, or the nearest outer scope's.
    pub(crate) fn variable(&self, thread: ThreadId, name: &str) -> Option<&Payload> {
        let mut thread = self.threads.get(&thread)?;
        loop {
            if let Some(value) = thread.variables.get(name) {
                return Some(value);
            }
            thread = self.threads.get(&thread.parent?.0)?;
        }
    }

    /// Bytes of all variables of all scopes.
    pub(crate) fn variables_bytes(&self) -> usize {
        self.threads
            .values()
            .map(|thread| thread.variables.bytes())
            .sum()
    }

    /// Bytes of the values that an `Assign` replaces in the thread's own scope.
    pub(crate) fn replaced_bytes(
        &self,
        thread: ThreadId,
        assigned: &[(Arc<str>, Payload)],
    ) -> usize {
        let Some(thread) = self.threads.get(&thread) else {
            return 0;
        };
        let replaced = assigned
            .iter()
            .filter_map(|(name, _)| thread.variables.get(name));
        replaced.map(|value| value.text().len()).sum()
    }
}
