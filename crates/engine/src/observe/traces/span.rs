//! From records to spans.

use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use stepmill_asl::model::{Resource, StateId, StateKind, StateMachine};
use stepmill_interpreter::{EventId, Execution, Fact, Record, ThreadId};
use uuid::Uuid;

use crate::machines::Revision;

/// The event that begins an execution.
const STARTED: EventId = 1;

/// Set in the event that the span of a state is of, if that is the state's first attempt after a
/// redrive or a restart.
const TAKEN_UP: EventId = 1 << 63;

/// Something that took its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The trace that it belongs to.
    pub trace: u128,
    /// Its id, unique in its trace.
    pub id: u64,
    /// The span that it is part of; none for a root span.
    pub parent: Option<u64>,
    /// What it is called.
    pub name: Arc<str>,
    /// What it is.
    pub kind: SpanKind,
    /// When it began.
    pub start: Timestamp,
    /// When it ended.
    pub end: Timestamp,
    /// What else there is to say.
    pub attributes: Vec<(&'static str, Arc<str>)>,
    /// The error's name, if it failed.
    pub error: Option<Arc<str>>,
}

/// What a span is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// An execution.
    Execution,
    /// A visit to a state.
    State,
    /// One attempt of a task.
    Attempt,
}

impl Span {
    /// What it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let attributes = self.attributes.iter();
        let texts: usize = attributes.map(|(_, text)| text.len() + 40).sum();
        size_of::<Self>() + self.name.len() + texts
    }
}

/// The spans of one execution that have begun and not ended.
pub struct Spans {
    trace: u128,
    execution_arn: Arc<str>,
    /// The event that the root span is of, and when it happened.
    root: (EventId, Timestamp),
    /// Visits to states, by the thread that is in them.
    visits: FxHashMap<ThreadId, Visit>,
    /// The thread that waits for a thread, and the thread's place in it.
    above: FxHashMap<ThreadId, (ThreadId, u32)>,
    /// The id of the next thread; threads are numbered as they come. Unknown if the beginning was
    /// not seen.
    next_thread: Option<u32>,
}

struct Visit {
    state: StateId,
    entered: EventId,
    at: Timestamp,
    /// The attempt that runs: the event that scheduled it, and when.
    attempt: Option<(EventId, Timestamp)>,
    /// The error of the last attempt, if that failed.
    failure: Option<Arc<str>>,
}

impl Visit {
    fn new(state: StateId, entered: EventId, at: Timestamp) -> Self {
        Self {
            state,
            entered,
            at,
            attempt: None,
            failure: None,
        }
    }
}

impl Spans {
    /// No span but the root one is open.
    pub fn of(execution: &Execution) -> Self {
        let arn = &*execution.identity().execution_arn;
        Self {
            trace: Uuid::new_v5(&Uuid::NAMESPACE_URL, arn.as_bytes()).as_u128(),
            execution_arn: arn.into(),
            root: (STARTED, execution.started()),
            visits: FxHashMap::default(),
            above: FxHashMap::default(),
            next_thread: None,
        }
    }

    /// The spans that end with these records.
    pub fn turn(&mut self, revision: &Revision, records: &[Record]) -> Vec<Span> {
        let mut ended = Vec::new();
        for record in records {
            self.record(revision, record, &mut ended);
        }
        ended
    }

    fn record(&mut self, revision: &Revision, record: &Record, ended: &mut Vec<Span>) {
        let machine = &revision.definition;
        let (thread, time) = (record.thread, record.time);
        match &record.fact {
            Fact::ExecutionStarted { .. } => {
                self.root = (record.id, time);
                self.next_thread = Some(ThreadId::ROOT.0 + 1);
            }
            Fact::ExecutionRedriven { .. } => {
                self.root = (record.id, time);
                // Threads that are taken up keep their numbers, which are not known any more.
                self.next_thread = None;
                self.above.clear();
            }
            Fact::ExecutionSucceeded { .. } => self.end(revision, time, "SUCCEEDED", None, ended),
            Fact::ExecutionFailed(reason) => {
                let error = reason.error.clone().unwrap_or_else(|| "FAILED".into());
                self.end(revision, time, "FAILED", Some(error), ended);
            }
            Fact::ExecutionTimedOut => {
                self.end(
                    revision,
                    time,
                    "TIMED_OUT",
                    Some("States.Timeout".into()),
                    ended,
                );
            }
            Fact::ExecutionAborted(_) => {
                self.end(revision, time, "ABORTED", Some("ABORTED".into()), ended);
            }
            Fact::StateEntered { state, .. } => {
                let visit = Visit::new(*state, record.id, time);
                self.visits.insert(thread, visit);
            }
            Fact::StateExited { .. } => self.leave(machine, thread, time, None, ended),
            Fact::StateAborted { .. } => {
                self.leave_below(machine, thread, time, ended);
                self.leave(machine, thread, time, Some("ABORTED".into()), ended);
            }
            Fact::TaskScheduled(schedule) => {
                // Entered before a redrive or a restart: for this trace it begins again.
                let again = || Visit::new(schedule.state, record.id | TAKEN_UP, time);
                let visit = self.visits.entry(thread).or_insert_with(again);
                visit.attempt = Some((record.id, time));
                visit.failure = None;
            }
            Fact::TaskSucceeded { .. } => self.settle(machine, thread, time, None, ended),
            Fact::TaskFailed { reason, .. } => {
                let error = reason.error.clone().unwrap_or_else(|| "FAILED".into());
                self.settle(machine, thread, time, Some(error), ended);
            }
            Fact::TaskTimedOut { .. } => {
                self.settle(machine, thread, time, Some("States.Timeout".into()), ended);
            }
            Fact::ParallelStarted { state, .. } => {
                self.leave_below(machine, thread, time, ended);
                if let StateKind::Parallel(parallel) = &machine.state(*state).kind {
                    for branch in 0..parallel.branches.len() {
                        self.spawn(thread, u32::try_from(branch).unwrap_or(u32::MAX));
                    }
                }
            }
            Fact::MapStarted(_) | Fact::ParallelFailed | Fact::MapFailed => {
                self.leave_below(machine, thread, time, ended);
            }
            Fact::IterationStarted { index, .. } => self.spawn(thread, *index),
            Fact::IterationFailed { index, .. } | Fact::IterationAborted { index, .. } => {
                let child = self.child(thread, *index);
                if let Some(child) = child {
                    self.leave_below(machine, child, time, ended);
                    self.leave(machine, child, time, Some("ABORTED".into()), ended);
                    self.above.remove(&child);
                }
            }
            Fact::IterationSucceeded { index, .. } => {
                if let Some(child) = self.child(thread, *index) {
                    self.above.remove(&child);
                }
            }
            Fact::ParallelSucceeded | Fact::MapSucceeded => {
                self.above.retain(|_, (above, _)| *above != thread);
            }
            _ => {}
        }
    }

    /// A branch or an iteration begins.
    fn spawn(&mut self, above: ThreadId, index: u32) {
        if let Some(next) = &mut self.next_thread {
            self.above.insert(ThreadId(*next), (above, index));
            *next += 1;
        }
    }

    fn child(&self, above: ThreadId, index: u32) -> Option<ThreadId> {
        let mut threads = self.above.iter();
        let child = threads.find(|(_, place)| **place == (above, index));
        child.map(|(thread, _)| *thread)
    }

    /// The execution ends, and with it all that is open.
    fn end(
        &mut self,
        revision: &Revision,
        time: Timestamp,
        status: &str,
        error: Option<Arc<str>>,
        ended: &mut Vec<Span>,
    ) {
        let mut open: Vec<ThreadId> = self.visits.keys().copied().collect();
        // Below comes before above.
        open.sort_unstable_by(|a, b| b.cmp(a));
        for thread in open {
            self.leave(&revision.definition, thread, time, error.clone(), ended);
        }
        self.above.clear();
        let (event, start) = self.root;
        ended.push(Span {
            trace: self.trace,
            id: self.id(event),
            parent: None,
            name: revision.name.as_str().into(),
            kind: SpanKind::Execution,
            start,
            end: time,
            attributes: vec![
                (
                    "aws.step_functions.state_machine.arn",
                    revision.arn.as_str().into(),
                ),
                (
                    "aws.step_functions.execution.arn",
                    self.execution_arn.clone(),
                ),
                ("aws.step_functions.execution.status", status.into()),
            ],
            error,
        });
    }

    /// The threads below one end where they are.
    fn leave_below(
        &mut self,
        machine: &StateMachine,
        above: ThreadId,
        time: Timestamp,
        ended: &mut Vec<Span>,
    ) {
        let of_it = |(thread, (parent, _)): (&ThreadId, &(ThreadId, u32))| {
            (*parent == above).then_some(*thread)
        };
        let mut below: Vec<ThreadId> = self.above.iter().filter_map(of_it).collect();
        below.sort_unstable();
        for thread in below {
            self.leave_below(machine, thread, time, ended);
            self.leave(machine, thread, time, Some("ABORTED".into()), ended);
            self.above.remove(&thread);
        }
    }

    /// A visit ends.
    fn leave(
        &mut self,
        machine: &StateMachine,
        thread: ThreadId,
        time: Timestamp,
        error: Option<Arc<str>>,
        ended: &mut Vec<Span>,
    ) {
        self.settle(machine, thread, time, error.clone(), ended);
        let Some(visit) = self.visits.remove(&thread) else {
            return;
        };
        let state = machine.state(visit.state);
        // What ends without success, ends with the error of its last attempt.
        let error = error.map(|error| visit.failure.unwrap_or(error));
        ended.push(Span {
            trace: self.trace,
            id: self.id(visit.entered),
            parent: Some(self.above(thread)),
            name: state.name.clone(),
            kind: SpanKind::State,
            start: visit.at,
            end: time,
            attributes: vec![(
                "aws.step_functions.state.type",
                state.kind.type_name().into(),
            )],
            error,
        });
    }

    /// An attempt ends, if one runs.
    fn settle(
        &mut self,
        machine: &StateMachine,
        thread: ThreadId,
        time: Timestamp,
        error: Option<Arc<str>>,
        ended: &mut Vec<Span>,
    ) {
        let Some(visit) = self.visits.get_mut(&thread) else {
            return;
        };
        let Some((event, start)) = visit.attempt.take() else {
            return;
        };
        visit.failure.clone_from(&error);
        let (state, entered) = (visit.state, visit.entered);
        let StateKind::Task(task) = &machine.state(state).kind else {
            return;
        };
        let resource: Arc<str> = match &task.resource {
            Resource::Lambda(arn) | Resource::Activity(arn) => Arc::from(&**arn),
            Resource::Service(service) => service.arn.clone(),
        };
        ended.push(Span {
            trace: self.trace,
            id: self.id(event),
            parent: Some(self.id(entered)),
            name: resource.clone(),
            kind: SpanKind::Attempt,
            start,
            end: time,
            attributes: vec![("aws.step_functions.task.resource", resource)],
            error,
        });
    }

    /// The span that a thread's visits are part of.
    fn above(&self, thread: ThreadId) -> u64 {
        let above = self.above.get(&thread);
        let visit = above.and_then(|(above, _)| self.visits.get(above));
        self.id(visit.map_or(self.root.0, |visit| visit.entered))
    }

    /// The span id that goes with an event.
    fn id(&self, event: EventId) -> u64 {
        #[allow(clippy::cast_possible_truncation)] // half of it is random enough
        let trace = self.trace as u64;
        // SplitMix64: one to one, so events of an execution never share an id. Zero is no id.
        let mut id = trace.wrapping_add(event.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        id = (id ^ (id >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        id = (id ^ (id >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (id ^ (id >> 31)).max(1)
    }
}
