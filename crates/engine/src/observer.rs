//! Those who are told what executions decide.

use stepmill_interpreter::{Execution, Fact, Record};

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

impl<'a> ObservedTurn<'a> {
    /// The records, each with how often the execution had been redriven by then.
    pub(crate) fn records_with_redrives(
        &self,
    ) -> impl Iterator<Item = (&'a Record, u32)> + use<'a> {
        let count = |record: &Record| match record.fact {
            Fact::ExecutionRedriven { count } => Some(count),
            _ => None,
        };
        let first = self.records.iter().find_map(count);
        let mut redrives = first.map_or(self.execution.redrive_count(), |n| n.saturating_sub(1));
        self.records.iter().map(move |record| {
            redrives = count(record).unwrap_or(redrives);
            (record, redrives)
        })
    }
}
