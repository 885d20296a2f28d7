//! What the disk takes to keep something.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::LoadError;

/// What is written each time, in bytes: a few pages, as a small transaction writes.
const PIECE: usize = 16 << 10;
/// How often.
const TIMES: usize = 300;

/// The times that writing over a part of a file takes until the disk has it, sorted.
pub(super) fn flushes(directory: &Path) -> Result<Vec<Duration>, LoadError> {
    let measure = || {
        let mut file = File::create(directory.join("flushes"))?;
        file.write_all(&vec![1; PIECE * 64])?;
        file.sync_all()?;
        let mut times = Vec::with_capacity(TIMES);
        for turn in 0..TIMES {
            let begun = Instant::now();
            file.seek(SeekFrom::Start(((turn % 64) * PIECE) as u64))?;
            file.write_all(&[2; PIECE])?;
            file.sync_data()?;
            times.push(begun.elapsed());
        }
        times.sort_unstable();
        Ok(times)
    };
    measure().map_err(LoadError::system("measuring the disk"))
}
