//! One turn: from what happened to records and effects.

use std::sync::Arc;

use stepmill_asl::World;
use stepmill_asl::model::StateMachine;

use crate::effect::Effect;
use crate::execution::{Execution, Status};
use crate::failure::RUNTIME;
use crate::limits::Limits;
use crate::payload::Payload;
use crate::probe::Probe;
use crate::record::{EventId, Fact, Reason, Record, ThreadId};
use crate::thread::{Doing, Place};

/// What happened to an execution.
#[derive(Debug, Clone)]
pub enum Happened {
    /// It was started, with this input.
    Start(Payload),
    /// Nothing new: it goes on where its last turn stopped ([`Execution::is_ready`]).
    Continue,
    /// The time has come ([`Execution::due`]).
    Clock,
    /// A worker took an activity's task.
    TaskStarted {
        /// The event that scheduled it.
        task: EventId,
        /// The worker's name.
        worker: Option<Arc<str>>,
    },
    /// A service took a job or a message; its end or its task token is still to come.
    TaskSubmitted {
        /// The event that scheduled it.
        task: EventId,
        /// The service's response.
        output: Payload,
    },
    /// A task succeeded.
    TaskSucceeded {
        /// The event that scheduled it.
        task: EventId,
        /// Its result.
        output: Payload,
    },
    /// A task failed.
    TaskFailed {
        /// The event that scheduled it.
        task: EventId,
        /// Why.
        reason: Reason,
    },
    /// A task cannot be run at all: `States.Runtime`, which nothing catches.
    TaskImpossible {
        /// The event that scheduled it.
        task: EventId,
        /// What is wrong.
        detail: String,
    },
    /// A task gave a sign of life.
    TaskHeartbeat {
        /// The event that scheduled it.
        task: EventId,
    },
    /// Somebody stops the execution.
    Stop(Reason),
    /// Somebody redrives the execution, which has ended ([`Execution::redrivable`]).
    Redrive,
}

/// What one turn decided.
#[derive(Debug, Default)]
pub struct Turn {
    /// To be kept, in this order, before any effect is carried out. Empty if what happened no
    /// longer matters, such as the result of a task that had timed out.
    pub records: Vec<Record>,
    /// To be carried out afterwards.
    pub effects: Vec<Effect>,
}

/// Decides what follows from what happened.
///
/// The records are applied to `execution` already. A turn is bounded by [`Limits::turn_steps`]:
/// while [`Execution::is_ready`] holds afterwards, [`Happened::Continue`] goes on.
pub fn decide(
    machine: &StateMachine,
    execution: &mut Execution,
    happened: Happened,
    world: &World,
    limits: &Limits,
) -> Turn {
    decide_probed(machine, execution, happened, world, limits, None)
}

/// The same while a probe looks into the state.
pub fn decide_under(
    probe: &Probe,
    machine: &StateMachine,
    execution: &mut Execution,
    happened: Happened,
    world: &World,
    limits: &Limits,
) -> Turn {
    decide_probed(machine, execution, happened, world, limits, Some(probe))
}

fn decide_probed(
    machine: &StateMachine,
    execution: &mut Execution,
    happened: Happened,
    world: &World,
    limits: &Limits,
    probe: Option<&Probe>,
) -> Turn {
    let mut turn = Deciding {
        machine,
        execution,
        world,
        limits,
        probe,
        turn: Turn::default(),
    };
    // A halt ends the turn because the execution has ended: nothing is left to do.
    let _ = turn.happen(happened).and_then(|()| turn.go_on());
    turn.turn
}

/// The execution has ended within the turn.
pub(crate) struct Halted;

/// What a step gives unless the execution has ended in it.
pub(crate) type Step<T = ()> = Result<T, Halted>;

/// A turn being decided.
pub(crate) struct Deciding<'a> {
    pub(crate) machine: &'a StateMachine,
    pub(crate) execution: &'a mut Execution,
    pub(crate) world: &'a World,
    pub(crate) limits: &'a Limits,
    pub(crate) probe: Option<&'a Probe>,
    turn: Turn,
}

impl Deciding<'_> {
    fn happen(&mut self, happened: Happened) -> Step {
        if let Happened::Redrive = happened {
            return self.redrive();
        }
        let starting = self.execution.last_event() == 0;
        if *self.execution.status() != Status::Running
            || matches!(happened, Happened::Start(_)) != starting
        {
            return Err(Halted);
        }
        if self
            .execution
            .times_out()
            .is_some_and(|at| at <= self.world.now)
        {
            return self.end(ThreadId::ROOT, Fact::ExecutionTimedOut);
        }
        match happened {
            Happened::Start(input) => {
                let started = self.emit(ThreadId::ROOT, 0, Fact::ExecutionStarted { input })?;
                self.input_nests(started)
            }
            Happened::Continue | Happened::Redrive => Ok(()),
            Happened::Clock => self.clock(),
            Happened::TaskStarted { task, worker } => self.task_started(task, worker),
            Happened::TaskSubmitted { task, output } => self.task_submitted(task, output),
            Happened::TaskSucceeded { task, output } => self.task_succeeded(task, &output),
            Happened::TaskFailed { task, reason } => self.task_failed(task, reason),
            Happened::TaskImpossible { task, detail } => self.task_impossible(task, &detail),
            Happened::TaskHeartbeat { task } => {
                self.task_heartbeat(task);
                Ok(())
            }
            Happened::Stop(reason) => {
                // StopExecution's event points at 0 (observed on AWS).
                self.end_at(ThreadId::ROOT, 0, Fact::ExecutionAborted(reason))
            }
        }
    }

    /// Ends the execution, after the event `previous`, if its input nests too deep.
    pub(crate) fn input_nests(&mut self, previous: EventId) -> Step {
        let levels = self.limits.payload_depth;
        let input = self.execution.input();
        if !input.is_some_and(|input| input.is_deeper_than(levels)) {
            return Ok(());
        }
        let cause = format!(
            "The input of the execution is JSON of more than {levels} levels of arrays and objects."
        );
        let reason = Reason {
            error: Some(RUNTIME.into()),
            cause: Some(cause.into()),
        };
        self.end_at(ThreadId::ROOT, previous, Fact::ExecutionFailed(reason))
    }

    fn clock(&mut self) -> Step {
        while let Some(thread) = self.execution.next_due(self.world.now) {
            match self.execution.visit(thread).map(|visit| &visit.doing) {
                Some(Doing::Waiting { .. }) => self.wait_over(thread)?,
                Some(Doing::Retrying { .. }) => self.attempt(thread)?,
                Some(Doing::Task(_)) => self.task_timed_out(thread)?,
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Lets every thread that can go on do so, in turn.
    fn go_on(&mut self) -> Step {
        for _ in 0..self.limits.turn_steps {
            let Some(thread) = self.execution.next_ready() else {
                return Ok(());
            };
            match self.execution.thread(thread).map(|thread| &thread.place) {
                Some(Place::Before { state, input }) => {
                    let fact = Fact::StateEntered {
                        state: *state,
                        input: input.clone(),
                    };
                    self.emit_next(thread, fact)?;
                }
                Some(Place::In(_)) => self.attempt(thread)?,
                Some(Place::Done { .. }) | None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Emits a history event that follows the thread's last one.
    pub(crate) fn emit_next(&mut self, thread: ThreadId, fact: Fact) -> Step<EventId> {
        let previous = self.last_event(thread);
        self.emit(thread, previous, fact)
    }

    /// The last event of a thread's chain.
    pub(crate) fn last_event(&self, thread: ThreadId) -> EventId {
        self.execution
            .thread(thread)
            .map_or(0, |thread| thread.last_event)
    }

    /// Emits a history event.
    pub(crate) fn emit(
        &mut self,
        thread: ThreadId,
        previous: EventId,
        fact: Fact,
    ) -> Step<EventId> {
        let id = self.execution.last_event() + 1;
        if self.limits.history_events.is_some_and(|limit| id >= limit) {
            let limit = self.limits.history_events.unwrap_or(id);
            let cause =
                format!("The execution reached the maximum number of history events ({limit}).");
            let reason = Reason {
                error: Some(RUNTIME.into()),
                cause: Some(cause.into()),
            };
            self.end(thread, Fact::ExecutionFailed(reason))?;
        }
        self.keep(thread, id, previous, fact);
        Ok(id)
    }

    /// Emits a fact that history lacks.
    pub(crate) fn note(&mut self, thread: ThreadId, previous: EventId, fact: Fact) {
        self.keep(thread, 0, previous, fact);
    }

    fn keep(&mut self, thread: ThreadId, id: EventId, previous: EventId, fact: Fact) {
        let record = Record {
            time: self.world.now,
            thread,
            id,
            previous,
            fact,
        };
        self.execution.apply(self.machine, &record);
        self.turn.records.push(record);
    }

    /// Asks for an effect.
    pub(crate) fn want(&mut self, effect: Effect) {
        self.turn.effects.push(effect);
    }

    /// Ends the execution after the thread's last event.
    pub(crate) fn end(&mut self, thread: ThreadId, fact: Fact) -> Step {
        let previous = self.last_event(thread);
        self.end_at(thread, previous, fact)
    }

    /// Ends the execution.
    pub(crate) fn end_at(&mut self, thread: ThreadId, previous: EventId, fact: Fact) -> Step {
        let mut running: Vec<EventId> = self.execution.running_tasks().collect();
        running.sort_unstable();
        for task in running {
            self.want(Effect::CancelTask { task });
        }
        let id = self.execution.last_event() + 1;
        self.keep(thread, id, previous, fact);
        self.want(Effect::End(self.execution.status().clone()));
        Err(Halted)
    }
}
