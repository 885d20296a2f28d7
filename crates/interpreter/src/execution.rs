//! The state of an execution: the fold of its records.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rustc_hash::FxHashMap;
use stepmill_asl::model::{StateId, StateKind, StateMachine, Transition, WorkflowId};

use crate::payload::Payload;
use crate::record::{EventId, Fact, MapPlan, Reason, Record, Schedule, ThreadId};
use crate::thread::{Doing, Iterations, Place, Running, Thread, Visit};
use crate::variables::Variables;

/// An Express execution's longest life (Developer Guide, "Choosing workflow type").
const EXPRESS_SECONDS: u64 = 300;

/// What an execution is called and belongs to; fixed at its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its ARN.
    pub execution_arn: String,
    /// Its name.
    pub name: String,
    /// The role it runs as.
    pub role_arn: String,
    /// The state machine's ARN, without version or alias.
    pub state_machine_arn: String,
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
    times_out: Option<Timestamp>,
    last_event: EventId,
    threads: FxHashMap<ThreadId, Thread>,
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
            times_out: None,
            last_event: 0,
            threads: FxHashMap::default(),
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

    /// Takes in one record. This is the only way an execution changes.
    pub fn apply(&mut self, machine: &StateMachine, record: &Record) {
        if record.id != 0 {
            self.last_event = record.id;
        }
        let due_before = self.thread_due(record.thread);
        self.change(machine, record);
        self.update_timer(record.thread, due_before);
        self.update_ready(record.thread);
    }

    fn change(&mut self, machine: &StateMachine, record: &Record) {
        match &record.fact {
            Fact::ExecutionStarted { input } => self.start(machine, record, input),
            Fact::ExecutionSucceeded { output } => self.end(Status::Succeeded(output.clone())),
            Fact::ExecutionFailed(reason) => self.end(Status::Failed(reason.clone())),
            Fact::ExecutionTimedOut => self.end(Status::TimedOut),
            Fact::ExecutionAborted(reason) => self.end(Status::Aborted(reason.clone())),
            Fact::StateEntered { state, input } => {
                self.enter(record, machine, *state, input.clone());
            }
            Fact::StateExited {
                output,
                assigned,
                to,
                ..
            } => {
                self.exit(record, output.clone(), assigned, *to);
            }
            Fact::StateAborted { .. } => self.drop_thread(record.thread),
            Fact::TaskScheduled(schedule) => self.schedule(record, schedule),
            Fact::TaskStarted { .. } => self.task_started(record),
            Fact::TaskHeartbeat => self.task_heartbeat(record),
            Fact::TaskSucceeded { .. } | Fact::TaskFailed { .. } | Fact::TaskTimedOut { .. } => {
                self.task_ended(record);
            }
            Fact::ParallelStarted { state, input } => self.fork(machine, record, *state, input),
            Fact::MapStarted(plan) => self.map_started(record, plan),
            Fact::IterationStarted { index, input, .. } => {
                self.iteration_started(machine, record, *index, input);
            }
            Fact::IterationSucceeded { index, .. } => self.iteration_succeeded(record, *index),
            Fact::IterationFailed { index, .. } | Fact::IterationAborted { index, .. } => {
                self.iteration_dropped(record, *index);
            }
            // What follows points past these two (observed on AWS).
            Fact::ParallelSucceeded | Fact::MapSucceeded => {
                self.drop_children(record.thread);
                self.set_doing(record.thread, Doing::Settled);
            }
            Fact::ParallelFailed | Fact::MapFailed => {
                self.advance(record);
                self.drop_children(record.thread);
                self.set_doing(record.thread, Doing::Settled);
            }
            Fact::TaskSubmitted { .. } | Fact::EvaluationFailed { .. } => self.advance(record),
            Fact::WaitStarted { until } => {
                self.set_doing(record.thread, Doing::Waiting { until: *until });
            }
            Fact::RetryScheduled { retrier, until } => self.retry(record, *retrier, *until),
        }
    }

    fn start(&mut self, machine: &StateMachine, record: &Record, input: &Payload) {
        self.input = Some(input.clone());
        self.started = record.time;
        let timeout = machine.timeout_seconds;
        let timeout = if self.identity.express {
            Some(timeout.map_or(EXPRESS_SECONDS, |seconds| seconds.min(EXPRESS_SECONDS)))
        } else {
            timeout
        };
        self.times_out = timeout.and_then(|seconds| later(record.time, seconds));
        let workflow = StateMachine::ROOT;
        let place = Place::Before {
            state: machine.workflow(workflow).start_at,
            input: input.clone(),
        };
        // The first state's Entered event points at 0, not at ExecutionStarted (observed on AWS).
        self.spawn(Thread {
            parent: None,
            workflow,
            last_event: 0,
            variables: Variables::default(),
            place,
        });
    }

    fn end(&mut self, status: Status) {
        self.status = status;
        self.times_out = None;
        self.threads.clear();
        self.ready.clear();
        self.timers.clear();
        self.tasks.clear();
    }

    fn spawn(&mut self, thread: Thread) -> ThreadId {
        let id = ThreadId(self.next_thread);
        self.next_thread += 1;
        self.threads.insert(id, thread);
        self.ready.push_back(id);
        id
    }

    /// Forgets a thread and the threads that it waits for.
    fn drop_thread(&mut self, id: ThreadId) {
        let mut dropped = vec![id];
        while let Some(id) = dropped.pop() {
            let due = self.thread_due(id);
            self.update_timer_of(id, due, None);
            if self.threads.remove(&id).is_some() {
                self.ready.retain(|ready| *ready != id);
                self.tasks.retain(|_, thread| *thread != id);
                dropped.extend(
                    self.threads
                        .iter()
                        .filter(|(_, thread)| thread.parent.is_some_and(|(p, _)| p == id))
                        .map(|(child, _)| *child),
                );
            }
        }
    }

    fn children(&self, id: ThreadId) -> Vec<ThreadId> {
        match self.visit(id).map(|visit| &visit.doing) {
            Some(Doing::Parallel { branches }) => branches.clone(),
            Some(Doing::Map(iterations)) => iterations.running.values().copied().collect(),
            _ => Vec::new(),
        }
    }

    fn drop_children(&mut self, id: ThreadId) {
        for child in self.children(id) {
            self.drop_thread(child);
        }
    }

    fn enter(&mut self, record: &Record, machine: &StateMachine, state: StateId, input: Payload) {
        let retriers = machine
            .state(state)
            .error_handling()
            .map_or(0, |errors| errors.retry.len());
        if let Some(thread) = self.threads.get_mut(&record.thread) {
            thread.place = Place::In(Visit {
                state,
                input,
                entered: record.id,
                before: record.previous,
                entered_at: record.time,
                retries: vec![0; retriers],
                doing: Doing::Beginning,
            });
            thread.last_event = record.id;
        }
    }

    fn exit(
        &mut self,
        record: &Record,
        output: Payload,
        assigned: &[(Arc<str>, Payload)],
        to: Transition,
    ) {
        let Some(thread) = self.threads.get_mut(&record.thread) else {
            return;
        };
        thread.variables.assign(assigned);
        thread.last_event = record.id;
        match to {
            Transition::Next(state) => {
                thread.place = Place::Before {
                    state,
                    input: output,
                }
            }
            Transition::End => {
                thread.place = Place::Done { output };
                if let Some((parent, _)) = thread.parent {
                    self.branch_done(parent, record.id);
                }
            }
        }
    }

    /// A Parallel state's success points at the last event of its branches.
    fn branch_done(&mut self, parent: ThreadId, event: EventId) {
        if let Some(parent) = self.threads.get_mut(&parent)
            && let Place::In(Visit {
                doing: Doing::Parallel { .. },
                ..
            }) = &parent.place
        {
            parent.last_event = event;
        }
    }

    fn advance(&mut self, record: &Record) {
        if let Some(thread) = self.threads.get_mut(&record.thread) {
            thread.last_event = record.id;
        }
    }

    fn set_doing(&mut self, thread: ThreadId, doing: Doing) {
        if let Some(Place::In(visit)) = self.threads.get_mut(&thread).map(|t| &mut t.place) {
            visit.doing = doing;
        }
    }

    fn schedule(&mut self, record: &Record, schedule: &Schedule) {
        self.advance(record);
        self.tasks.insert(record.id, record.thread);
        let running = Running {
            task: record.id,
            timeout_seconds: schedule.timeout_seconds,
            // Without a token nobody could send a heartbeat.
            heartbeat_seconds: schedule
                .heartbeat_seconds
                .filter(|_| schedule.token.is_some()),
            times_out: None,
            heart_stops: None,
        };
        self.set_doing(record.thread, Doing::Task(running));
    }

    fn running_mut(&mut self, thread: ThreadId) -> Option<&mut Running> {
        match self.threads.get_mut(&thread).map(|t| &mut t.place) {
            Some(Place::In(Visit {
                doing: Doing::Task(running),
                ..
            })) => Some(running),
            _ => None,
        }
    }

    fn task_started(&mut self, record: &Record) {
        self.advance(record);
        let time = record.time;
        if let Some(running) = self.running_mut(record.thread) {
            running.times_out = running.timeout_seconds.and_then(|s| later(time, s));
            running.heart_stops = running.heartbeat_seconds.and_then(|s| later(time, s));
        }
    }

    fn task_heartbeat(&mut self, record: &Record) {
        let time = record.time;
        if let Some(running) = self.running_mut(record.thread) {
            running.heart_stops = running.heartbeat_seconds.and_then(|s| later(time, s));
        }
    }

    fn task_ended(&mut self, record: &Record) {
        self.advance(record);
        if let Some(running) = self.running_mut(record.thread) {
            let task = running.task;
            self.tasks.remove(&task);
        }
        self.set_doing(record.thread, Doing::Settled);
    }

    fn fork(&mut self, machine: &StateMachine, record: &Record, state: StateId, input: &Payload) {
        self.advance(record);
        let StateKind::Parallel(parallel) = &machine.state(state).kind else {
            return;
        };
        let branches = parallel
            .branches
            .iter()
            .zip(0..)
            .map(|(workflow, index)| self.child(machine, record, *workflow, index, input))
            .collect();
        self.set_doing(record.thread, Doing::Parallel { branches });
    }

    fn child(
        &mut self,
        machine: &StateMachine,
        record: &Record,
        workflow: WorkflowId,
        index: u32,
        input: &Payload,
    ) -> ThreadId {
        let state = machine.workflow(workflow).start_at;
        self.spawn(Thread {
            parent: Some((record.thread, index)),
            workflow,
            last_event: record.id,
            variables: Variables::default(),
            place: Place::Before {
                state,
                input: input.clone(),
            },
        })
    }

    fn map_started(&mut self, record: &Record, plan: &MapPlan) {
        self.advance(record);
        let length = plan.items.value().as_array().map_or(0, Vec::len);
        let iterations = Iterations {
            items: plan.items.clone(),
            input: plan.input.clone(),
            concurrency: plan.concurrency,
            next: 0,
            running: std::collections::BTreeMap::new(),
            outputs: vec![None; length],
        };
        self.set_doing(record.thread, Doing::Map(iterations));
    }

    fn iterations_mut(&mut self, thread: ThreadId) -> Option<&mut Iterations> {
        match self.threads.get_mut(&thread).map(|t| &mut t.place) {
            Some(Place::In(Visit {
                doing: Doing::Map(iterations),
                ..
            })) => Some(iterations),
            _ => None,
        }
    }

    fn iteration_started(
        &mut self,
        machine: &StateMachine,
        record: &Record,
        index: u32,
        input: &Payload,
    ) {
        let state = self
            .visit(record.thread)
            .map(|visit| &machine.state(visit.state).kind);
        let Some(StateKind::Map(map)) = state else {
            return;
        };
        let child = self.child(machine, record, map.processor, index, input);
        if let Some(iterations) = self.iterations_mut(record.thread) {
            iterations.running.insert(index, child);
            iterations.next = index + 1;
        }
    }

    fn iteration_succeeded(&mut self, record: &Record, index: u32) {
        let child = self
            .iterations_mut(record.thread)
            .and_then(|i| i.running.remove(&index));
        let Some(child) = child.and_then(|child| self.threads.remove(&child)) else {
            return;
        };
        if let Place::Done { output } = child.place
            && let Some(iterations) = self.iterations_mut(record.thread)
            && let Some(slot) = iterations.outputs.get_mut(index as usize)
        {
            *slot = Some(output);
        }
        // MapStateSucceeded points at the last MapIterationSucceeded (observed on AWS).
        self.advance(record);
    }

    fn iteration_dropped(&mut self, record: &Record, index: u32) {
        let child = self
            .iterations_mut(record.thread)
            .and_then(|i| i.running.remove(&index));
        if let Some(child) = child {
            self.drop_thread(child);
        }
        if let Fact::IterationFailed { .. } = record.fact
            && let Some(thread) = self.threads.get_mut(&record.thread)
        {
            // What follows points past MapIterationFailed (observed on AWS).
            thread.last_event = record.previous;
        }
    }

    fn retry(&mut self, record: &Record, retrier: u32, until: Timestamp) {
        self.drop_children(record.thread);
        let Some(thread) = self.threads.get_mut(&record.thread) else {
            return;
        };
        thread.last_event = record.previous;
        if let Place::In(visit) = &mut thread.place {
            if let Some(count) = visit.retries.get_mut(retrier as usize) {
                *count += 1;
            }
            visit.doing = Doing::Retrying { until };
        }
    }

    fn thread_due(&self, id: ThreadId) -> Option<Timestamp> {
        match &self.visit(id)?.doing {
            Doing::Waiting { until } | Doing::Retrying { until } => Some(*until),
            Doing::Task(running) => match (running.times_out, running.heart_stops) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
            Doing::Beginning | Doing::Settled | Doing::Parallel { .. } | Doing::Map(_) => None,
        }
    }

    fn update_timer(&mut self, id: ThreadId, before: Option<Timestamp>) {
        let after = self.thread_due(id);
        self.update_timer_of(id, before, after);
    }

    fn update_timer_of(
        &mut self,
        id: ThreadId,
        before: Option<Timestamp>,
        after: Option<Timestamp>,
    ) {
        if before == after {
            return;
        }
        if let Some(before) = before {
            self.timers.remove(&(before, id));
        }
        if let Some(after) = after {
            self.timers.insert((after, id));
        }
    }

    fn update_ready(&mut self, id: ThreadId) {
        let ready = self
            .threads
            .get(&id)
            .is_some_and(|thread| match &thread.place {
                Place::Before { .. } => true,
                Place::In(visit) => matches!(visit.doing, Doing::Beginning),
                Place::Done { .. } => false,
            });
        match self.ready.front() {
            Some(front) if *front == id => {
                self.ready.pop_front();
            }
            Some(_) => self.ready.retain(|other| *other != id),
            None => {}
        }
        if ready {
            self.ready.push_back(id);
        }
    }
}

/// `seconds` after `time`, or never if that is beyond the calendar.
fn later(time: Timestamp, seconds: u64) -> Option<Timestamp> {
    let seconds = i64::try_from(seconds).ok()?;
    time.checked_add(SignedDuration::from_secs(seconds)).ok()
}
