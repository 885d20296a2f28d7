//! Where the records of an execution are kept.

use stepmill_interpreter::Record;

/// The records of one execution, in memory.
#[derive(Debug, Default)]
pub struct Journal {
    records: Vec<Record>,
}

impl Journal {
    /// Keeps the records of a turn.
    pub(crate) fn commit(&mut self, records: &[Record]) {
        self.records.extend_from_slice(records);
    }

    /// All records, in order.
    pub fn records(&self) -> &[Record] {
        &self.records
    }
}
