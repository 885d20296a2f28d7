//! Unpacking a deployment package, which nobody trusts.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Cursor, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

use thiserror::Error;
use zip::ZipArchive;
use zip::read::ZipFile;

/// What is unpacked at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes of all files together (AWS Lambda Developer Guide, "Lambda quotas").
    pub(super) bytes: u64,
    /// Files, directories and links together.
    pub(super) entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 262_144_000,
            entries: 50_000,
        }
    }
}

/// How deep directories may be nested.
const MAX_DEPTH: usize = 100;
/// A longer target is no link's.
const MAX_LINK: u64 = 4096;
/// Where an archive's directory has an entry.
const ENTRY_SIGNATURE: &[u8] = b"PK\x01\x02";

/// Why a package is refused.
#[derive(Debug, Error)]
pub(super) enum UnzipError {
    /// It has no files.
    #[error("Uploaded file must be a non-empty zip")]
    Empty,
    /// It is no archive that this program reads.
    #[error("Could not unzip uploaded file. Please check your file, then try to upload again.")]
    Malformed,
    /// It unpacks to too much.
    #[error("Unzipped size must be smaller than {0} bytes")]
    TooLarge(u64),
    /// It has too many entries.
    #[error("Could not unzip uploaded file: it has more than {0} entries")]
    TooMany(usize),
    /// An entry would be written where it must not.
    #[error("Could not unzip uploaded file: the entry '{0}' does not stay inside the package")]
    Outside(String),
    /// An entry has the path of another one.
    #[error("Could not unzip uploaded file: the entry '{0}' is there twice, as file or directory")]
    Twice(String),
    /// The machine refuses.
    #[error("cannot unpack the function's code: {0}")]
    Io(#[from] io::Error),
}

/// Unpacks into an empty directory and says how many bytes the files have. With `durable` they are
/// on the disk when this returns.
pub(super) fn unzip(
    archive: &[u8],
    into: &Path,
    limits: Limits,
    durable: bool,
) -> Result<u64, UnzipError> {
    // The reader of archives allocates for each entry before anybody can count them.
    let entries = archive
        .windows(ENTRY_SIGNATURE.len())
        .filter(|window| *window == ENTRY_SIGNATURE)
        .count();
    if entries > limits.entries {
        return Err(UnzipError::TooMany(limits.entries));
    }
    let mut archive =
        ZipArchive::new(Cursor::new(archive)).map_err(|_| UnzipError::Malformed)?;
    if archive.len() > limits.entries {
        return Err(UnzipError::TooMany(limits.entries));
    }
    let mut unpacking = Unpacking {
        root: into,
        left: limits.bytes,
        limits,
        links: Vec::new(),
        directories: BTreeSet::from([PathBuf::new()]),
        files: Vec::new(),
    };
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|_| UnzipError::Malformed)?;
        unpacking.entry(entry)?;
    }
    if unpacking.files.is_empty() {
        return Err(UnzipError::Empty);
    }
    unpacking.finish(durable)
}

struct Unpacking<'a> {
    root: &'a Path,
    left: u64,
    limits: Limits,
    /// Made last, so that nothing is written through one.
    links: Vec<(PathBuf, PathBuf)>,
    directories: BTreeSet<PathBuf>,
    files: Vec<PathBuf>,
}

impl Unpacking<'_> {
    fn entry<R: io::Read>(&mut self, mut entry: ZipFile<'_, R>) -> Result<(), UnzipError> {
        let name = entry.name().map_err(|_| UnzipError::Malformed)?.into_owned();
        let path = inside(&name).ok_or_else(|| UnzipError::Outside(name.clone()))?;
        if entry.is_dir() {
            return self.directory(&path, &name);
        }
        let parent = path.parent().unwrap_or(Path::new(""));
        self.directory(parent, &name)?;
        if entry.is_symlink() {
            let mut target = String::new();
            let read = entry.by_ref().take(MAX_LINK).read_to_string(&mut target);
            read.map_err(|_| UnzipError::Malformed)?;
            let target = PathBuf::from(target);
            if !stays_inside(parent, &target) {
                return Err(UnzipError::Outside(name));
            }
            self.links.push((path, target));
            return Ok(());
        }
        let full = self.root.join(&path);
        let mode = entry.unix_mode().unwrap_or(0o644);
        let mut file = create(&full, mode).map_err(|error| taken(error, &name))?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            // Anything but a sound stream of sound bytes is the archive's fault.
            let count = entry
                .read(&mut buffer)
                .map_err(|_| UnzipError::Malformed)?;
            if count == 0 {
                break;
            }
            let size = u64::try_from(count).unwrap_or(u64::MAX);
            self.left = self
                .left
                .checked_sub(size)
                .ok_or(UnzipError::TooLarge(self.limits.bytes))?;
            file.write_all(&buffer[..count])?;
        }
        self.files.push(full);
        Ok(())
    }

    /// Makes a directory with those above it.
    fn directory(&mut self, path: &Path, name: &str) -> Result<(), UnzipError> {
        if self.directories.contains(path) {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            self.directory(parent, name)?;
        }
        if self.directories.len() >= self.limits.entries {
            return Err(UnzipError::TooMany(self.limits.entries));
        }
        fs::create_dir(self.root.join(path)).map_err(|error| taken(error, name))?;
        self.directories.insert(path.to_owned());
        Ok(())
    }

    fn finish(self, durable: bool) -> Result<u64, UnzipError> {
        for (path, target) in &self.links {
            let name = path.to_string_lossy();
            link(target, &self.root.join(path)).map_err(|error| taken(error, &name))?;
        }
        if durable {
            for file in &self.files {
                File::open(file)?.sync_all()?;
            }
            for directory in &self.directories {
                File::open(self.root.join(directory))?.sync_all()?;
            }
        }
        Ok(self.limits.bytes - self.left)
    }
}

/// The relative path that an entry's name is, if it stays below where it is unpacked.
fn inside(name: &str) -> Option<PathBuf> {
    if name.is_empty() || name.contains(['\0', '\\']) {
        return None;
    }
    let mut path = PathBuf::new();
    for part in Path::new(name).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::ParentDir => return None,
        }
    }
    (path.components().count() <= MAX_DEPTH && !path.as_os_str().is_empty()).then_some(path)
}

/// Whether a link in `parent` leads to something inside, whatever other links lead to: `..` stands
/// only where all that it leaves are directories of the archive.
fn stays_inside(parent: &Path, target: &Path) -> bool {
    let mut depth = parent.components().count();
    let mut descended = false;
    for part in target.components() {
        match part {
            Component::Normal(_) => descended = true,
            Component::CurDir => {}
            Component::ParentDir if !descended && depth > 0 => depth -= 1,
            Component::ParentDir | Component::Prefix(_) | Component::RootDir => return false,
        }
    }
    !target.as_os_str().is_empty()
}

fn taken(error: io::Error, name: &str) -> UnzipError {
    match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            UnzipError::Twice(name.to_owned())
        }
        io::ErrorKind::InvalidFilename => UnzipError::Outside(name.to_owned()),
        _ => UnzipError::Io(error),
    }
}

#[cfg(unix)]
fn create(path: &Path, mode: u32) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;

    // Whether it can be executed is the archive's to say; that its owner can read it is ours.
    let mode = (mode & 0o777) | 0o600;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
}

#[cfg(not(unix))]
fn create(path: &Path, _: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
fn link(target: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::other("links are not supported on this system"))
}
