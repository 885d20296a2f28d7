//! A store in a file, for one process: SQLite.
//!
//! One thread writes. It takes all commits that have come together into one transaction, so they
//! share one flush of the disk. Reading has connections of its own and waits for nobody.

mod apply;
mod check;
mod file;
mod list;
mod lock;
mod log;
mod open;
mod options;
mod read;
mod schema;
mod sums;
mod torn;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use rusqlite::Connection;
use rusqlite::wal::CheckpointMode;
use tokio::sync::oneshot;

pub use self::check::{Progress, Report};
use self::lock::Lock;
pub use self::options::Options;
use self::read::Readers;
use self::writer::{Desk, Job};
use crate::Store;
use crate::bounds;
use crate::error::StoreError;
use crate::model::{Change, Document, Entry, ExecutionRow, Health, ListExecutions, Receipt};

/// A store in a file.
///
/// Dropping it closes it as [`Sqlite::close`] does.
pub struct Sqlite {
    desk: Arc<Desk>,
    readers: Readers,
    /// What only closing needs.
    rest: Mutex<Option<Rest>>,
}

struct Rest {
    writer: JoinHandle<Connection>,
    _lock: Lock,
}

impl Sqlite {
    /// Opens the store, or makes it. A file that an older version has written is brought up to date;
    /// one that is newer, damaged, in use, or something else is refused.
    pub fn open(options: &Options) -> Result<Self, StoreError> {
        Self::open_with(options, &schema::MIGRATIONS)
    }

    fn open_with(options: &Options, migrations: &[&str]) -> Result<Self, StoreError> {
        let opened = open::open(options, migrations)?;
        let readers = Readers::open(options)?;
        let (desk, writer) = writer::start(opened.writer, options)?;
        Ok(Self {
            desk,
            readers,
            rest: Mutex::new(Some(Rest {
                writer,
                _lock: opened.lock,
            })),
        })
    }

    /// Reads the whole of a store that nobody has open, and says what is wrong with it: the structure
    /// of the file, its indexes, every checksum, and whether what belongs together is there. An error
    /// means that it could not be looked at.
    pub fn check(path: &Path, progress: impl FnMut(Progress)) -> Result<Report, StoreError> {
        check::check(path, progress)
    }

    /// Lets the file grow to so many bytes, or without limit. A commit that waits for room is tried
    /// again at once.
    pub fn set_max_size(&self, size: Option<u64>) {
        self.desk.limit(size);
    }

    /// Keeps what was committed, moves the log into the file, and gives the file free. Blocks until
    /// that is done. What cannot be kept because the disk is full, say, is refused as
    /// [`StoreError::Closed`].
    pub fn close(&self) -> Result<(), StoreError> {
        self.desk.close();
        let Some(rest) = self
            .rest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        else {
            return Ok(());
        };
        let writer = rest.writer.join();
        self.readers.close();
        // A writer that broke down has closed its connection.
        let conn = writer.map_err(|_| StoreError::Closed)?;
        conn.wal_checkpoint_v2(Some(c"main"), CheckpointMode::TRUNCATE)?;
        // The last connection removes the log.
        conn.close().map_err(|(_, error)| error)?;
        Ok(())
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(%error, "cannot close the store in good order");
        }
    }
}

impl Store for Sqlite {
    fn commit(&self, changes: Vec<Change>) -> Receipt {
        let (receipt, kept) = oneshot::channel();
        if let Err(error) = bounds::check(&changes) {
            // Whether anybody waits for it is not the store's business.
            let _ = receipt.send(Err(error.into()));
        } else if let Err(Job::Commit { receipt, .. }) =
            self.desk.leave(Job::Commit { changes, receipt })
        {
            let _ = receipt.send(Err(StoreError::Closed.into()));
        }
        kept
    }

    fn execution(&self, number: u64) -> Result<Option<ExecutionRow>, StoreError> {
        self.readers.read(|conn| read::execution(conn, number))
    }

    fn execution_named(&self, scope: u64, name: &str) -> Result<Option<ExecutionRow>, StoreError> {
        self.readers
            .read(|conn| read::execution_named(conn, scope, name))
    }

    fn executions(&self, query: &ListExecutions) -> Result<Vec<ExecutionRow>, StoreError> {
        self.readers.read(|conn| list::executions(conn, query))
    }

    fn count(&self, statuses: &[u8]) -> Result<u64, StoreError> {
        self.readers.read(|conn| read::count(conn, statuses))
    }

    fn entries(&self, execution: u64, from: u32, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.readers
            .read(|conn| read::entries(conn, execution, from, limit))
    }

    fn last_entry(&self, execution: u64) -> Result<Option<Entry>, StoreError> {
        self.readers.read(|conn| read::last_entry(conn, execution))
    }

    fn due(
        &self,
        after: (i64, u64),
        until: i64,
        limit: usize,
    ) -> Result<Vec<(i64, u64)>, StoreError> {
        self.readers
            .read(|conn| read::due(conn, after, until, limit))
    }

    fn next_due(&self, after: (i64, u64)) -> Result<Option<i64>, StoreError> {
        self.readers.read(|conn| read::next_due(conn, after))
    }

    fn busy(&self, after: u64, limit: usize) -> Result<Vec<u64>, StoreError> {
        self.readers.read(|conn| read::busy(conn, after, limit))
    }

    fn queued(&self, queue: u64, limit: usize) -> Result<Vec<(u64, u64)>, StoreError> {
        self.readers.read(|conn| read::queued(conn, queue, limit))
    }

    fn document(&self, kind: &str, key: &str) -> Result<Option<Document>, StoreError> {
        self.readers.read(|conn| read::document(conn, kind, key))
    }

    fn document_numbered(&self, number: u64) -> Result<Option<Document>, StoreError> {
        self.readers
            .read(|conn| read::document_numbered(conn, number))
    }

    fn documents(
        &self,
        kind: &str,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Document>, StoreError> {
        self.readers
            .read(|conn| read::documents(conn, kind, prefix, after, limit))
    }

    fn last_number(&self) -> Result<u64, StoreError> {
        self.readers.read(read::last_number)
    }

    fn forget(&self, statuses: &[u8], before: i64, limit: usize) -> Result<usize, StoreError> {
        let (done, answer) = mpsc::channel();
        let job = Job::Forget {
            statuses: statuses.to_vec(),
            before,
            limit,
            done,
        };
        if self.desk.leave(job).is_err() {
            return Err(StoreError::Closed);
        }
        match answer.recv() {
            Ok(Ok(count)) => Ok(count),
            Ok(Err(error)) => Err(StoreError::Database(error.to_string().into())),
            Err(_) => Err(StoreError::Closed),
        }
    }

    fn health(&self) -> Health {
        self.desk.health()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_binary_brings_a_file_up_to_date_and_an_older_one_then_refuses_it() {
        let directory = tempfile::TempDir::new().unwrap();
        let options = Options::new(directory.path().join("stepmill.db"));
        let document = Document {
            number: 7,
            kind: "machine".to_owned(),
            key: "a".to_owned(),
            body: b"body".to_vec(),
        };
        let store = Sqlite::open(&options).unwrap();
        let kept = store.commit(vec![Change::Put(document.clone())]);
        kept.blocking_recv().unwrap().unwrap();
        drop(store);

        let [first] = schema::MIGRATIONS;
        let wrong = [first, "CREATE TABLE more (a) STRICT"];
        assert!(matches!(
            Sqlite::open_with(&options, &wrong),
            Err(StoreError::Database(_))
        ));
        let newer = [
            first,
            "CREATE TABLE more (a INTEGER) STRICT; INSERT INTO more VALUES (1)",
        ];
        let store = Sqlite::open_with(&options, &newer).unwrap();
        assert_eq!(store.document_numbered(7).unwrap(), Some(document));
        drop(store);
        // Not once more.
        drop(Sqlite::open_with(&options, &newer).unwrap());

        let refused = Sqlite::open(&options).err().unwrap();
        assert!(matches!(
            refused,
            StoreError::Newer {
                found: 2,
                known: 1,
                ..
            }
        ));
    }
}
