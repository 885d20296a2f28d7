//! What a turn asks the world for.

use std::sync::Arc;

use stepmill_asl::model::{Resource, StateId, StateKind, StateMachine};

use crate::execution::{Execution, Status};
use crate::payload::Payload;
use crate::record::{EventId, Schedule};
use crate::thread::{Doing, Visit};

/// Something to carry out once the turn's records are kept.
///
/// Timers are not among them: an execution tells the time it waits for ([`crate::Execution::due`]).
#[derive(Debug, Clone)]
pub enum Effect {
    /// Run a task.
    RunTask(Box<TaskOrder>),
    /// A task's outcome is no longer wanted: stop it if it can be stopped.
    CancelTask {
        /// The event that scheduled it.
        task: EventId,
    },
    /// The execution has ended.
    End(Status),
}

/// A task to run.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskOrder {
    /// The event that scheduled it: with the execution, the stable name of this call.
    pub task: EventId,
    /// The state.
    pub state_id: StateId,
    /// The state's name.
    pub state: Arc<str>,
    /// Retries of the state before this attempt.
    pub retry_count: u32,
    /// What to call.
    pub resource: Resource,
    /// Its input or parameters.
    pub input: Payload,
    /// `Credentials.RoleArn`.
    pub role_arn: Option<Arc<str>>,
    /// The task token, of a task that waits for one.
    pub token: Option<Arc<str>>,
    /// Seconds until it times out.
    pub timeout_seconds: Option<u64>,
    /// Seconds between heartbeats.
    pub heartbeat_seconds: Option<u64>,
}

/// A task that runs, as it stands: what an engine finds when it takes an execution up again.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenTask {
    /// The order, as it was first given.
    pub order: TaskOrder,
    /// Whether it has started: always, but for an activity's task that no worker has taken yet.
    pub started: bool,
    /// The service's response, once it has taken the job or the message.
    pub submitted: Option<Payload>,
}

impl TaskOrder {
    /// The order of a task; `None` if the state is no Task state.
    pub(crate) fn new(
        machine: &StateMachine,
        task: EventId,
        schedule: &Schedule,
        retry_count: u32,
    ) -> Option<Self> {
        let state = machine.state(schedule.state);
        let StateKind::Task(kind) = &state.kind else {
            return None;
        };
        Some(Self {
            task,
            state_id: schedule.state,
            state: state.name.clone(),
            retry_count,
            resource: kind.resource.clone(),
            input: schedule.input.clone(),
            role_arn: schedule.role_arn.clone(),
            token: schedule.token.clone(),
            timeout_seconds: schedule.timeout_seconds,
            heartbeat_seconds: schedule.heartbeat_seconds,
        })
    }
}

impl Execution {
    /// The tasks that run, in the order in which they were scheduled.
    ///
    /// These are the orders of all turns so far whose tasks have neither ended nor been cancelled.
    pub fn open_tasks(&self, machine: &StateMachine) -> Vec<OpenTask> {
        let mut tasks: Vec<EventId> = self.running_tasks().collect();
        tasks.sort_unstable();
        tasks
            .into_iter()
            .filter_map(|task| self.open_task(machine, task))
            .collect()
    }

    /// The task that the event `task` scheduled, if it runs.
    pub fn open_task(&self, machine: &StateMachine, task: EventId) -> Option<OpenTask> {
        let visit: &Visit = self.visit(self.task_thread(task)?)?;
        let Doing::Task(running) = &visit.doing else {
            return None;
        };
        let order = TaskOrder::new(machine, task, &running.schedule, visit.retry_count())?;
        Some(OpenTask {
            order,
            started: running.started,
            submitted: running.submitted.clone(),
        })
    }
}
