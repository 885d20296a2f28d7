//! Opening a store: the lock, the file, its version, its health, its connections.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, OpenFlags};

use super::file::{self, PAGE, log_of, make_directory, pragma};
use super::lock::Lock;
use super::options::Options;
use super::schema;
use super::torn;
use crate::error::StoreError;

/// Files below this size are looked through whenever they are opened, in bytes.
const SMALL: u64 = 64 << 20;
/// Looking through a file takes no longer than this; `check` has no such limit.
const LOOK: Duration = Duration::from_secs(2);
/// Steps of the database's machine between two looks at the clock.
const STEPS: i32 = 10_000;
/// For a lock that another connection holds for a moment.
const PATIENCE: Duration = Duration::from_secs(5);
/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 64;

/// A store's file, opened for writing.
pub(crate) struct Opened {
    pub(crate) lock: Lock,
    pub(crate) writer: Connection,
}

/// Opens a store for writing, or makes it.
pub(crate) fn open(options: &Options, migrations: &[&str]) -> Result<Opened, StoreError> {
    let path = &options.path;
    make_directory(path)?;
    let lock = Lock::take(path)?;
    file::create(path, migrations)?;
    // Closing a store removes its log.
    let size = file::size(path)?;
    let closed = file::size(&log_of(path))? == 0;
    let mut writer = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // A store that is refused is left as it is: its log above all.
    writer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    let version = schema::version(&writer, path, known)?;
    configure(&writer, options.write_cache)?;
    pragma(&writer, "journal_mode", "WAL")?;
    let sync = if options.sync { "FULL" } else { "OFF" };
    writer.pragma_update(None, "synchronous", sync)?;
    pragma(&writer, "wal_autocheckpoint", 0)?;
    limit(&writer, options.max_size)?;
    if !closed && options.sync {
        look_at_log(&writer, path)?;
    }
    if size < SMALL || !closed {
        look_through(&mut writer)?;
    }
    schema::migrate(&mut writer, version, migrations)?;
    writer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(Opened { lock, writer })
}

/// A connection that only reads.
pub(crate) fn reader(options: &Options) -> Result<Connection, StoreError> {
    let conn = connect(&options.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    configure(&conn, options.read_cache)?;
    Ok(conn)
}

/// Lets the file grow to `size` bytes and no further; never below what it is.
pub(crate) fn limit(conn: &Connection, size: Option<u64>) -> rusqlite::Result<()> {
    // The largest number of pages that SQLite knows.
    let most = i64::from(u32::MAX - 1);
    let pages = size.map_or(most, |size| {
        i64::try_from(size / PAGE as u64).unwrap_or(most)
    });
    pragma(conn, "max_page_count", pages.clamp(1, most))
}

/// Opens the file and does not look into it.
pub(crate) fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.busy_timeout(PATIENCE)?;
    Ok(conn)
}

/// Sets what needs a look into the file; `cache` is in bytes.
pub(crate) fn configure(conn: &Connection, cache: u64) -> Result<(), StoreError> {
    let kibibytes = i64::try_from(cache >> 10).unwrap_or(i64::MAX);
    conn.pragma_update(None, "cache_size", -kibibytes)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    Ok(())
}

/// Looks whether the log has lost what was acknowledged.
pub(crate) fn look_at_log(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let (frames, _) = conn.wal_checkpoint_v2(Some(c"main"), CheckpointMode::NOOP)?;
    torn::check(&log_of(path), u64::try_from(frames).unwrap_or(0))
}

/// Looks for damage in the structure of the file, for a limited time.
fn look_through(conn: &mut Connection) -> Result<(), StoreError> {
    let end = Instant::now() + LOOK;
    conn.progress_handler(STEPS, Some(move || Instant::now() > end))?;
    let found = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    conn.progress_handler(0, None::<fn() -> bool>)?;
    match found {
        Ok(found) if found == "ok" => Ok(()),
        Ok(found) => Err(StoreError::Damaged(found)),
        Err(error)
            if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) =>
        {
            tracing::info!("the store is large: only a part of it was looked through");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
