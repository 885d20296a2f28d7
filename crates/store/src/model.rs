//! What is kept.

use tokio::sync::oneshot;

use crate::error::CommitError;

/// Speaks once when a commit is kept or refused.
pub type Receipt = oneshot::Receiver<Result<(), CommitError>>;

/// What is kept of an execution beside its entries. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionRow {
    /// Its number, less than 2^39.
    pub number: u64,
    /// What its name is unique in: the number of its state machine's document.
    pub scope: u64,
    /// Its name.
    pub name: String,
    /// The number of the document of the version that it was started through.
    pub version: Option<u64>,
    /// The number of the document of the alias that it was started through.
    pub alias: Option<u64>,
    /// What changes in its life.
    pub update: Update,
    /// What the engine knows of it beside its entries; never changes.
    pub detail: Vec<u8>,
}

/// What changes in the life of an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Its status, in the engine's numbering.
    pub status: u8,
    /// When it was started or, once it is closed, stopped: what lists are sorted by.
    pub sorted: i64,
    /// When it wants to be told the time.
    pub due: Option<i64>,
    /// Whether it must be resumed when the store is opened.
    pub busy: bool,
}

/// One turn's records, as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The turn, from 0, less than 2^24.
    pub turn: u32,
    /// The records.
    pub bytes: Vec<u8>,
}

/// Something with a name that is not an execution: a state machine, a version, an activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its number, from the same sequence as executions' numbers, less than 2^39.
    pub number: u64,
    /// What it is.
    pub kind: String,
    /// Its name, unique among its kind.
    pub key: String,
    /// Its content.
    pub body: Vec<u8>,
}

/// A change to be kept. A commit is a list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new execution. If its name is taken in its scope the whole commit is refused
    /// ([`CommitError::NameTaken`]); so it stands first in its commit.
    Open(ExecutionRow),
    /// The entry of an execution's next turn. If there is one already, the whole commit is refused
    /// ([`CommitError::Stale`]), as it is if there is no such execution
    /// ([`CommitError::NoExecution`]).
    Append {
        /// The execution.
        execution: u64,
        /// The entry.
        entry: Entry,
    },
    /// What has changed in an execution's row. If there is no such execution the whole commit is
    /// refused ([`CommitError::NoExecution`]).
    Update {
        /// The execution.
        execution: u64,
        /// The new values.
        update: Update,
    },
    /// A task waits in a queue. One that waits there already keeps its place.
    Enqueue {
        /// The queue: the number of an activity's document.
        queue: u64,
        /// The execution.
        execution: u64,
        /// The task in it.
        task: u64,
    },
    /// A task waits no longer.
    Dequeue {
        /// The queue.
        queue: u64,
        /// The execution.
        execution: u64,
        /// The task in it.
        task: u64,
    },
    /// Writes a document, a new one or over whatever has its number or its kind and key.
    Put(Document),
    /// Deletes a document; deleting what does not exist is no error.
    Delete {
        /// Its number.
        number: u64,
    },
}

/// Which executions to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListExecutions {
    /// Of which scope.
    pub scope: u64,
    /// Only with one of these statuses; all if empty.
    pub statuses: Vec<u8>,
    /// Only those started through this version.
    pub version: Option<u64>,
    /// Only those started through this alias.
    pub alias: Option<u64>,
    /// Only those that come after this `(sorted, number)`.
    pub after: Option<(i64, u64)>,
    /// At most so many.
    pub limit: usize,
}

/// Whether commits are being kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// They are.
    Well,
    /// They are not, for this reason; the store goes on trying.
    Failing(String),
}
