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
    let mut archive = ZipArchive::new(Cursor::new(archive)).map_err(|_| UnzipError::Malformed)?;
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
        let name = entry
            .name()
            .map_err(|_| UnzipError::Malformed)?
            .into_owned();
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
            let count = entry.read(&mut buffer).map_err(|_| UnzipError::Malformed)?;
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

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use zip::CompressionMethod;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    const SMALL: Limits = Limits {
        bytes: 1000,
        entries: 10,
    };

    /// What an archive is made of.
    enum Entry<'a> {
        File(&'a str, &'a str, u32),
        Directory(&'a str),
        Link(&'a str, &'a str),
    }
    use Entry::{Directory, File as Plain, Link};

    fn archive(entries: &[Entry<'_>]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for entry in entries {
            match entry {
                Plain(name, text, mode) => {
                    let options = options.unix_permissions(*mode);
                    writer.start_file(*name, options).unwrap();
                    writer.write_all(text.as_bytes()).unwrap();
                }
                Directory(name) => writer.add_directory(*name, options).unwrap(),
                Link(name, target) => writer.add_symlink(*name, *target, options).unwrap(),
            }
        }
        writer.finish().unwrap().into_inner()
    }

    fn unpack(archive: &[u8], limits: Limits) -> (tempfile::TempDir, Result<u64, UnzipError>) {
        let directory = tempfile::tempdir().unwrap();
        let into = directory.path().join("in");
        fs::create_dir(&into).unwrap();
        let result = unzip(archive, &into, limits, true);
        // Nothing is ever written beside it.
        let beside = fs::read_dir(directory.path()).unwrap().count();
        assert_eq!(beside, 1);
        (directory, result)
    }

    #[test]
    fn files_directories_links_and_modes() {
        let archive = archive(&[
            Plain("app.py", "print()", 0o644),
            Plain("bin/deep/bootstrap", "#!/bin/sh", 0o4755),
            Directory("empty/"),
            Link("bin/run", "deep/bootstrap"),
            Link("bin/deep/up", "../../app.py"),
            Plain("hidden", "x", 0o000),
        ]);
        let (directory, size) = unpack(&archive, SMALL);
        assert_eq!(size.unwrap(), 7 + 9 + 1);
        let path = |name: &str| directory.path().join("in").join(name);
        let text = |name: &str| fs::read_to_string(path(name)).unwrap();
        let mode = |name: &str| path(name).metadata().unwrap().permissions().mode() & 0o7777;
        assert_eq!(text("app.py"), "print()");
        assert_eq!(text("bin/run"), "#!/bin/sh");
        assert_eq!(text("bin/deep/up"), "print()");
        assert!(path("empty").is_dir());
        assert_eq!(mode("bin/deep/bootstrap") & 0o7700, 0o700);
        assert_eq!(mode("hidden"), 0o600);
    }

    #[test]
    fn tricks_are_refused() {
        let long = "d/".repeat(MAX_DEPTH) + "f";
        let name = "n".repeat(300);
        let good = Plain("ok", "1", 0o644);
        for (entry, reason) in [
            (Plain("../out", "x", 0o644), "does not stay inside"),
            (Plain("a/../../out", "x", 0o644), "does not stay inside"),
            (Plain("a/../b", "x", 0o644), "does not stay inside"),
            (Plain("/etc/out", "x", 0o644), "does not stay inside"),
            (Plain("a\\..\\out", "x", 0o644), "does not stay inside"),
            (Plain("a\0b", "x", 0o644), "does not stay inside"),
            (Plain(&long, "x", 0o644), "does not stay inside"),
            (Plain(&name, "x", 0o644), "does not stay inside"),
            (Plain("ok/below", "x", 0o644), "is there twice"),
            (Directory("ok/"), "is there twice"),
            (Link("l", "/etc/passwd"), "does not stay inside"),
            (Link("l", "../out"), "does not stay inside"),
            (Link("a/l", "../../out"), "does not stay inside"),
            (Link("a/l", "b/../../out"), "does not stay inside"),
            (Link("l", ""), "does not stay inside"),
            (
                Plain("big", &"x".repeat(1000), 0o644),
                "must be smaller than 1000",
            ),
        ] {
            let shown = match &entry {
                Plain(name, ..) | Directory(name) | Link(name, _) => (*name).to_owned(),
            };
            let (_directory, result) = unpack(&archive(&[good.copy(), entry]), SMALL);
            let error = result.unwrap_err().to_string();
            assert!(error.contains(reason), "{shown}: {error}");
        }
    }

    #[test]
    fn of_two_entries_with_one_name_there_is_the_last() {
        for (second, text) in [(Plain("no", "2", 0o644), "2"), (Link("no", "else"), "3")] {
            let first = Plain("ok", "1", 0o644);
            let mut archive = archive(&[first, second, Plain("else", "3", 0o644)]);
            // The writer does not write such archives.
            while let Some(place) = archive.windows(2).position(|window| window == b"no") {
                archive[place..place + 2].copy_from_slice(b"ok");
            }
            let (directory, result) = unpack(&archive, SMALL);
            result.unwrap();
            let found = fs::read_to_string(directory.path().join("in/ok")).unwrap();
            assert_eq!(found, text);
        }
    }

    #[test]
    fn nothing_is_written_through_a_link() {
        // `l` leads inside, but a file below it would be in a directory that nobody made.
        let entries = [
            Plain("d/f", "1", 0o644),
            Link("l", "d"),
            Plain("l/g", "2", 0o644),
        ];
        let (_directory, result) = unpack(&archive(&entries), SMALL);
        let error = result.unwrap_err().to_string();
        assert!(error.contains("'l' is there twice"), "{error}");
    }

    #[test]
    fn archives_that_are_none() {
        let many: Vec<String> = (0..11).map(|number| format!("f{number}")).collect();
        let many: Vec<Entry<'_>> = many.iter().map(|name| Plain(name, "", 0o644)).collect();
        let whole = archive(&[Plain("f", &"text ".repeat(50), 0o644)]);
        let mut broken = whole.clone();
        broken[40] ^= 0xff;
        for (bytes, reason) in [
            (
                b"no archive".to_vec(),
                "Could not unzip uploaded file. Please",
            ),
            (
                whole[..whole.len() / 2].to_vec(),
                "Could not unzip uploaded file. Please",
            ),
            (broken, "Could not unzip uploaded file. Please"),
            (archive(&[]), "must be a non-empty zip"),
            (archive(&[Directory("d/")]), "must be a non-empty zip"),
            (archive(&many), "more than 10 entries"),
        ] {
            let (_directory, result) = unpack(&bytes, SMALL);
            let error = result.unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }

    impl Entry<'_> {
        fn copy(&self) -> Entry<'_> {
            match self {
                Plain(name, text, mode) => Plain(name, text, *mode),
                Directory(name) => Directory(name),
                Link(name, target) => Link(name, target),
            }
        }
    }
}
