//! The fold: how a record changes an execution.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use stepmill_asl::model::{StateId, StateKind, StateMachine, Transition, WorkflowId};

use super::{EXPRESS_SECONDS, Execution, Status};
use crate::payload::Payload;
use crate::record::{EventId, Fact, MapPlan, Record, Schedule, ThreadId};
use crate::thread::{Doing, Iterations, Place, Running, Thread, Visit};
use crate::variables::Variables;

impl Execution {
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
            Fact::ExecutionSucceeded { output } => {
                self.end(record, Status::Succeeded(output.clone()));
            }
            Fact::ExecutionFailed(reason) => self.end(record, Status::Failed(reason.clone())),
            Fact::ExecutionTimedOut => self.end(record, Status::TimedOut),
            Fact::ExecutionAborted(reason) => self.end(record, Status::Aborted(reason.clone())),
            Fact::ExecutionRedriven { count } => self.redrive(machine, record, *count),
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
            Fact::StateAborted { .. } => self.wreck(record.thread),
            Fact::TaskScheduled(schedule) => self.schedule(record, schedule),
            Fact::TaskStarted { .. } => self.task_started(record),
            Fact::TaskHeartbeat => self.task_heartbeat(record),
            Fact::TaskSubmitted { output, .. } => self.task_submitted(record, output),
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
            Fact::ParallelSucceeded | Fact::MapSucceeded => self.wreck_children(record.thread),
            Fact::ParallelFailed | Fact::MapFailed => {
                self.advance(record);
                self.wreck_children(record.thread);
            }
            Fact::EvaluationFailed { .. } => self.advance(record),
            Fact::WaitStarted { until } => {
                self.set_doing(record.thread, Doing::Waiting { until: *until });
            }
            Fact::RetryScheduled { retrier, until } => self.retry(record, *retrier, *until),
        }
    }

    fn start(&mut self, machine: &StateMachine, record: &Record, input: &Payload) {
        self.input = Some(input.clone());
        self.started = record.time;
        self.times_out = self.time_limit(machine, record.time);
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

    /// When an execution that starts or is redriven at `time` times out.
    pub(super) fn time_limit(&self, machine: &StateMachine, time: Timestamp) -> Option<Timestamp> {
        let timeout = machine.timeout_seconds;
        let timeout = if self.identity.express {
            Some(timeout.map_or(EXPRESS_SECONDS, |seconds| seconds.min(EXPRESS_SECONDS)))
        } else {
            timeout
        };
        later(time, timeout?)
    }

    fn end(&mut self, record: &Record, status: Status) {
        if self.identity.express || matches!(status, Status::Succeeded(_)) {
            self.threads.clear();
            self.wreck.clear();
        } else {
            self.wreck.extend(self.threads.drain());
        }
        self.status = status;
        self.ended = Some(record.time);
        self.times_out = None;
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

    /// Ends a thread and those that it waits for, but remembers where they stood.
    fn wreck(&mut self, id: ThreadId) {
        let mut ids = vec![id];
        while let Some(id) = ids.pop() {
            ids.extend(self.children(id));
            let due = self.thread_due(id);
            self.update_timer_of(id, due, None);
            let Some(thread) = self.threads.remove(&id) else {
                continue;
            };
            self.ready.retain(|ready| *ready != id);
            if let Place::In(visit) = &thread.place
                && let Doing::Task(running) = &visit.doing
            {
                self.tasks.remove(&running.task);
            }
            if !self.identity.express {
                self.wreck.insert(id, thread);
            }
        }
    }

    /// Forgets the ended threads below one that goes on.
    fn clear_wreck(&mut self, above: ThreadId) {
        let mut ids = vec![above];
        while !self.wreck.is_empty()
            && let Some(id) = ids.pop()
        {
            let below = |thread: &Thread| thread.parent.is_some_and(|(parent, _)| parent == id);
            self.wreck.retain(|child, thread| {
                let below = below(thread);
                if below {
                    ids.push(*child);
                }
                !below
            });
        }
    }

    fn children(&self, id: ThreadId) -> Vec<ThreadId> {
        match self.visit(id).map(|visit| &visit.doing) {
            Some(Doing::Parallel { branches }) => branches.clone(),
            Some(Doing::Map(iterations)) => iterations.running.values().copied().collect(),
            _ => Vec::new(),
        }
    }

    fn wreck_children(&mut self, id: ThreadId) {
        for child in self.children(id) {
            self.wreck(child);
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
        self.clear_wreck(record.thread);
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

    fn schedule(&mut self, record: &Record, schedule: &Arc<Schedule>) {
        self.advance(record);
        self.tasks.insert(record.id, record.thread);
        let running = Running {
            task: record.id,
            schedule: schedule.clone(),
            started: false,
            submitted: None,
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
            running.started = true;
            running.times_out = running
                .schedule
                .timeout_seconds
                .and_then(|s| later(time, s));
            running.heart_stops = heart_stops(&running.schedule, time);
        }
    }

    fn task_submitted(&mut self, record: &Record, output: &Payload) {
        self.advance(record);
        if let Some(running) = self.running_mut(record.thread) {
            running.submitted = Some(output.clone());
        }
    }

    fn task_heartbeat(&mut self, record: &Record) {
        let time = record.time;
        if let Some(running) = self.running_mut(record.thread) {
            running.heart_stops = heart_stops(&running.schedule, time);
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
            running: BTreeMap::new(),
            outputs: vec![None; length],
        };
        self.set_doing(record.thread, Doing::Map(iterations));
    }

    pub(super) fn iterations_mut(&mut self, thread: ThreadId) -> Option<&mut Iterations> {
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
            self.wreck(child);
        }
        if let Fact::IterationFailed { .. } = record.fact
            && let Some(thread) = self.threads.get_mut(&record.thread)
        {
            // What follows points past MapIterationFailed (observed on AWS).
            thread.last_event = record.previous;
        }
    }

    fn retry(&mut self, record: &Record, retrier: u32, until: Timestamp) {
        self.wreck_children(record.thread);
        self.clear_wreck(record.thread);
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

    pub(super) fn update_ready(&mut self, id: ThreadId) {
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

/// When a heartbeat will have been missed after one at `time`.
fn heart_stops(schedule: &Schedule, time: Timestamp) -> Option<Timestamp> {
    // Without a token nobody could send one (API reference, SendTaskHeartbeat).
    let _ = schedule.token.as_ref()?;
    later(time, schedule.heartbeat_seconds?)
}

/// `seconds` after `time`, or never if that is beyond the calendar.
fn later(time: Timestamp, seconds: u64) -> Option<Timestamp> {
    let seconds = i64::try_from(seconds).ok()?;
    time.checked_add(SignedDuration::from_secs(seconds)).ok()
}
