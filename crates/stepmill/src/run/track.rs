//! How the states of an execution stand, folded from its records as they come.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use stepmill::asl::model::{StateId, StateKind, StateMachine};
use stepmill::interpreter::{Doing, Execution, Fact, Identity, Place, Reason, Record, ThreadId};

/// How a visit to a state ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Well.
    Succeeded,
    /// With an error that it caught.
    Caught,
    /// With an error.
    Failed,
    /// Stopped, because something else failed or the execution ended.
    Aborted,
}

impl Ending {
    /// A word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Caught => "caught",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
        }
    }
}

/// What a visit is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its work.
    Running,
    /// A Wait state's.
    Waiting,
    /// Waiting for the next attempt.
    Retrying,
}

/// A visit that has not ended.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) state: StateId,
    pub(super) entered: Timestamp,
    pub(super) attempt: u32,
    pub(super) phase: Phase,
    parent: Option<(ThreadId, u32)>,
    failed: Option<Reason>,
    inner: Option<Culprit>,
}

/// Where an error came from.
#[derive(Debug, Clone)]
pub(super) struct Culprit {
    /// The state's name.
    pub(super) state: Arc<str>,
    /// How to get there: `Process[3]/Charge`.
    pub(super) path: String,
    reason: Option<Reason>,
}

/// The iterations of a Map state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Items {
    pub(super) total: usize,
    pub(super) succeeded: usize,
    pub(super) failed: usize,
}

/// A state that was entered.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) state: StateId,
    /// Whether it stands in a Map state, where many visits run side by side.
    pub(super) many: bool,
    /// Visits that have not ended.
    pub(super) open: usize,
    /// Visits by how they ended, in the order of [`Ending`].
    pub(super) ended: [usize; 4],
    /// How the last visit ended, after how long and in which attempt.
    pub(super) last: Option<(Ending, SignedDuration, u32)>,
    /// Its iterations, of a Map state.
    pub(super) items: Option<Items>,
    /// The thread of the last visit.
    thread: ThreadId,
}

/// Something that happened, in the words of states.
#[derive(Debug)]
pub(super) enum Change {
    /// A visit ended.
    Ended {
        state: StateId,
        many: bool,
        ending: Ending,
        attempt: u32,
        duration: SignedDuration,
        reason: Option<Reason>,
    },
    /// A visit will be tried again.
    Retrying {
        state: StateId,
        many: bool,
        pause: SignedDuration,
        attempt: u32,
        reason: Option<Reason>,
    },
    /// A Wait state began to wait.
    Waiting {
        state: StateId,
        many: bool,
        pause: SignedDuration,
    },
    /// An iteration ended.
    Items { state: StateId },
}

/// The fold.
pub(super) struct Tracker {
    machine: Arc<StateMachine>,
    execution: Execution,
    visits: HashMap<ThreadId, Visit>,
    rows: Vec<Row>,
    row_of: HashMap<StateId, usize>,
    culprit: Option<Culprit>,
    changes: Vec<Change>,
}

impl Tracker {
    pub(super) fn new(machine: Arc<StateMachine>, identity: Identity) -> Self {
        Self {
            machine,
            execution: Execution::new(identity),
            visits: HashMap::new(),
            rows: Vec::new(),
            row_of: HashMap::new(),
            culprit: None,
            changes: Vec::new(),
        }
    }

    /// States in the order in which they were first entered.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The state's name.
    pub(super) fn name(&self, state: StateId) -> &str {
        &self.machine.state(state).name
    }

    /// The Parallel or Map state around the state.
    pub(super) fn parent(&self, state: StateId) -> Option<StateId> {
        self.machine
            .workflow(self.machine.state(state).workflow)
            .parent
    }

    /// Parallel and Map states around the state.
    pub(super) fn depth(&self, state: StateId) -> usize {
        std::iter::successors(self.parent(state), |state| self.parent(*state)).count()
    }

    /// The row of a state that was entered.
    pub(super) fn row(&self, state: StateId) -> Option<&Row> {
        self.rows.get(*self.row_of.get(&state)?)
    }

    /// The last visit to the row's state, if it has not ended.
    pub(super) fn visit(&self, row: &Row) -> Option<&Visit> {
        self.visits
            .get(&row.thread)
            .filter(|visit| visit.state == row.state)
    }

    /// Where the error came from that the execution failed with.
    pub(super) fn culprit(&self) -> Option<&Culprit> {
        self.culprit.as_ref()
    }

    /// Takes in one record.
    pub(super) fn apply(&mut self, record: &Record) -> Vec<Change> {
        let iteration = match &record.fact {
            Fact::IterationFailed { index, .. } | Fact::IterationAborted { index, .. } => {
                self.iteration(record.thread, *index)
            }
            _ => None,
        };
        self.execution.apply(&self.machine, record);
        self.follow(record, iteration);
        std::mem::take(&mut self.changes)
    }

    fn follow(&mut self, record: &Record, iteration: Option<ThreadId>) {
        let (thread, time) = (record.thread, record.time);
        match &record.fact {
            Fact::ExecutionFailed(reason) => self.execution_failed(thread, reason, time),
            Fact::ExecutionTimedOut | Fact::ExecutionAborted(_) => {
                self.culprit = self
                    .visits
                    .get(&ThreadId::ROOT)
                    .map(|visit| self.blame(visit, None));
                self.sweep(time);
            }
            Fact::StateEntered { state, .. } => self.enter(thread, *state, time),
            Fact::StateExited { .. } => {
                let failed = self
                    .visits
                    .get(&thread)
                    .is_some_and(|visit| visit.failed.is_some());
                self.close(
                    thread,
                    if failed {
                        Ending::Caught
                    } else {
                        Ending::Succeeded
                    },
                    time,
                );
            }
            Fact::StateAborted { .. } => {
                let failed = self
                    .visits
                    .get(&thread)
                    .is_some_and(|visit| visit.failed.is_some());
                self.close(
                    thread,
                    if failed {
                        Ending::Failed
                    } else {
                        Ending::Aborted
                    },
                    time,
                );
                self.sweep(time);
            }
            Fact::TaskScheduled(_) | Fact::ParallelStarted { .. } => self.attempt(thread),
            Fact::MapStarted(plan) => {
                self.attempt(thread);
                let total = plan.items.value().as_array().map_or(0, Vec::len);
                self.begin_items(plan.state, total);
            }
            Fact::TaskFailed { reason, .. } | Fact::EvaluationFailed { reason, .. } => {
                self.fail(thread, reason.clone());
            }
            Fact::TaskTimedOut { .. } => self.fail(
                thread,
                Reason {
                    error: Some("States.Timeout".into()),
                    cause: None,
                },
            ),
            Fact::ParallelFailed | Fact::MapFailed => {
                self.sweep(time);
                let inner = self
                    .visits
                    .get(&thread)
                    .and_then(|visit| visit.inner.clone());
                self.fail(
                    thread,
                    inner.and_then(|inner| inner.reason).unwrap_or_default(),
                );
            }
            Fact::RetryScheduled { until, .. } => {
                self.sweep(time);
                self.retry(thread, *until, time);
            }
            Fact::WaitStarted { until } => self.wait(thread, *until, time),
            Fact::IterationSucceeded { state, .. } => {
                self.count_item(*state, |items| items.succeeded += 1);
            }
            Fact::IterationFailed { state, .. } => {
                if let Some(iteration) = iteration {
                    self.close(iteration, Ending::Failed, time);
                }
                self.count_item(*state, |items| items.failed += 1);
                self.sweep(time);
            }
            Fact::IterationAborted { .. } => {
                if let Some(iteration) = iteration {
                    self.close(iteration, Ending::Aborted, time);
                }
                self.sweep(time);
            }
            _ => {}
        }
    }

    /// The thread of an iteration.
    fn iteration(&self, map: ThreadId, index: u32) -> Option<ThreadId> {
        match &self.execution.thread(map)?.place {
            Place::In(visit) => match &visit.doing {
                Doing::Map(iterations) => iterations.running.get(&index).copied(),
                _ => None,
            },
            _ => None,
        }
    }

    fn enter(&mut self, thread: ThreadId, state: StateId, entered: Timestamp) {
        let visit = Visit {
            state,
            entered,
            attempt: 1,
            phase: Phase::Running,
            parent: self
                .execution
                .thread(thread)
                .and_then(|thread| thread.parent),
            failed: None,
            inner: None,
        };
        self.visits.insert(thread, visit);
        let many = self.in_map(state);
        let next = self.rows.len();
        let index = *self.row_of.entry(state).or_insert(next);
        if index == next {
            self.rows.push(Row {
                state,
                many,
                open: 0,
                ended: [0; 4],
                last: None,
                items: None,
                thread,
            });
        }
        let row = &mut self.rows[index];
        row.open += 1;
        row.thread = thread;
    }

    fn in_map(&self, state: StateId) -> bool {
        std::iter::successors(self.parent(state), |state| self.parent(*state))
            .any(|state| matches!(self.machine.state(state).kind, StateKind::Map(_)))
    }

    fn attempt(&mut self, thread: ThreadId) {
        if let Some(visit) = self.visits.get_mut(&thread) {
            visit.phase = Phase::Running;
            visit.failed = None;
            visit.inner = None;
        }
    }

    fn fail(&mut self, thread: ThreadId, reason: Reason) {
        if let Some(visit) = self.visits.get_mut(&thread) {
            visit.failed = Some(reason);
        }
    }

    fn retry(&mut self, thread: ThreadId, until: Timestamp, now: Timestamp) {
        let Some(visit) = self.visits.get_mut(&thread) else {
            return;
        };
        visit.phase = Phase::Retrying;
        visit.attempt += 1;
        let inner = visit.inner.as_ref().and_then(|inner| inner.reason.clone());
        let change = Change::Retrying {
            state: visit.state,
            many: self
                .row_of
                .get(&visit.state)
                .is_some_and(|index| self.rows[*index].many),
            pause: until.duration_since(now),
            attempt: visit.attempt,
            reason: visit.failed.clone().or(inner),
        };
        self.changes.push(change);
    }

    fn wait(&mut self, thread: ThreadId, until: Timestamp, now: Timestamp) {
        let Some(visit) = self.visits.get_mut(&thread) else {
            return;
        };
        visit.phase = Phase::Waiting;
        let change = Change::Waiting {
            state: visit.state,
            many: self
                .row_of
                .get(&visit.state)
                .is_some_and(|index| self.rows[*index].many),
            pause: until.duration_since(now),
        };
        self.changes.push(change);
    }

    fn begin_items(&mut self, state: StateId, total: usize) {
        if let Some(row) = self
            .row_of
            .get(&state)
            .and_then(|index| self.rows.get_mut(*index))
        {
            // Side by side, the items of all visits add up; another attempt begins anew.
            let before = row.items.filter(|_| row.many).unwrap_or_default();
            row.items = Some(Items {
                total: before.total + total,
                ..before
            });
        }
    }

    fn count_item(&mut self, state: StateId, count: impl FnOnce(&mut Items)) {
        let row = self
            .row_of
            .get(&state)
            .and_then(|index| self.rows.get_mut(*index));
        if let Some(items) = row.and_then(|row| row.items.as_mut()) {
            count(items);
            self.changes.push(Change::Items { state });
        }
    }

    /// Ends a visit; a failure is remembered in the state around.
    fn close(&mut self, thread: ThreadId, ending: Ending, now: Timestamp) {
        let Some(visit) = self.visits.remove(&thread) else {
            return;
        };
        if ending == Ending::Failed
            && let Some((parent, index)) = visit.parent
            && let Some(around) = self.visits.get(&parent)
            && around.inner.is_none()
        {
            let culprit = self.blame(&visit, Some((around.state, index)));
            if let Some(around) = self.visits.get_mut(&parent) {
                around.inner = Some(culprit);
            }
        }
        let duration = now.duration_since(visit.entered);
        let Some(row) = self
            .row_of
            .get(&visit.state)
            .and_then(|index| self.rows.get_mut(*index))
        else {
            return;
        };
        row.open = row.open.saturating_sub(1);
        row.ended[ending as usize] += 1;
        row.last = Some((ending, duration, visit.attempt));
        self.changes.push(Change::Ended {
            state: visit.state,
            many: row.many,
            ending,
            attempt: visit.attempt,
            duration,
            reason: visit.failed,
        });
    }

    /// Where the error of a visit came from, as seen from the state around it.
    fn blame(&self, visit: &Visit, around: Option<(StateId, u32)>) -> Culprit {
        let name = &self.machine.state(visit.state).name;
        let inner = visit.inner.as_ref();
        let path = format!("{name}{}", inner.map_or("", |inner| &inner.path));
        let path = match around {
            Some((around, index)) => match self.machine.state(around).kind {
                StateKind::Map(_) => format!("[{index}]/{path}"),
                _ => format!("/{path}"),
            },
            None => path,
        };
        Culprit {
            state: inner.map_or_else(|| name.clone(), |inner| inner.state.clone()),
            path,
            reason: visit
                .failed
                .clone()
                .or_else(|| inner.and_then(|inner| inner.reason.clone())),
        }
    }

    /// Ends the visits of threads that are no more.
    fn sweep(&mut self, now: Timestamp) {
        let gone = self
            .visits
            .keys()
            .filter(|thread| self.execution.thread(**thread).is_none());
        let mut gone: Vec<_> = gone.copied().collect();
        // Inner threads are younger, and their failures are told outwards.
        gone.sort_unstable_by(|a, b| b.cmp(a));
        for thread in gone {
            let Some(visit) = self.visits.get(&thread) else {
                continue;
            };
            // What ended without a word failed by itself, or was stopped by what failed beside it.
            let kind = &self.machine.state(visit.state).kind;
            let by_itself = matches!(kind, StateKind::Fail(_) | StateKind::Choice(_));
            let failed = visit.failed.is_some() || by_itself || visit.inner.is_some();
            self.close(
                thread,
                if failed {
                    Ending::Failed
                } else {
                    Ending::Aborted
                },
                now,
            );
        }
    }

    /// The state that failed takes with it those around it; everything else is aborted.
    fn execution_failed(&mut self, thread: ThreadId, reason: &Reason, now: Timestamp) {
        let mut next = Some(thread);
        while let Some(thread) = next {
            let Some(visit) = self.visits.get_mut(&thread) else {
                break;
            };
            visit.failed.get_or_insert_with(|| reason.clone());
            next = visit.parent.map(|(parent, _)| parent);
            if next.is_none() {
                self.culprit = self
                    .visits
                    .get(&thread)
                    .map(|visit| self.blame(visit, None));
            }
            self.close(thread, Ending::Failed, now);
        }
        let rest: Vec<_> = self.visits.keys().copied().collect();
        for thread in rest {
            self.close(thread, Ending::Aborted, now);
        }
    }
}
