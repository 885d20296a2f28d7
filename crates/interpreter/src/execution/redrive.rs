//! Redrive: taking up an execution that has failed, was aborted or has timed out.
//!
//! Source: Step Functions Developer Guide, "Restarting state machine executions with redrive"; API
//! reference, `RedriveExecution` and `DescribeExecution`.

use jiff::{SignedDuration, Timestamp};
use stepmill_asl::model::{StateKind, StateMachine};

use super::{Execution, Status};
use crate::failure::DATA_LIMIT_EXCEEDED;
use crate::limits::Limits;
use crate::record::{EventId, Record, ThreadId};
use crate::thread::{Doing, Place};

/// How long after its end an execution can be redriven.
const REDRIVABLE_PERIOD: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How long after its start an execution can be redriven.
const LONGEST_OPEN: SignedDuration = SignedDuration::from_hours(365 * 24);
/// Events that must fit into the history yet: `ExecutionRedriven` and one more.
const EVENTS_NEEDED: u64 = 2;

/// Why an execution cannot be redriven, in AWS's words (`redriveStatusReason`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRedrivable {
    /// It runs.
    #[error("Execution is RUNNING and cannot be redriven")]
    Running,
    /// It has succeeded.
    #[error("Execution is SUCCEEDED and cannot be redriven")]
    Succeeded,
    /// Its state machine is of the type EXPRESS. AWS has no text for this.
    #[error("Execution is of an EXPRESS state machine and cannot be redriven")]
    Express,
    /// Its history is full.
    #[error("Execution history event limit exceeded")]
    HistoryLimit,
    /// It was started too long ago.
    #[error("Execution has exceeded the max execution time")]
    MaxTime,
    /// It ended too long ago.
    #[error("Execution redrivable period exceeded")]
    Period,
}

/// What decides whether an execution can be redriven; known without its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redrivability {
    /// Whether it is an Express execution.
    pub express: bool,
    /// Whether it has succeeded.
    pub succeeded: bool,
    /// When it was started.
    pub started: Timestamp,
    /// When it ended; `None` while it runs.
    pub ended: Option<Timestamp>,
    /// Events in its history.
    pub events: EventId,
}

impl Redrivability {
    /// Whether the execution can be redriven at `now`.
    pub fn check(&self, now: Timestamp, limits: &Limits) -> Result<(), NotRedrivable> {
        let Some(ended) = self.ended else {
            return Err(NotRedrivable::Running);
        };
        let full = |limit| self.events.saturating_add(EVENTS_NEEDED) > limit;
        if self.succeeded {
            Err(NotRedrivable::Succeeded)
        } else if self.express {
            Err(NotRedrivable::Express)
        } else if now.duration_since(self.started) > LONGEST_OPEN {
            Err(NotRedrivable::MaxTime)
        } else if now.duration_since(ended) > REDRIVABLE_PERIOD {
            Err(NotRedrivable::Period)
        } else if limits.history_events.is_some_and(full) {
            Err(NotRedrivable::HistoryLimit)
        } else {
            Ok(())
        }
    }
}

impl Execution {
    /// Whether it can be redriven at `now` ([`crate::Happened::Redrive`]).
    pub fn redrivable(&self, now: Timestamp, limits: &Limits) -> Result<(), NotRedrivable> {
        let about = Redrivability {
            express: self.identity.express,
            succeeded: matches!(self.status, Status::Succeeded(_)),
            started: self.started,
            ended: self.ended,
            events: self.last_event,
        };
        about.check(now, limits)
    }

    /// Takes every thread up where it stood.
    pub(super) fn redrive(&mut self, machine: &StateMachine, record: &Record, count: u32) {
        let too_large = matches!(&self.status, Status::Failed(reason)
            if reason.error.as_deref() == Some(DATA_LIMIT_EXCEEDED));
        self.status = Status::Running;
        self.ended = None;
        self.redrives = count;
        self.redriven = Some(record.time);
        self.times_out = self.time_limit(machine, record.time);
        self.threads = std::mem::take(&mut self.wreck);
        if too_large {
            self.run_all_again();
        }
        let mut ids: Vec<ThreadId> = self.threads.keys().copied().collect();
        // Above comes before below: a thread is made by one that was there before.
        ids.sort_unstable();
        for id in ids {
            self.take_up(machine, id, record.id);
        }
    }

    /// A Parallel or Map state whose data was too large is run again with all that is in it.
    fn run_all_again(&mut self) {
        if let Some(root) = self.threads.get_mut(&ThreadId::ROOT)
            && let Place::In(visit) = &mut root.place
            && matches!(visit.doing, Doing::Parallel { .. } | Doing::Map(_))
        {
            visit.doing = Doing::Beginning;
            self.threads.retain(|id, _| *id == ThreadId::ROOT);
        }
    }

    fn take_up(&mut self, machine: &StateMachine, id: ThreadId, redriven: EventId) {
        let Some(thread) = self.threads.get_mut(&id) else {
            return;
        };
        thread.last_event = redriven;
        let parent = thread.parent;
        if let Place::In(visit) = &mut thread.place {
            visit.retries.fill(0);
            match &mut visit.doing {
                Doing::Parallel { .. } => {}
                // Without any concurrency the state failed before its first iteration.
                Doing::Map(iterations) if iterations.concurrency > 0 => iterations.running.clear(),
                doing => *doing = Doing::Beginning,
            }
            if let StateKind::Fail(_) = machine.state(visit.state).kind {
                thread.place = Place::Before {
                    state: visit.state,
                    input: visit.input.clone(),
                };
            }
        }
        if let Some((parent, index)) = parent
            && let Some(iterations) = self.iterations_mut(parent)
        {
            iterations.running.insert(index, id);
        }
        self.update_ready(id);
    }
}
