//! Whether a log was torn, which every crash may do, or damaged, which loses what was acknowledged.
//!
//! SQLite reads its log up to the first frame that is not right and silently drops the rest. That is
//! right for what a crash has torn: the last transaction, which nobody was told of. A transaction
//! begins only when the one before is on the disk. So where two ends of transactions follow a wrong
//! frame, the first of them was acknowledged, and the frame was damaged later.
//!
//! The format: <https://sqlite.org/fileformat2.html#the_write_ahead_log>.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::file::{PAGE, failed};
use crate::error::StoreError;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// Big-endian, up to the lowest bit: which order of bytes checksums are made in.
const MAGIC: u32 = 0x377f_0682;

/// Refuses a log that is damaged. `frames` is how many the database took from it.
pub(crate) fn check(log: &Path, frames: u64) -> Result<(), StoreError> {
    let read = File::open(log).and_then(|file| lost(&mut BufReader::new(file), frames));
    match read {
        Ok(None) => Ok(()),
        Ok(Some(what)) => Err(StoreError::Damaged(format!("{}: {what}", log.display()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(source) => Err(failed("read", log, source)),
    }
}

/// What a log has lost.
fn lost(log: &mut (impl Read + Seek), frames: u64) -> std::io::Result<Option<String>> {
    let mut header = [0; HEADER];
    if !fill(log, &mut header)? || header == [0; HEADER] {
        return Ok(None);
    }
    if !is_right(&header) {
        return Ok(Some("its header is damaged".to_owned()));
    }
    let frame = (FRAME_HEADER + PAGE) as u64;
    log.seek(SeekFrom::Start(HEADER as u64 + frames * frame))?;
    let mut ends = 0_u64;
    let mut frame_header = [0; FRAME_HEADER];
    while fill(log, &mut frame_header)? {
        // A frame that was written before the log was begun anew has other salts.
        let is_of_this_log = frame_header[8..16] == header[16..24];
        let is_end = frame_header[4..8] != [0; 4];
        ends += u64::from(is_of_this_log && is_end);
        log.seek(SeekFrom::Current(PAGE.cast_signed() as i64))?;
    }
    Ok((ends > 1).then(|| {
        format!(
            "at least {} commits after frame {frames} are lost",
            ends - 1
        )
    }))
}

/// Whether the header is as it was written.
fn is_right(header: &[u8; HEADER]) -> bool {
    let word = |at: usize| [header[at], header[at + 1], header[at + 2], header[at + 3]];
    let magic = u32::from_be_bytes(word(0));
    let read = if magic & 1 == 1 {
        u32::from_be_bytes
    } else {
        u32::from_le_bytes
    };
    let (mut first, mut second) = (0_u32, 0_u32);
    for at in (0..24).step_by(8) {
        first = first.wrapping_add(read(word(at))).wrapping_add(second);
        second = second.wrapping_add(read(word(at + 4))).wrapping_add(first);
    }
    magic & !1 == MAGIC
        && first == u32::from_be_bytes(word(24))
        && second == u32::from_be_bytes(word(28))
}

/// Fills a buffer; false at the end.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<bool> {
    match from.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
