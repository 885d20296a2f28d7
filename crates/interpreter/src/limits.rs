//! Limits of an execution.

/// What an execution may use. The default is AWS's quotas for the type of machine.
///
/// Source: Step Functions Developer Guide, "Service quotas".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of an input, output or result as JSON text.
    pub payload_bytes: usize,
    /// Levels of arrays and objects in an input, output or result: within what JSON readers take.
    pub payload_depth: usize,
    /// Events in a history; `None` for Express executions, which have no such limit.
    pub history_events: Option<u64>,
    /// Iterations of one inline Map state running at once.
    pub inline_map_concurrency: usize,
    /// Bytes of one variable, and of all values of one `Assign`.
    pub assign_bytes: usize,
    /// Bytes of all variables of an execution.
    pub variables_bytes: usize,
    /// State transitions decided in one turn, so that a loop cannot hold its thread for ever.
    pub turn_steps: usize,
}

impl Limits {
    /// For a Standard execution.
    pub const STANDARD: Self = Self {
        payload_bytes: 256 * 1024,
        payload_depth: 100,
        history_events: Some(25_000),
        inline_map_concurrency: 40,
        assign_bytes: 256 * 1024,
        variables_bytes: 10 * 1024 * 1024,
        turn_steps: 2_000,
    };

    /// For an Express execution.
    pub const EXPRESS: Self = Self {
        history_events: None,
        ..Self::STANDARD
    };
}
