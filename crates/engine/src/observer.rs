//! Those who are told what executions decide.

use stepmill_interpreter::{Execution, Record};

use crate::machines::Revision;

/// Is told of every turn once its records are kept: logs, events, metrics.
///
/// It is called between turns and must not block.
pub trait Observer: Send + Sync + 'static {
    /// An execution has taken a turn.
    fn turn(&self, turn: &ObservedTurn<'_>);
}

/// A turn whose records are kept.
#[derive(Debug, Clone, Copy)]
pub struct ObservedTurn<'a> {
    /// What the execution runs.
    pub revision: &'a Revision,
    /// The execution after the turn.
    pub execution: &'a Execution,
    /// What the turn decided.
    pub records: &'a [Record],
}
