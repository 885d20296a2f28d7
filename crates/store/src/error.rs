//! What can go wrong.

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
    /// The store cannot keep it.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
}

/// Why a store cannot be opened, read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It is closed.
    #[error("the store is closed")]
    Closed,
}
