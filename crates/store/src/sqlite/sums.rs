//! Checksums of what is kept. Each covers the key as well, so a body in the wrong place is noticed.

use crc32fast::Hasher;

use crate::model::{Document, ExecutionRow};

/// A checksum as the database keeps it: signed, because that takes 4 bytes whatever its value.
pub(crate) type Sum = i32;

/// Of an entry.
pub(crate) fn entry(key: i64, body: &[u8]) -> Sum {
    let mut hasher = Hasher::new();
    hasher.update(&key.to_le_bytes());
    hasher.update(body);
    hasher.finalize().cast_signed()
}

/// Of what never changes in an execution's row.
pub(crate) fn execution(row: &ExecutionRow) -> Sum {
    let mut hasher = Hasher::new();
    for number in [
        row.number,
        row.scope,
        row.version.unwrap_or(u64::MAX),
        row.alias.unwrap_or(u64::MAX),
        row.name.len() as u64,
    ] {
        hasher.update(&number.to_le_bytes());
    }
    hasher.update(row.name.as_bytes());
    hasher.update(&row.detail);
    hasher.finalize().cast_signed()
}

/// Of a document.
pub(crate) fn document(document: &Document) -> Sum {
    let mut hasher = Hasher::new();
    let lengths = [document.kind.len() as u64, document.key.len() as u64];
    for number in [document.number, lengths[0], lengths[1]] {
        hasher.update(&number.to_le_bytes());
    }
    hasher.update(document.kind.as_bytes());
    hasher.update(document.key.as_bytes());
    hasher.update(&document.body);
    hasher.finalize().cast_signed()
}
