//! The store, as the engine's parts share it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use stepmill_store::{Change, CommitError, Store, StoreError};

use crate::error::{Code, Error};

/// The store and the sequence of numbers that go with it.
#[derive(Clone)]
pub struct Keeper {
    store: Arc<dyn Store>,
    numbers: Arc<AtomicU64>,
}

impl Keeper {
    /// Takes a store over; its numbers go on after the highest one given.
    pub fn new(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let last = store.last_number()?;
        Ok(Self {
            store,
            numbers: Arc::new(AtomicU64::new(last)),
        })
    }

    /// The store, for reading.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// A number that nothing has yet.
    pub fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Keeps all changes or none; returns when they are on the disk.
    pub async fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        match self.store.commit(changes).await {
            Ok(result) => result,
            // The store went away with the commit in its queue: it was not acknowledged.
            Err(_) => Err(CommitError::Store(Arc::new(StoreError::Closed))),
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<CommitError> for Error {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => Self::new(Code::ServiceUnavailable, error.to_string()),
            other => Self::internal(other.to_string()),
        }
    }
}
