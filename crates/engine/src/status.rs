//! Statuses as the store keeps them.

use stepmill_interpreter::{Execution, Status};

/// An execution's status as a byte: what it is, and whether it was ever redriven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StatusCode(u8);

const NAMES: [&str; 5] = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"];
const REDRIVEN: u8 = 8;

impl StatusCode {
    pub(crate) fn of(execution: &Execution) -> Self {
        let status: u8 = match execution.status() {
            Status::Running => 0,
            Status::Succeeded(_) => 1,
            Status::Failed(_) => 2,
            Status::TimedOut => 3,
            Status::Aborted(_) => 4,
        };
        let redriven = execution.redrive_count() > 0;
        Self(status | if redriven { REDRIVEN } else { 0 })
    }

    pub(crate) fn byte(self) -> u8 {
        self.0
    }

    pub(crate) fn from_byte(byte: u8) -> Self {
        Self(byte)
    }

    /// AWS's word for it.
    pub(crate) fn name(self) -> &'static str {
        NAMES
            .get(usize::from(self.0 & !REDRIVEN))
            .copied()
            .unwrap_or("UNKNOWN")
    }

    pub(crate) fn is_running(self) -> bool {
        self.0 & !REDRIVEN == 0
    }

    pub(crate) fn is_redriven(self) -> bool {
        self.0 & REDRIVEN != 0
    }

    /// The bytes of the status that AWS calls `name` (any if none), redriven or not as asked.
    pub(crate) fn bytes(name: Option<&str>, redriven: Option<bool>) -> Vec<u8> {
        (0_u8..)
            .zip(NAMES)
            .filter(|(_, known)| name.is_none_or(|name| name == *known))
            .flat_map(|(status, _)| [status, status | REDRIVEN])
            .filter(|byte| redriven.is_none_or(|redriven| redriven == (byte & REDRIVEN != 0)))
            .collect()
    }

    /// The bytes of running executions.
    pub(crate) const RUNNING: [u8; 2] = [0, REDRIVEN];
    /// The bytes of closed executions.
    pub(crate) const CLOSED: [u8; 8] = [1, 2, 3, 4, 9, 10, 11, 12];
}
