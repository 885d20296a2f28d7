//! Names of errors.

/// Names of errors that the service itself raises, for [`Retry`](super::Retry) and [`Catch`](super::Catch).
#[derive(Debug)]
pub struct Errors;

impl Errors {
    /// Any error.
    pub const ALL: &str = "States.ALL";
    /// A task gave no sign of life for longer than its heartbeat.
    pub const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
    /// A task or the execution took too long, or a task gave no sign of life.
    pub const TIMEOUT: &str = "States.Timeout";
    /// A task failed; anything but a timeout.
    pub const TASKS_FAILED: &str = "States.TaskFailed";
    /// The role may not do what the task asks for.
    pub const PERMISSIONS: &str = "States.Permissions";
    /// The result cannot be put at the result path.
    pub const RESULT_PATH_MATCH_FAILURE: &str = "States.ResultPathMatchFailure";
    /// A path of the parameters leads nowhere.
    pub const PARAMETER_PATH_FAILURE: &str = "States.ParameterPathFailure";
    /// A branch of a Parallel failed.
    pub const BRANCH_FAILED: &str = "States.BranchFailed";
    /// No branch of a Choice applied, and there is no other way on.
    pub const NO_CHOICE_MATCHED: &str = "States.NoChoiceMatched";
}
