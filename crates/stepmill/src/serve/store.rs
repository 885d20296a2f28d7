//! The store that a server keeps everything in.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use stepmill::integrations::project::StorePlace;
use stepmill::store::sqlite::Options;
use stepmill::store::{Memory, Sqlite, Store, StoreError};

use crate::problem::Problem;

/// The store's file in its directory.
const FILE: &str = "stepmill.db";

/// An open store.
pub(super) struct Opened {
    pub(super) store: Arc<dyn Store>,
    sqlite: Option<Arc<Sqlite>>,
    /// Where it is, if it is on the disk.
    pub(super) directory: Option<PathBuf>,
}

impl Opened {
    pub(super) fn open(place: &StorePlace) -> Result<Self, Problem> {
        let directory = match place {
            StorePlace::Memory => {
                return Ok(Self {
                    store: Arc::new(Memory::new()),
                    sqlite: None,
                    directory: None,
                });
            }
            StorePlace::Directory(directory) => directory,
        };
        make(directory).map_err(|error| {
            let message = format!("{}: cannot be made: {error}", directory.display());
            Problem::new(message).help("choose another directory with --store DIR")
        })?;
        let sqlite = Sqlite::open(&Options::new(directory.join(FILE)));
        let sqlite = Arc::new(sqlite.map_err(|error| refused(&error))?);
        Ok(Self {
            store: sqlite.clone(),
            sqlite: Some(sqlite),
            directory: Some(directory.clone()),
        })
    }

    /// Closes it in good order; blocks.
    pub(super) fn close(&self) -> Result<(), StoreError> {
        self.sqlite.as_ref().map_or(Ok(()), |sqlite| sqlite.close())
    }
}

/// The file of a store that is named by its directory or its file.
pub(crate) fn file(path: &Path) -> PathBuf {
    if path.is_dir() {
        path.join(FILE)
    } else {
        path.to_owned()
    }
}

/// Why a store cannot be used.
pub(crate) fn refused(error: &StoreError) -> Problem {
    let problem = Problem::new(format!("the store cannot be used: {error}"));
    match error {
        StoreError::InUse { .. } => {
            problem.help("stop the other process, or choose another directory with --store DIR")
        }
        _ => problem,
    }
}

/// Makes the directory, out of sight of git.
fn make(directory: &Path) -> std::io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(directory)?;
    fs::write(directory.join(".gitignore"), "*\n")
}
