//! The journal: what executions decided, and the indexes that lists and filters read.
//!
//! A store keeps bytes and knows not what they mean. [`Store`] is the whole of what the engine asks
//! of one. [`Memory`] keeps nothing beyond the process; [`Sqlite`] keeps a file.

mod bounds;
mod error;
mod memory;
mod model;
pub mod sqlite;

pub use error::{CommitError, StoreError};
pub use memory::Memory;
pub use model::{Change, Document, Entry, ExecutionRow, Health, ListExecutions, Receipt, Update};
pub use sqlite::Sqlite;

/// A journal and its indexes.
///
/// Reads see every commit whose receipt has said that it is kept. They are short (a page at most)
/// and may be called where blocking for some microseconds is no harm.
pub trait Store: Send + Sync + 'static {
    /// Keeps all changes or none. Commits become durable in the order of the calls; the receipt
    /// speaks only when the changes are on the disk.
    ///
    /// A full disk or a failing device does not fail a commit: the store tries again, says so in
    /// [`Store::health`], and the receipt stays silent until the changes are kept.
    fn commit(&self, changes: Vec<Change>) -> Receipt;

    /// The execution of that number.
    fn execution(&self, number: u64) -> Result<Option<ExecutionRow>, StoreError>;

    /// The execution of that name in a scope.
    fn execution_named(&self, scope: u64, name: &str) -> Result<Option<ExecutionRow>, StoreError>;

    /// A page of a scope's executions, latest `sorted` first, among equals the highest number first.
    fn executions(&self, query: &ListExecutions) -> Result<Vec<ExecutionRow>, StoreError>;

    /// How many executions have one of these statuses, over all scopes.
    fn count(&self, statuses: &[u8]) -> Result<u64, StoreError>;

    /// An execution's entries from turn `from` on, in order, at most `limit`.
    fn entries(&self, execution: u64, from: u32, limit: usize) -> Result<Vec<Entry>, StoreError>;

    /// An execution's last entry.
    fn last_entry(&self, execution: u64) -> Result<Option<Entry>, StoreError>;

    /// Executions that are due, as `(due, number)` in that order: those after `after` that are due
    /// no later than `until` (milliseconds), at most `limit`.
    fn due(
        &self,
        after: (i64, u64),
        until: i64,
        limit: usize,
    ) -> Result<Vec<(i64, u64)>, StoreError>;

    /// When the first execution after `after` is due.
    fn next_due(&self, after: (i64, u64)) -> Result<Option<i64>, StoreError>;

    /// Numbers of executions that are marked busy, in order, after `after`, at most `limit`.
    fn busy(&self, after: u64, limit: usize) -> Result<Vec<u64>, StoreError>;

    /// What waits in a queue, first come first, at most `limit`: `(execution, task)`.
    fn queued(&self, queue: u64, limit: usize) -> Result<Vec<(u64, u64)>, StoreError>;

    /// A document by kind and key.
    fn document(&self, kind: &str, key: &str) -> Result<Option<Document>, StoreError>;

    /// A document by its number.
    fn document_numbered(&self, number: u64) -> Result<Option<Document>, StoreError>;

    /// Documents of a kind whose keys begin with `prefix` and come after `after`, in the order of
    /// their keys, at most `limit`.
    fn documents(
        &self,
        kind: &str,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Document>, StoreError>;

    /// The highest number ever given to an execution or a document, deleted ones included; they
    /// share one sequence.
    fn last_number(&self) -> Result<u64, StoreError>;

    /// Deletes executions of these statuses whose `sorted` is before `before` (milliseconds), with
    /// their entries and what waits in queues: at most `limit`, so that it can be done in small
    /// steps. How many were deleted. It takes its turn among the commits and waits for the disk, so
    /// it must not be called where blocking for some milliseconds does harm; a full disk is an
    /// error here.
    fn forget(&self, statuses: &[u8], before: i64, limit: usize) -> Result<usize, StoreError>;

    /// Whether commits are being kept.
    fn health(&self) -> Health;
}
