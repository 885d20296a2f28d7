//! Hashes of assets, as the CDK makes them: an asset that the CDK has published is not published again.
//!
//! A hash is made of fields, each a header and a value between control characters: two for options, then one for each
//! file in the order of paths. Line ends of text files do not count.

use std::fmt::Write;
use std::fs;

use sha2::{Digest, Sha256};

use super::source::{Content, EmbeddedFile, Entry, SymlinkFollowMode};
use crate::core::error::Problem;

/// How much of a file's beginning says whether it is text.
const SAMPLE: usize = 8 * 1024;

/// The hash of a file or directory, and of what else is said of it.
pub(super) fn of(
    content: &Content,
    follow: SymlinkFollowMode,
    extra: &str,
) -> Result<String, Problem> {
    let mut hash = begin(follow, extra);
    for entry in content.entries() {
        match entry {
            Entry::File { name, path } => {
                let bytes = fs::read(path).map_err(|error| Problem::file(path, &error))?;
                field(&mut hash, &format!("file:{name}"), &of_file(&bytes));
            }
            Entry::Link { name, target } => {
                field(
                    &mut hash,
                    &format!("link:{name}"),
                    &target.to_string_lossy(),
                );
            }
            Entry::Embedded(file) => embedded(&mut hash, file),
        }
    }
    Ok(hex(hash))
}

/// The hash of files that are part of the program, which are in the order of their names.
pub(super) fn of_embedded(files: &[EmbeddedFile]) -> String {
    let mut hash = begin(SymlinkFollowMode::default(), "");
    for file in files {
        embedded(&mut hash, file);
    }
    hex(hash)
}

/// The SHA-256 hash of a content in hexadecimal.
pub(crate) fn hash_of(content: &[u8]) -> String {
    hex(Sha256::new().chain_update(content))
}

fn begin(follow: SymlinkFollowMode, extra: &str) -> Sha256 {
    let mut hash = Sha256::new();
    field(&mut hash, "options.extra", extra);
    field(&mut hash, "options.follow", follow.name());
    hash
}

fn embedded(hash: &mut Sha256, file: &EmbeddedFile) {
    let value = of_file(file.text.as_bytes());
    field(hash, &format!("file:{}", file.name), &value);
}

fn field(hash: &mut Sha256, header: &str, value: &str) {
    for part in ["\x01", header, "\x02", value, "\x03"] {
        hash.update(part);
    }
}

/// The length and the hash of a file's content; of text, with `\r\n` as `\n`.
fn of_file(bytes: &[u8]) -> String {
    let is_binary = bytes.iter().take(SAMPLE).any(|byte| *byte == 0);
    let mut hash = Sha256::new();
    let mut length = 0;
    let mut add = |bytes: &[u8]| {
        hash.update(bytes);
        length += bytes.len();
    };
    if is_binary {
        add(bytes);
    } else {
        let mut rest = bytes;
        while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
            add(&rest[..end]);
            rest = &rest[end + 1..];
        }
        add(rest);
    }
    format!("{length}:{}", hex(hash))
}

fn hex(hash: Sha256) -> String {
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
