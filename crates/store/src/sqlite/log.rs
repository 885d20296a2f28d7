//! The log of the database (its WAL): when it is moved into the file, and that it is long enough
//! from the start.

use std::fs::{File, OpenOptions};
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
/// The log is lengthened by so many bytes at a time.
const PIECE: usize = 1 << 20;

/// The log.
///
/// A log that was moved into the file is written anew from its beginning, and writing over what a
/// file has is several times as fast as making it longer.
pub(crate) struct Log {
    path: PathBuf,
    /// Pages in the log, as the database tells after each transaction.
    pages: Arc<AtomicU64>,
    /// Of them, those in the file.
    moved: u64,
    /// Pages that the log may have.
    most: u64,
    /// The length that it is to have from the start, in bytes, until it has it.
    short_of: Option<u64>,
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
            most: (options.log / PAGE).max(1),
            short_of: Some(options.log),
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
        }
    }

    /// How long to wait for work before [`Log::rest`].
    pub(crate) fn idle(&self) -> Option<Duration> {
        if self.short_of.is_some() {
            Some(Duration::ZERO)
        } else {
            (self.pages.load(Ordering::Relaxed) != self.moved).then_some(IDLE)
        }
    }

    /// Does what there is time for now.
    pub(crate) fn rest(&mut self, conn: &Connection) {
        match self.short_of {
            Some(length) => {
                // Without, it is only slower; and a full disk tells commits themselves.
                let longer = lengthen(&self.path, length).unwrap_or(false);
                self.short_of = self.short_of.filter(|_| longer);
            }
            None => self.checkpoint(conn),
        }
    }

    fn checkpoint(&mut self, conn: &Connection) {
        self.moved = self.pages.load(Ordering::Relaxed);
        let done = conn.wal_checkpoint_v2(Some(c"main"), CheckpointMode::PASSIVE);
        if let Err(error) = done {
            tracing::warn!(%error, "cannot move the store's log into its file");
        }
    }
}

/// Makes a file a piece longer; whether it is to be longer still.
fn lengthen(path: &Path, length: u64) -> std::io::Result<bool> {
    let mut file: File = OpenOptions::new().write(true).open(path)?;
    let end = file.seek(SeekFrom::End(0))?;
    if end >= length {
        return Ok(false);
    }
    // Zeros are no part of a log: what was not written ends it.
    file.write_all(&vec![0; PIECE])?;
    file.sync_data()?;
    Ok(true)
}
