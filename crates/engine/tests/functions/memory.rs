//! A store of documents in memory.

use std::collections::BTreeMap;
use std::sync::Mutex;

use stepmill_store::{
    Change, Document, Entry, ExecutionRow, Health, ListExecutions, Receipt, Store, StoreError,
};
use tokio::sync::oneshot;

#[derive(Default)]
pub(crate) struct Documents {
    documents: Mutex<BTreeMap<(String, String), Document>>,
    last: Mutex<u64>,
}

impl Store for Documents {
    fn commit(&self, changes: Vec<Change>) -> Receipt {
        let mut documents = self.documents.lock().unwrap();
        for change in changes {
            match change {
                Change::Put(document) => {
                    let mut last = self.last.lock().unwrap();
                    *last = document.number.max(*last);
                    let key = (document.kind.clone(), document.key.clone());
                    documents.insert(key, document);
                }
                Change::Delete { number } => documents.retain(|_, kept| kept.number != number),
                other => panic!("{other:?} is no change of a document"),
            }
        }
        let (sender, receipt) = oneshot::channel();
        sender.send(Ok(())).unwrap();
        receipt
    }

    fn document(&self, kind: &str, key: &str) -> Result<Option<Document>, StoreError> {
        let key = (kind.to_owned(), key.to_owned());
        Ok(self.documents.lock().unwrap().get(&key).cloned())
    }

    fn document_numbered(&self, number: u64) -> Result<Option<Document>, StoreError> {
        let documents = self.documents.lock().unwrap();
        let mut all = documents.values();
        Ok(all.find(|document| document.number == number).cloned())
    }

    fn documents(
        &self,
        kind: &str,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Document>, StoreError> {
        let documents = self.documents.lock().unwrap();
        Ok(documents
            .values()
            .filter(|document| {
                document.kind == kind && document.key.starts_with(prefix) && *document.key > *after
            })
            .take(limit)
            .cloned()
            .collect())
    }

    fn last_number(&self) -> Result<u64, StoreError> {
        Ok(*self.last.lock().unwrap())
    }

    fn health(&self) -> Health {
        Health::Well
    }

    fn execution(&self, _: u64) -> Result<Option<ExecutionRow>, StoreError> {
        Ok(None)
    }

    fn execution_named(&self, _: u64, _: &str) -> Result<Option<ExecutionRow>, StoreError> {
        Ok(None)
    }

    fn executions(&self, _: &ListExecutions) -> Result<Vec<ExecutionRow>, StoreError> {
        Ok(Vec::new())
    }

    fn count(&self, _: &[u8]) -> Result<u64, StoreError> {
        Ok(0)
    }

    fn entries(&self, _: u64, _: u32, _: usize) -> Result<Vec<Entry>, StoreError> {
        Ok(Vec::new())
    }

    fn last_entry(&self, _: u64) -> Result<Option<Entry>, StoreError> {
        Ok(None)
    }

    fn due(&self, _: (i64, u64), _: i64, _: usize) -> Result<Vec<(i64, u64)>, StoreError> {
        Ok(Vec::new())
    }

    fn next_due(&self, _: (i64, u64)) -> Result<Option<i64>, StoreError> {
        Ok(None)
    }

    fn busy(&self, _: u64, _: usize) -> Result<Vec<u64>, StoreError> {
        Ok(Vec::new())
    }

    fn queued(&self, _: u64, _: usize) -> Result<Vec<(u64, u64)>, StoreError> {
        Ok(Vec::new())
    }

    fn forget(&self, _: &[u8], _: i64, _: usize) -> Result<usize, StoreError> {
        Ok(0)
    }
}
