//! The files of a store.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::schema;
use crate::error::StoreError;

/// The size of a page, in bytes.
pub(crate) const PAGE: usize = 4_096;

/// The path of a file beside the store: its name with `suffix`.
pub(crate) fn beside(store: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(store);
    name.push(suffix);
    PathBuf::from(name)
}

/// The log.
pub(crate) fn log_of(store: &Path) -> PathBuf {
    beside(store, "-wal")
}

/// An error of the file system.
pub(crate) fn failed(doing: &'static str, path: &Path, source: std::io::Error) -> StoreError {
    StoreError::Io {
        doing,
        path: path.to_owned(),
        source,
    }
}

/// The size of a file; 0 if there is none.
pub(crate) fn size(path: &Path) -> Result<u64, StoreError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(source) => Err(failed("look at", path, source)),
    }
}

/// New files are for their owner only.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Makes the directory that a store is to stand in.
pub(crate) fn make_directory(store: &Path) -> Result<(), StoreError> {
    let directory = directory_of(store);
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(directory)
        .map_err(|source| failed("make the directory", directory, source))
}

fn directory_of(store: &Path) -> &Path {
    match store.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes an empty store if there is none. It is made under another name, so that there is a whole
/// one or none, whatever happens meanwhile; that also takes two flushes instead of a dozen.
pub(crate) fn create(store: &Path, migrations: &[&str]) -> Result<(), StoreError> {
    if size(store)? > 0 {
        return Ok(());
    }
    let log = log_of(store);
    if size(&log)? > 0 {
        return Err(StoreError::Headless {
            path: store.to_owned(),
            log,
        });
    }
    let new = beside(store, ".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    let opened = private(&mut options).open(&new);
    let file = opened.map_err(|source| failed("make", &new, source))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(&new, flags)?;
    conn.pragma_update(None, "page_size", PAGE)?;
    conn.pragma_update(None, "synchronous", "OFF")?;
    pragma(&conn, "journal_mode", "MEMORY")?;
    schema::migrate(&mut conn, 0, migrations)?;
    pragma(&conn, "journal_mode", "WAL")?;
    conn.close().map_err(|(_, error)| error)?;
    file.sync_all()
        .map_err(|source| failed("write", &new, source))?;
    fs::rename(&new, store).map_err(|source| failed("rename", &new, source))?;
    sync_directory(directory_of(store))
}

/// Sets a pragma that answers with its value.
pub(crate) fn pragma(
    conn: &Connection,
    name: &str,
    value: impl rusqlite::ToSql,
) -> rusqlite::Result<()> {
    conn.pragma_update_and_check(None, name, value, |_| Ok(()))
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> Result<(), StoreError> {
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|source| failed("write", directory, source))
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> Result<(), StoreError> {
    Ok(())
}
