//! What can go wrong.

use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

/// Why a commit was refused. Nothing of it was kept.
#[derive(Debug, Clone, Error)]
pub enum CommitError {
    /// An execution of that name exists in the scope.
    #[error("an execution of that name exists: number {0}")]
    NameTaken(u64),
    /// Somebody else has written this execution's turn.
    #[error("turn {turn} of execution {execution} is written already")]
    Stale {
        /// The execution.
        execution: u64,
        /// The turn.
        turn: u32,
    },
    /// An execution that is to be changed does not exist (any longer).
    #[error("there is no execution {0}")]
    NoExecution(u64),
    /// The store cannot keep it.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
}

impl From<StoreError> for CommitError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// Why a store cannot be opened, read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It is closed.
    #[error("the store is closed")]
    Closed,
    /// Another process has it open, or this one has it open already.
    #[error("{} is in use by {owner}: one process at a time can own a store", path.display())]
    InUse {
        /// The store's file.
        path: PathBuf,
        /// Who has it.
        owner: String,
    },
    /// The file is something else.
    #[error("{} is not a Stepmill store: {reason}", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: String,
    },
    /// A newer Stepmill has written the file.
    #[error(
        "{} has schema version {found}, this Stepmill knows versions up to {known}: use a newer Stepmill",
        path.display()
    )]
    Newer {
        /// The store's file.
        path: PathBuf,
        /// The version of its schema.
        found: u32,
        /// The newest version that this binary knows.
        known: u32,
    },
    /// The store's file is gone, its log is not.
    #[error(
        "{} is missing or empty, but {} holds its last commits: put the file back, or remove the log to begin anew",
        path.display(),
        log.display()
    )]
    Headless {
        /// The store's file.
        path: PathBuf,
        /// The log beside it.
        log: PathBuf,
    },
    /// What was written cannot be read any more.
    #[error("the store is damaged: {0}; `stepmill store check` says how far")]
    Damaged(String),
    /// What no store can keep: executions, documents and queues have numbers below 2^39, turns below
    /// 2^24, tasks below 2^63, and nothing has more than 256 MiB.
    #[error("{what} {value} is too large to be kept")]
    TooLarge {
        /// What the number is of.
        what: &'static str,
        /// The number.
        value: u64,
    },
    /// A new execution has the number of one that exists.
    #[error("number {0} is given to an execution already")]
    NumberTaken(u64),
    /// The file system refuses.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The database refuses.
    #[error("the database: {0}")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged(error.to_string()),
            _ => Self::Database(Box::new(error)),
        }
    }
}
