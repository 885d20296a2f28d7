//! How a store is opened.

use std::path::PathBuf;

/// How a store is opened. [`Options::new`] has what suits a server.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file; it and its directory are made when they do not exist. Beside it stand `-wal`,
    /// `-shm` (while it is open) and `.lock`.
    pub path: PathBuf,
    /// Pages that the writer keeps in memory, in bytes.
    pub write_cache: u64,
    /// Connections that read at the same time.
    pub readers: usize,
    /// Pages that each of them keeps in memory, in bytes.
    pub read_cache: u64,
    /// The log's size, in bytes, from which on it is moved into the file. The log then is written
    /// anew from its beginning, which is several times as fast as making a file longer.
    pub log: u64,
    /// The largest size of the file, in bytes, if it is to have one: what goes beyond is treated as
    /// a full disk.
    pub max_size: Option<u64>,
    /// Whether a commit waits until the disk has it. **Without, what was acknowledged can be lost
    /// or the whole file damaged when the machine stops**: for tests and measurements only.
    pub sync: bool,
}

impl Options {
    /// The usual ones.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            write_cache: 64 << 20,
            readers: 4,
            read_cache: 4 << 20,
            log: 64 << 20,
            max_size: None,
            sync: true,
        }
    }
}
