//! What numbers can be kept.

use crate::error::StoreError;
use crate::model::Change;

/// Numbers of executions, documents and queues are below this, so that a number and a turn together
/// are one positive 64-bit integer.
pub(crate) const NUMBERS: u64 = 1 << 39;
/// Turns are below this.
pub(crate) const TURNS: u32 = 1 << TURN_BITS;
/// The bits that a turn takes.
pub(crate) const TURN_BITS: u32 = 24;
/// Tasks are below this.
const TASKS: u64 = 1 << 63;

/// Bytes of an entry, a detail, a document or a name are at most so many: what SQLite can keep in a
/// row is 1,000,000,000.
const BYTES: usize = 256 << 20;

/// Refuses a commit with what cannot be kept, so that it does not fail the others of its transaction.
pub(crate) fn check(changes: &[Change]) -> Result<(), StoreError> {
    changes.iter().try_for_each(|change| match change {
        Change::Open(row) => {
            number(row.number)?;
            number(row.scope)?;
            bytes(row.name.len())?;
            bytes(row.detail.len())?;
            row.version.map_or(Ok(()), number)?;
            row.alias.map_or(Ok(()), number)
        }
        Change::Append { execution, entry } => {
            number(*execution)?;
            bytes(entry.bytes.len())?;
            below("turn", u64::from(entry.turn), u64::from(TURNS))
        }
        Change::Update { execution, .. } => number(*execution),
        Change::Enqueue {
            queue,
            execution,
            task,
        }
        | Change::Dequeue {
            queue,
            execution,
            task,
        } => {
            number(*queue)?;
            number(*execution)?;
            below("task", *task, TASKS)
        }
        Change::Put(document) => {
            bytes(document.kind.len())?;
            bytes(document.key.len())?;
            bytes(document.body.len())?;
            number(document.number)
        }
        Change::Delete { number: deleted } => number(*deleted),
    })
}

fn number(value: u64) -> Result<(), StoreError> {
    below("number", value, NUMBERS)
}

fn bytes(length: usize) -> Result<(), StoreError> {
    below("number of bytes", length as u64, BYTES as u64 + 1)
}

fn below(what: &'static str, value: u64, bound: u64) -> Result<(), StoreError> {
    if value < bound {
        Ok(())
    } else {
        Err(StoreError::TooLarge { what, value })
    }
}
