//! One process owns a store.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::file::{beside, failed, private};
use crate::error::StoreError;

/// Holds a store until it is dropped. The file stays: removing it could let two processes each hold
/// a lock on a file of that name.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

/// What the file may say of its owner, in bytes.
const OWNER: u64 = 1_024;

impl Lock {
    /// Takes the store over, or says who has it.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let name = beside(path, ".lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let opened = private(&mut options).open(&name);
        let mut file = opened.map_err(|source| failed("open", &name, source))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse {
                    path: path.to_owned(),
                    owner: owner(&file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed("lock", &name, source)),
        }
        let text = format!("process {} on {}\n", std::process::id(), host());
        sign(&mut file, &text).map_err(|source| failed("write", &name, source))?;
        Ok(Self { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The lock goes with the file's handle in any case.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

fn sign(file: &mut File, text: &str) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(text.as_bytes())
}

fn owner(file: &File) -> String {
    let mut text = String::new();
    // Where locks keep others from reading, it remains unknown.
    let _ = file.take(OWNER).read_to_string(&mut text);
    match text.trim() {
        "" => "another process".to_owned(),
        owner => owner.to_owned(),
    }
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this machine".to_owned())
}
