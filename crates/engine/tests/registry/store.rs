//! A store of documents that can refuse or hold back what it is given.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Mutex;

use stepmill_store::{
    Change, CommitError, Document, Entry, ExecutionRow, Health, ListExecutions, Receipt, Store,
    StoreError, Update,
};
use tokio::sync::oneshot;

/// Documents in memory. Of executions it knows only which scopes have one.
#[derive(Default)]
pub(crate) struct Documents(Mutex<State>);

#[derive(Default)]
struct State {
    documents: BTreeMap<(String, String), Document>,
    scopes: BTreeSet<u64>,
    highest: u64,
    commits: usize,
    reads: usize,
    manner: Manner,
    held: Vec<Held>,
}

type Held = (Vec<Change>, oneshot::Sender<Result<(), CommitError>>);

/// What becomes of commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Manner {
    #[default]
    Keep,
    Refuse,
    Hold,
}

impl Documents {
    pub(crate) fn set(&self, manner: Manner) {
        self.0.lock().unwrap().manner = manner;
    }

    /// How many commits were kept.
    pub(crate) fn commits(&self) -> usize {
        self.0.lock().unwrap().commits
    }

    /// How often documents were read.
    pub(crate) fn reads(&self) -> usize {
        self.0.lock().unwrap().reads
    }

    /// How many commits are held back.
    pub(crate) fn held(&self) -> usize {
        self.0.lock().unwrap().held.len()
    }

    /// Keeps what was held back, and from now on everything.
    pub(crate) fn release(&self) {
        let mut state = self.0.lock().unwrap();
        state.manner = Manner::Keep;
        for (changes, receipt) in std::mem::take(&mut state.held) {
            state.keep(changes);
            let _ = receipt.send(Ok(()));
        }
    }

    /// Says whether a scope has executions.
    pub(crate) fn has_executions(&self, scope: u64, has: bool) {
        let mut state = self.0.lock().unwrap();
        match has {
            true => state.scopes.insert(scope),
            false => state.scopes.remove(&scope),
        };
    }

    /// How many documents of a kind there are.
    pub(crate) fn number_of(&self, kind: &str) -> usize {
        let state = self.0.lock().unwrap();
        state.documents.keys().filter(|key| key.0 == kind).count()
    }
}

impl State {
    fn keep(&mut self, changes: Vec<Change>) {
        self.commits += 1;
        for change in changes {
            match change {
                Change::Put(document) => {
                    self.highest = self.highest.max(document.number);
                    let key = (document.kind.clone(), document.key.clone());
                    let same = |kept: &Document| {
                        kept.number == document.number
                            && (&kept.kind, &kept.key) != (&document.kind, &document.key)
                    };
                    assert!(!self.documents.values().any(same), "a number given twice");
                    self.documents.insert(key, document);
                }
                Change::Delete { number } => {
                    self.documents.retain(|_, kept| kept.number != number);
                }
                other => panic!("not a change of a document: {other:?}"),
            }
        }
    }
}

impl Store for Documents {
    fn commit(&self, changes: Vec<Change>) -> Receipt {
        let (sender, receipt) = oneshot::channel();
        let mut state = self.0.lock().unwrap();
        match state.manner {
            Manner::Keep => {
                state.keep(changes);
                sender.send(Ok(())).unwrap();
            }
            Manner::Refuse => drop(sender),
            Manner::Hold => state.held.push((changes, sender)),
        }
        receipt
    }

    fn document(&self, kind: &str, key: &str) -> Result<Option<Document>, StoreError> {
        let key = (kind.to_owned(), key.to_owned());
        let mut state = self.0.lock().unwrap();
        state.reads += 1;
        Ok(state.documents.get(&key).cloned())
    }

    fn document_numbered(&self, number: u64) -> Result<Option<Document>, StoreError> {
        let mut state = self.0.lock().unwrap();
        state.reads += 1;
        let mut documents = state.documents.values();
        Ok(documents
            .find(|document| document.number == number)
            .cloned())
    }

    fn documents(
        &self,
        kind: &str,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Document>, StoreError> {
        let mut state = self.0.lock().unwrap();
        state.reads += 1;
        let from = Bound::Excluded((kind.to_owned(), after.to_owned()));
        let found = state.documents.range((from, Bound::Unbounded));
        let found = found.filter(|((its, key), _)| its == kind && key.starts_with(prefix));
        Ok(found
            .take(limit)
            .map(|(_, document)| document.clone())
            .collect())
    }

    fn executions(&self, query: &ListExecutions) -> Result<Vec<ExecutionRow>, StoreError> {
        let row = ExecutionRow {
            number: 1,
            scope: query.scope,
            name: "one".to_owned(),
            version: None,
            alias: None,
            update: Update {
                status: 0,
                sorted: 0,
                due: None,
                busy: false,
            },
            detail: Vec::new(),
        };
        let has = self.0.lock().unwrap().scopes.contains(&query.scope);
        Ok(has.then_some(row).into_iter().collect())
    }

    fn last_number(&self) -> Result<u64, StoreError> {
        Ok(self.0.lock().unwrap().highest)
    }

    fn health(&self) -> Health {
        Health::Well
    }

    fn execution(&self, _: u64) -> Result<Option<ExecutionRow>, StoreError> {
        unreachable!()
    }

    fn execution_named(&self, _: u64, _: &str) -> Result<Option<ExecutionRow>, StoreError> {
        unreachable!()
    }

    fn count(&self, _: &[u8]) -> Result<u64, StoreError> {
        unreachable!()
    }

    fn entries(&self, _: u64, _: u32, _: usize) -> Result<Vec<Entry>, StoreError> {
        unreachable!()
    }

    fn last_entry(&self, _: u64) -> Result<Option<Entry>, StoreError> {
        unreachable!()
    }

    fn due(&self, _: (i64, u64), _: i64, _: usize) -> Result<Vec<(i64, u64)>, StoreError> {
        unreachable!()
    }

    fn next_due(&self, _: (i64, u64)) -> Result<Option<i64>, StoreError> {
        unreachable!()
    }

    fn busy(&self, _: u64, _: usize) -> Result<Vec<u64>, StoreError> {
        unreachable!()
    }

    fn queued(&self, _: u64, _: usize) -> Result<Vec<(u64, u64)>, StoreError> {
        unreachable!()
    }

    fn forget(&self, _: &[u8], _: i64, _: usize) -> Result<usize, StoreError> {
        unreachable!()
    }
}
