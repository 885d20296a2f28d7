//! What a turn asks the world for.

use std::sync::Arc;

use stepmill_asl::model::Resource;

use crate::execution::Status;
use crate::payload::Payload;
use crate::record::EventId;

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
#[derive(Debug, Clone)]
pub struct TaskOrder {
    /// The event that scheduled it: with the execution, the stable name of this call.
    pub task: EventId,
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
}
