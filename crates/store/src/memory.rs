//! A store that ends with the process.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::Store;
use crate::bounds::{self, TURNS};
use crate::error::{CommitError, StoreError};
use crate::model::{
    Change, Document, Entry, ExecutionRow, Health, ListExecutions, Receipt, Update,
};

/// Keeps everything in ordered maps; a commit is kept when [`Store::commit`] returns.
///
/// It is what tests compare other stores with.
#[derive(Debug, Default)]
pub struct Memory {
    content: Mutex<Content>,
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct Content {
    executions: BTreeMap<u64, ExecutionRow>,
    names: BTreeMap<(u64, String), u64>,
    /// Scope, sorted, number.
    listed: BTreeSet<(u64, i64, u64)>,
    due: BTreeSet<(i64, u64)>,
    busy: BTreeSet<u64>,
    entries: BTreeMap<(u64, u32), Vec<u8>>,
    /// Queue and position to execution and task.
    queued: BTreeMap<(u64, u64), (u64, u64)>,
    /// The position for what is queued next.
    position: u64,
    documents: BTreeMap<u64, Document>,
    keys: BTreeMap<(String, String), u64>,
    last_number: u64,
}

impl Content {
    fn commit(&mut self, changes: Vec<Change>) -> Result<(), CommitError> {
        bounds::check(&changes)?;
        self.check(&changes)?;
        for change in changes {
            self.apply(change);
        }
        Ok(())
    }

    /// Whether all changes can be made, one after the other.
    fn check(&self, changes: &[Change]) -> Result<(), CommitError> {
        let mut opened = BTreeSet::new();
        let mut named = BTreeMap::new();
        let mut written = BTreeSet::new();
        for change in changes {
            match change {
                Change::Open(row) => {
                    let name = (row.scope, row.name.clone());
                    if let Some(taken) = named.get(&name).or_else(|| self.names.get(&name)) {
                        return Err(CommitError::NameTaken(*taken));
                    }
                    if self.executions.contains_key(&row.number) || !opened.insert(row.number) {
                        return Err(StoreError::NumberTaken(row.number).into());
                    }
                    named.insert(name, row.number);
                }
                Change::Append { execution, entry } => {
                    let key = (*execution, entry.turn);
                    if self.entries.contains_key(&key) || !written.insert(key) {
                        return Err(CommitError::Stale {
                            execution: *execution,
                            turn: entry.turn,
                        });
                    }
                    self.exists(*execution, &opened)?;
                }
                Change::Update { execution, .. } => self.exists(*execution, &opened)?,
                Change::Enqueue { .. }
                | Change::Dequeue { .. }
                | Change::Put(_)
                | Change::Delete { .. } => {}
            }
        }
        Ok(())
    }

    fn exists(&self, execution: u64, opened: &BTreeSet<u64>) -> Result<(), CommitError> {
        if self.executions.contains_key(&execution) || opened.contains(&execution) {
            Ok(())
        } else {
            Err(CommitError::NoExecution(execution))
        }
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Open(row) => {
                self.last_number = self.last_number.max(row.number);
                self.names.insert((row.scope, row.name.clone()), row.number);
                self.index(row.number, row.scope, &row.update);
                self.executions.insert(row.number, row);
            }
            Change::Append { execution, entry } => {
                self.entries.insert((execution, entry.turn), entry.bytes);
            }
            Change::Update { execution, update } => {
                if let Some(row) = self.executions.get_mut(&execution) {
                    let scope = row.scope;
                    let old = std::mem::replace(&mut row.update, update.clone());
                    self.unindex(execution, scope, &old);
                    self.index(execution, scope, &update);
                }
            }
            Change::Enqueue {
                queue,
                execution,
                task,
            } => {
                if self.place(queue, execution, task).is_none() {
                    self.queued
                        .insert((queue, self.position), (execution, task));
                    self.position += 1;
                }
            }
            Change::Dequeue {
                queue,
                execution,
                task,
            } => {
                if let Some(place) = self.place(queue, execution, task) {
                    self.queued.remove(&place);
                }
            }
            Change::Put(document) => {
                let key = (document.kind.clone(), document.key.clone());
                if let Some(number) = self.keys.get(&key).copied() {
                    self.delete(number);
                }
                self.delete(document.number);
                self.last_number = self.last_number.max(document.number);
                self.keys.insert(key, document.number);
                self.documents.insert(document.number, document);
            }
            Change::Delete { number } => self.delete(number),
        }
    }

    fn delete(&mut self, number: u64) {
        if let Some(old) = self.documents.remove(&number) {
            self.keys.remove(&(old.kind, old.key));
        }
    }

    /// Where a task waits.
    fn place(&self, queue: u64, execution: u64, task: u64) -> Option<(u64, u64)> {
        self.queued
            .range((queue, 0)..=(queue, u64::MAX))
            .find(|(_, waiting)| **waiting == (execution, task))
            .map(|(place, _)| *place)
    }

    fn index(&mut self, number: u64, scope: u64, update: &Update) {
        self.listed.insert((scope, update.sorted, number));
        if let Some(due) = update.due {
            self.due.insert((due, number));
        }
        if update.busy {
            self.busy.insert(number);
        }
    }

    fn unindex(&mut self, number: u64, scope: u64, update: &Update) {
        self.listed.remove(&(scope, update.sorted, number));
        if let Some(due) = update.due {
            self.due.remove(&(due, number));
        }
        self.busy.remove(&number);
    }

    fn forget(&mut self, number: u64) {
        if let Some(row) = self.executions.remove(&number) {
            self.unindex(number, row.scope, &row.update);
            self.names.remove(&(row.scope, row.name));
        }
        self.queued.retain(|_, (execution, _)| *execution != number);
        let turns = self.entries.range((number, 0)..(number, TURNS));
        for key in turns.map(|(key, _)| *key).collect::<Vec<_>>() {
            self.entries.remove(&key);
        }
    }
}

impl Store for Memory {
    fn commit(&self, changes: Vec<Change>) -> Receipt {
        let (receipt, kept) = oneshot::channel();
        // Whether anybody waits for it is not the store's business.
        let _ = receipt.send(self.lock().commit(changes));
        kept
    }

    fn execution(&self, number: u64) -> Result<Option<ExecutionRow>, StoreError> {
        Ok(self.lock().executions.get(&number).cloned())
    }

    fn execution_named(&self, scope: u64, name: &str) -> Result<Option<ExecutionRow>, StoreError> {
        let content = self.lock();
        let number = content.names.get(&(scope, name.to_owned()));
        Ok(number
            .and_then(|number| content.executions.get(number))
            .cloned())
    }

    fn executions(&self, query: &ListExecutions) -> Result<Vec<ExecutionRow>, StoreError> {
        let content = self.lock();
        let first = Included((query.scope, i64::MIN, 0));
        let end = match query.after {
            Some((sorted, number)) => Excluded((query.scope, sorted, number)),
            None => Included((query.scope, i64::MAX, u64::MAX)),
        };
        Ok(content
            .listed
            .range((first, end))
            .rev()
            .filter_map(|(_, _, number)| content.executions.get(number))
            .filter(|row| {
                (query.statuses.is_empty() || query.statuses.contains(&row.update.status))
                    && query
                        .version
                        .is_none_or(|version| row.version == Some(version))
                    && query.alias.is_none_or(|alias| row.alias == Some(alias))
            })
            .take(query.limit)
            .cloned()
            .collect())
    }

    fn count(&self, statuses: &[u8]) -> Result<u64, StoreError> {
        let content = self.lock();
        let rows = content.executions.values();
        let counted = rows.filter(|row| statuses.contains(&row.update.status));
        Ok(counted.map(|_| 1).sum())
    }

    fn entries(&self, execution: u64, from: u32, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let content = self.lock();
        let entries = content
            .entries
            .range((execution, from)..=(execution, u32::MAX));
        Ok(entries.take(limit).map(entry).collect())
    }

    fn last_entry(&self, execution: u64) -> Result<Option<Entry>, StoreError> {
        let content = self.lock();
        let mut entries = content
            .entries
            .range((execution, 0)..=(execution, u32::MAX));
        Ok(entries.next_back().map(entry))
    }

    fn due(
        &self,
        after: (i64, u64),
        until: i64,
        limit: usize,
    ) -> Result<Vec<(i64, u64)>, StoreError> {
        let content = self.lock();
        let due = content.due.range((Excluded(after), Unbounded));
        Ok(due
            .take_while(|(due, _)| *due <= until)
            .take(limit)
            .copied()
            .collect())
    }

    fn next_due(&self, after: (i64, u64)) -> Result<Option<i64>, StoreError> {
        let content = self.lock();
        let mut due = content.due.range((Excluded(after), Unbounded));
        Ok(due.next().map(|(due, _)| *due))
    }

    fn busy(&self, after: u64, limit: usize) -> Result<Vec<u64>, StoreError> {
        let content = self.lock();
        let busy = content.busy.range((Excluded(after), Unbounded));
        Ok(busy.take(limit).copied().collect())
    }

    fn queued(&self, queue: u64, limit: usize) -> Result<Vec<(u64, u64)>, StoreError> {
        let content = self.lock();
        let queued = content.queued.range((queue, 0)..=(queue, u64::MAX));
        Ok(queued.take(limit).map(|(_, waiting)| *waiting).collect())
    }

    fn document(&self, kind: &str, key: &str) -> Result<Option<Document>, StoreError> {
        let content = self.lock();
        let number = content.keys.get(&(kind.to_owned(), key.to_owned()));
        Ok(number
            .and_then(|number| content.documents.get(number))
            .cloned())
    }

    fn document_numbered(&self, number: u64) -> Result<Option<Document>, StoreError> {
        Ok(self.lock().documents.get(&number).cloned())
    }

    fn documents(
        &self,
        kind: &str,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Document>, StoreError> {
        let content = self.lock();
        let start = if after < prefix {
            Included((kind.to_owned(), prefix.to_owned()))
        } else {
            Excluded((kind.to_owned(), after.to_owned()))
        };
        Ok(content
            .keys
            .range((start, Unbounded))
            .take_while(|((of, key), _)| of == kind && key.starts_with(prefix))
            .filter_map(|(_, number)| content.documents.get(number))
            .take(limit)
            .cloned()
            .collect())
    }

    fn last_number(&self) -> Result<u64, StoreError> {
        Ok(self.lock().last_number)
    }

    fn forget(&self, statuses: &[u8], before: i64, limit: usize) -> Result<usize, StoreError> {
        let mut content = self.lock();
        let rows = content.executions.values();
        let old =
            rows.filter(|row| statuses.contains(&row.update.status) && row.update.sorted < before);
        let old: Vec<u64> = old.take(limit).map(|row| row.number).collect();
        for number in &old {
            content.forget(*number);
        }
        Ok(old.len())
    }

    fn health(&self) -> Health {
        Health::Well
    }
}

fn entry(((_, turn), bytes): (&(u64, u32), &Vec<u8>)) -> Entry {
    Entry {
        turn: *turn,
        bytes: bytes.clone(),
    }
}
