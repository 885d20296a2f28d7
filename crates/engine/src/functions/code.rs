//! The directory of unpacked deployment packages, each under the checksum of its archive.
//!
//! A package is unpacked once, however many functions and versions have it. Whoever needs it holds
//! its [`Package`]: the registry for what is stored, the host for processes that run it.
//! [`Packages::sweep`] deletes those that nobody holds.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::error::{FunctionError, FunctionErrorCode};
use super::fields::Fields;
use super::model::Code;
use super::unzip::{Limits, UnzipError, unzip};

/// The largest archive in a request (AWS Lambda Developer Guide, "Lambda quotas").
const MAX_ARCHIVE: usize = 50 * 1024 * 1024;
/// The bucket that stands for directories of this machine.
pub(super) const LOCAL_BUCKET: &str = "stepmill-local";

/// Code as a request names it.
#[derive(Debug)]
pub(super) enum Source {
    /// The bytes of an archive.
    Archive(Vec<u8>),
    /// A directory of this machine.
    Directory(PathBuf),
}

impl Source {
    /// Reads `Code`, or those fields of `UpdateFunctionCode`.
    pub(super) fn read(fields: &mut Fields) -> Result<Self, FunctionError> {
        let archive = fields.text("ZipFile")?;
        let bucket = fields.text("S3Bucket")?;
        let key = fields.text("S3Key")?;
        fields.refuse("ImageUri", "there are no container images here")?;
        fields.refuse("SourceKMSKeyArn", "there is no key management here")?;
        fields.refuse("S3ObjectVersion", "there is no S3 here")?;
        match (archive, bucket, key) {
            (Some(text), None, None) => {
                let bytes = STANDARD.decode(text).map_err(|_| {
                    FunctionError::new(
                        FunctionErrorCode::SerializationException,
                        "The field 'ZipFile' must be base64",
                    )
                })?;
                if bytes.is_empty() {
                    return Err(FunctionError::invalid(UnzipError::Empty.to_string()));
                }
                Ok(Self::Archive(bytes))
            }
            (None, Some(bucket), Some(key)) if bucket == LOCAL_BUCKET => directory(key),
            (None, Some(_), Some(_)) => Err(FunctionError::unsupported(
                "code in S3",
                "send it as ZipFile, or name a directory of this machine with S3Bucket \
                 'stepmill-local' and its absolute path as S3Key",
            )),
            (None, None, None) => Err(FunctionError::invalid(
                "Please provide a source for function code.",
            )),
            (None, ..) => Err(FunctionError::invalid(
                "S3Bucket and S3Key must be given together",
            )),
            (Some(_), ..) => Err(FunctionError::invalid(
                "Please do not provide other FunctionCode parameters when providing a ZipFile.",
            )),
        }
    }
}

fn directory(key: String) -> Result<Source, FunctionError> {
    let path = PathBuf::from(key);
    if !path.is_absolute() {
        return Err(FunctionError::invalid(format!(
            "S3Key must be the absolute path of a directory, not '{}'",
            path.display()
        )));
    }
    match fs::read_dir(&path) {
        Ok(_) => Ok(Source::Directory(path)),
        Err(error) => Err(FunctionError::invalid(format!(
            "The directory '{}' that S3Key names cannot be read: {error}",
            path.display()
        ))),
    }
}

/// A package that is unpacked.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) directory: PathBuf,
    unpacked: u64,
}

/// Deletes packages that nobody holds when it goes, however its function ends.
pub(super) struct Sweep<'a>(pub(super) &'a Packages);

impl Drop for Sweep<'_> {
    fn drop(&mut self) {
        self.0.sweep();
    }
}

/// All unpacked packages.
pub(super) struct Packages {
    root: PathBuf,
    /// Deletes the root when the store is gone that lives in memory.
    temporary: Option<TempDir>,
    limits: Limits,
    /// The most bytes of all packages.
    most: u64,
    /// By checksum.
    known: Mutex<HashMap<String, Weak<Package>>>,
}

impl Packages {
    /// Keeps packages in a directory, or in a temporary one.
    pub(super) fn open(root: Option<&Path>, most: u64) -> io::Result<Self> {
        let (root, temporary) = if let Some(root) = root {
            fs::create_dir_all(root)?;
            (root.to_owned(), None)
        } else {
            let temporary = tempfile::Builder::new()
                .prefix("stepmill-functions-")
                .tempdir()?;
            (temporary.path().to_owned(), Some(temporary))
        };
        Ok(Self {
            root,
            temporary,
            limits: Limits::default(),
            most,
            known: Mutex::default(),
        })
    }

    /// The package of code that the store has; none for a directory of this machine.
    pub(super) fn stored(&self, code: &Code) -> Option<Arc<Package>> {
        let Code::Archive {
            sha256, unpacked, ..
        } = code
        else {
            return None;
        };
        let mut known = self.known();
        if let Some(package) = known.get(sha256).and_then(Weak::upgrade) {
            return Some(package);
        }
        let package = Arc::new(Package {
            directory: self.root.join(sha256),
            unpacked: *unpacked,
        });
        known.insert(sha256.clone(), Arc::downgrade(&package));
        Some(package)
    }

    /// Unpacks what a request brought. This takes as long as it takes: not for an async thread.
    pub(super) fn add(
        &self,
        source: Source,
    ) -> Result<(Code, Option<Arc<Package>>), FunctionError> {
        let archive = match source {
            Source::Directory(path) => return Ok((Code::Directory(path), None)),
            Source::Archive(archive) => archive,
        };
        if archive.len() > MAX_ARCHIVE {
            return Err(FunctionError::new(
                FunctionErrorCode::RequestEntityTooLargeException,
                format!("Zipped size must be smaller than {MAX_ARCHIVE} bytes"),
            ));
        }
        let sha256 = hexadecimal(&Sha256::digest(&archive));
        let size = u64::try_from(archive.len()).unwrap_or(u64::MAX);
        let code = |unpacked| Code::Archive {
            sha256: sha256.clone(),
            size,
            unpacked,
        };
        let existing = self.known().get(&sha256).and_then(Weak::upgrade);
        if let Some(package) = existing {
            return Ok((code(package.unpacked), Some(package)));
        }
        let unpacking = tempfile::Builder::new()
            .prefix("unpacking-")
            .tempdir_in(&self.root)
            .map_err(|error| FunctionError::internal(UnzipError::Io(error).to_string()))?;
        let content = unpacking.path().join("content");
        let durable = self.temporary.is_none();
        let unpacked = fs::create_dir(&content)
            .map_err(UnzipError::Io)
            .and_then(|()| unzip(&archive, &content, self.limits, durable))
            .map_err(refusal)?;
        let package = self.settle(&sha256, &content, unpacked)?;
        Ok((code(package.unpacked), Some(package)))
    }

    /// Gives an unpacked package its name, unless somebody else was faster.
    fn settle(
        &self,
        sha256: &str,
        content: &Path,
        unpacked: u64,
    ) -> Result<Arc<Package>, FunctionError> {
        let mut known = self.known();
        if let Some(package) = known.get(sha256).and_then(Weak::upgrade) {
            return Ok(package);
        }
        let used: u64 = known
            .values()
            .filter_map(Weak::upgrade)
            .map(|package| package.unpacked)
            .sum();
        if used.saturating_add(unpacked) > self.most {
            return Err(FunctionError::new(
                FunctionErrorCode::CodeStorageExceededException,
                "Code storage limit exceeded.",
            ));
        }
        let directory = self.root.join(sha256);
        let settle = || {
            // Left by nobody who still needs it.
            self.discard(sha256)?;
            fs::rename(content, &directory)?;
            if self.temporary.is_none() {
                File::open(&self.root)?.sync_all()?;
            }
            Ok(())
        };
        settle().map_err(|error| refusal(UnzipError::Io(error)))?;
        let package = Arc::new(Package {
            directory,
            unpacked,
        });
        known.insert(sha256.to_owned(), Arc::downgrade(&package));
        Ok(package)
    }

    /// Deletes packages that nobody holds, in the background.
    pub(super) fn sweep(&self) {
        let mut known = self.known();
        let gone: Vec<String> = known
            .iter()
            .filter(|(_, package)| package.strong_count() == 0)
            .map(|(sha256, _)| sha256.clone())
            .collect();
        for sha256 in gone {
            known.remove(&sha256);
            // What cannot be deleted now is deleted when the store is opened next.
            if let Ok(package) = self.set_aside(&sha256) {
                tokio::task::spawn_blocking(move || drop(package));
            }
        }
    }

    /// Deletes everything in the root that is no known package.
    pub(super) fn tidy(&self) -> io::Result<()> {
        let known = self.known();
        for entry in fs::read_dir(&self.root)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            let ours = is_checksum(&name)
                || name.starts_with("unpacking-")
                || name.starts_with("deleting-");
            if ours && !known.contains_key(&*name) {
                self.discard(&name)?;
            }
        }
        Ok(())
    }

    /// Deletes a directory of the root.
    fn discard(&self, name: &str) -> io::Result<()> {
        self.set_aside(name)?.close()
    }

    /// Frees the name of a directory of the root, which is deleted with the result.
    fn set_aside(&self, name: &str) -> io::Result<TempDir> {
        let deleting = tempfile::Builder::new()
            .prefix("deleting-")
            .tempdir_in(&self.root)?;
        match fs::rename(self.root.join(name), deleting.path().join("content")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(deleting),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Weak<Package>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refusal(error: UnzipError) -> FunctionError {
    match error {
        UnzipError::Io(_) => FunctionError::internal(error.to_string()),
        error => FunctionError::invalid(error.to_string()),
    }
}

fn is_checksum(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}

/// `CodeSha256` as AWS shows it.
pub(super) fn base64_of(hexadecimal: &str) -> String {
    let digits: Vec<u32> = hexadecimal
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .collect();
    let bytes: Vec<u8> = digits
        .chunks_exact(2)
        .filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok())
        .collect();
    STANDARD.encode(bytes)
}
