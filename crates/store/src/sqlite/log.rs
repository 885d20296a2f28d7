//! The log of the database (its WAL): when it is moved into the file, and that it is lengthened
//! before it is needed.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::wal::CheckpointMode;

use super::file::{PAGE, log_of};
use super::options::Options;

/// With nothing to do for so long, the log is moved into the file.
const IDLE: Duration = Duration::from_secs(1);
/// The log is lengthened by so many bytes when less than that is left.
const PIECE: usize = 2 << 20;
/// The size of a page in the log, in bytes.
const FRAME: u64 = PAGE as u64 + 24;

/// The log.
///
/// A log that was moved into the file is written anew from its beginning, and writing over what a
/// file has is several times as fast as making it longer. While it is still short, it is made longer
/// by pieces and not by each transaction.
pub(crate) struct Log {
    path: PathBuf,
    /// Pages in the log, as the database tells after each transaction.
    pages: Arc<AtomicU64>,
    /// Of them, those in the file.
    moved: u64,
    /// Pages that the log may have.
    most: u64,
    /// The length of its file, in bytes; none when it cannot be lengthened.
    length: Option<u64>,
}

impl Log {
    pub(crate) fn new(conn: &mut Connection, options: &Options) -> rusqlite::Result<Self> {
        let pages = Arc::new(AtomicU64::new(0));
        let told = pages.clone();
        conn.wal_hook(Some(move |_: &mut _, pages: i32| {
            told.store(u64::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Self {
            path: log_of(&options.path),
            pages,
            moved: 0,
            most: (options.log / FRAME).max(1),
            length: Some(0),
        })
    }

    /// After a transaction: moves the log into the file if it has become long.
    pub(crate) fn tidy(&mut self, conn: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.moved {
            // It was begun anew.
            self.moved = 0;
        }
        if pages - self.moved >= self.most {
            self.checkpoint(conn);
        } else if self.is_short() {
            self.lengthen();
        }
    }

    /// How long to wait for work before [`Log::rest`].
    pub(crate) fn idle(&self) -> Option<Duration> {
        if self.is_short() {
            Some(Duration::ZERO)
        } else {
            (self.pages.load(Ordering::Relaxed) != self.moved).then_some(IDLE)
        }
    }

    /// Does what there is time for now.
    pub(crate) fn rest(&mut self, conn: &Connection) {
        if self.is_short() {
            self.lengthen();
        } else {
            self.checkpoint(conn);
        }
    }

    fn checkpoint(&mut self, conn: &Connection) {
        self.moved = self.pages.load(Ordering::Relaxed);
        let done = conn.wal_checkpoint_v2(Some(c"main"), CheckpointMode::PASSIVE);
        if let Err(error) = done {
            tracing::warn!(%error, "cannot move the store's log into its file");
        }
    }

    /// Whether it will soon have to be longer.
    fn is_short(&self) -> bool {
        let next = self.pages.load(Ordering::Relaxed) * FRAME + PIECE as u64;
        let enough = next.min(self.most * FRAME);
        self.length.is_some_and(|length| length < enough)
    }

    fn lengthen(&mut self) {
        // Without, it is only slower; and a full disk tells commits themselves.
        let pages = self.most.min((PIECE / PAGE) as u64);
        self.length = lengthen(&self.path, pages).ok();
    }
}

/// Makes a file some pages longer; how long it is then.
fn lengthen(path: &Path, pages: u64) -> std::io::Result<u64> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.seek(SeekFrom::End(0))?;
    // Zeros are no part of a log: what was not written ends it. Page by page, because what Linux
    // caches of a file then comes in pages too: every small write into a large folio walks over all
    // of its blocks, which took half of the writer's time.
    for _ in 0..pages {
        file.write_all(&[0; PAGE])?;
    }
    file.sync_data()?;
    file.stream_position()
}
