//! A disk that can crash: a store whose commits are safe only after a while.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use stepmill_store::{
    Change, CommitError, Document, Entry, ExecutionRow, Health, ListExecutions, Memory, Receipt,
    Store, StoreError,
};
use tokio::sync::{Notify, oneshot};

use crate::power::Power;

/// What outlives a crash, and what is on its way there.
pub(crate) struct Disk {
    safe: Arc<Memory>,
    power: Arc<Power>,
    queue: Mutex<VecDeque<Queued>>,
    arrived: Notify,
    /// Commits are acknowledged before they are safe: what a missing fsync means.
    drop_fsync: bool,
}

struct Queued {
    changes: Vec<Change>,
    receipt: Option<oneshot::Sender<Result<(), CommitError>>>,
}

impl Disk {
    pub(crate) fn new(safe: Arc<Memory>, power: Arc<Power>, drop_fsync: bool) -> Self {
        Self {
            safe,
            power,
            queue: Mutex::default(),
            arrived: Notify::new(),
            drop_fsync,
        }
    }

    /// Writes groups of commits, for ever. A crash may fall before a group, within it (a torn
    /// write: its beginning is safe and nobody was told), or before its acknowledgements.
    pub(crate) async fn write(self: Arc<Self>) {
        loop {
            let arrived = self.arrived.notified();
            let group: Vec<Queued> = {
                let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
                queue.drain(..).collect()
            };
            if group.is_empty() {
                arrived.await;
                continue;
            }
            let micros = 100 + self.power.random.below(5_000);
            tokio::time::sleep(Duration::from_micros(micros)).await;
            let mut acknowledgements = Vec::new();
            for queued in group {
                if !self.power.step("commit") {
                    return;
                }
                let kept = self.safe.commit(queued.changes).await;
                if let Some(receipt) = queued.receipt {
                    let closed = || CommitError::Store(Arc::new(StoreError::Closed));
                    acknowledgements.push((receipt, kept.unwrap_or_else(|_| Err(closed()))));
                }
            }
            for (receipt, kept) in acknowledgements {
                if !self.power.step("acknowledge") {
                    return;
                }
                // Who committed may be gone.
                let _ = receipt.send(kept);
            }
        }
    }
}

impl Store for Disk {
    fn commit(&self, changes: Vec<Change>) -> Receipt {
        let (sender, receipt) = oneshot::channel();
        let early = self.drop_fsync && self.power.step("acknowledge early");
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if early {
            let _ = sender.send(Ok(()));
            queue.push_back(Queued {
                changes,
                receipt: None,
            });
        } else {
            queue.push_back(Queued {
                changes,
                receipt: Some(sender),
            });
        }
        drop(queue);
        self.arrived.notify_one();
        receipt
    }

    fn execution(&self, number: u64) -> Result<Option<ExecutionRow>, StoreError> {
        self.safe.execution(number)
    }

    fn execution_named(&self, scope: u64, name: &str) -> Result<Option<ExecutionRow>, StoreError> {
        self.safe.execution_named(scope, name)
    }

    fn executions(&self, query: &ListExecutions) -> Result<Vec<ExecutionRow>, StoreError> {
        self.safe.executions(query)
    }

    fn count(&self, statuses: &[u8]) -> Result<u64, StoreError> {
        self.safe.count(statuses)
    }

    fn entries(&self, execution: u64, from: u32, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.safe.entries(execution, from, limit)
    }

    fn last_entry(&self, execution: u64) -> Result<Option<Entry>, StoreError> {
        self.safe.last_entry(execution)
    }

    fn due(
        &self,
        after: (i64, u64),
        until: i64,
        limit: usize,
    ) -> Result<Vec<(i64, u64)>, StoreError> {
        self.safe.due(after, until, limit)
    }

    fn next_due(&self, after: (i64, u64)) -> Result<Option<i64>, StoreError> {
        self.safe.next_due(after)
    }

    fn busy(&self, after: u64, limit: usize) -> Result<Vec<u64>, StoreError> {
        self.safe.busy(after, limit)
    }

    fn queued(&self, queue: u64, limit: usize) -> Result<Vec<(u64, u64)>, StoreError> {
        self.safe.queued(queue, limit)
    }

    fn document(&self, kind: &str, key: &str) -> Result<Option<Document>, StoreError> {
        self.safe.document(kind, key)
    }

    fn document_numbered(&self, number: u64) -> Result<Option<Document>, StoreError> {
        self.safe.document_numbered(number)
    }

    fn documents(
        &self,
        kind: &str,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Document>, StoreError> {
        self.safe.documents(kind, prefix, after, limit)
    }

    fn last_number(&self) -> Result<u64, StoreError> {
        self.safe.last_number()
    }

    fn forget(&self, statuses: &[u8], before: i64, limit: usize) -> Result<usize, StoreError> {
        self.safe.forget(statuses, before, limit)
    }

    fn health(&self) -> Health {
        self.safe.health()
    }
}
