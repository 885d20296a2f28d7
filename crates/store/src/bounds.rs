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

/// Refuses a commit with a number that cannot be kept.
pub(crate) fn check(changes: &[Change]) -> Result<(), StoreError> {
    changes.iter().try_for_each(|change| match change {
        Change::Open(row) => {
            number(row.number)?;
            number(row.scope)?;
            row.version.map_or(Ok(()), number)?;
            row.alias.map_or(Ok(()), number)
        }
        Change::Append { execution, entry } => {
            number(*execution)?;
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
        Change::Put(document) => number(document.number),
        Change::Delete { number: deleted } => number(*deleted),
    })
}

fn number(value: u64) -> Result<(), StoreError> {
    below("number", value, NUMBERS)
}

fn below(what: &'static str, value: u64, bound: u64) -> Result<(), StoreError> {
    if value < bound {
        Ok(())
    } else {
        Err(StoreError::TooLarge { what, value })
    }
}
