//! Where log events go.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::observe::logs::event::{LogEvent, LogStream};

/// A file's name without its suffix is no longer than that; file systems take 255 bytes.
const LONGEST_NAME: usize = 200;

/// Takes log events.
pub trait LogDestination: Send + 'static {
    /// Takes a batch, in the order in which it happened. It may block: it is called on a thread that
    /// does nothing else. What an error says of is lost; it is not tried again.
    fn deliver(&mut self, events: &[LogEvent]) -> io::Result<()>;
}

impl<F: FnMut(&[LogEvent]) -> io::Result<()> + Send + 'static> LogDestination for F {
    fn deliver(&mut self, events: &[LogEvent]) -> io::Result<()> {
        self(events)
    }
}

/// Standard output.
pub(super) struct StandardOutput;

impl LogDestination for StandardOutput {
    fn deliver(&mut self, events: &[LogEvent]) -> io::Result<()> {
        io::stdout().lock().write_all(&lines(events))
    }
}

/// A directory with a file for each log group.
pub(super) struct Directory {
    directory: PathBuf,
}

impl Directory {
    pub(super) fn new(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        Ok(Self {
            directory: directory.to_owned(),
        })
    }

    fn append(&self, stream: &LogStream, events: &[LogEvent]) -> io::Result<()> {
        let (account, region, name) = stream.group();
        let directory = self.directory.join(safe(account)).join(safe(region));
        fs::create_dir_all(&directory)?;
        let path = directory.join(format!("{}.jsonl", safe(name)));
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        file.write_all(&lines(events))
    }
}

impl LogDestination for Directory {
    fn deliver(&mut self, events: &[LogEvent]) -> io::Result<()> {
        // What stands side by side in one log group is written at once.
        let mut written = Ok(());
        for run in events.chunk_by(|a, b| a.stream.group_arn == b.stream.group_arn) {
            written = written.and(self.append(&run[0].stream, run));
        }
        written
    }
}

fn lines(events: &[LogEvent]) -> Vec<u8> {
    let length = events.iter().map(|event| event.message.len() + 1).sum();
    let mut lines = Vec::with_capacity(length);
    for event in events {
        lines.extend_from_slice(event.message.as_bytes());
        lines.push(b'\n');
    }
    lines
}

/// A name that means nothing to any file system, and is another one for another name.
fn safe(name: &str) -> String {
    let mut safe = String::new();
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            b'-' | b'_' => safe.push(char::from(byte)),
            b'.' if at > 0 => safe.push('.'),
            byte if byte.is_ascii_alphanumeric() => safe.push(char::from(byte)),
            // A text can always be written to.
            byte => drop(write!(safe, "%{byte:02X}")),
        }
    }
    if safe.len() > LONGEST_NAME {
        safe.truncate(LONGEST_NAME - 17);
        let _ = write!(safe, "~{:016x}", fnv(name.as_bytes()));
    }
    safe
}

/// The hash FNV-1a: the same in every process and version.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_NAME, safe};

    #[test]
    fn names_are_safe_and_distinct() {
        let long = "x/".repeat(200);
        let names = [
            "/aws/vendedlogs/states/orders",
            "..",
            ".",
            "../../etc/passwd",
            "a/b",
            "a%2Fb",
            "größe",
            "C:\\con",
            "a\0b",
            long.as_str(),
            &long[1..],
        ];
        let mut made: Vec<String> = names.iter().map(|name| safe(name)).collect();
        for name in &made {
            assert!(
                name.len() <= LONGEST_NAME && !name.starts_with('.'),
                "{name}"
            );
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.%~".contains(c);
            assert!(name.chars().all(plain), "{name}");
        }
        assert_eq!(made[0], "%2Faws%2Fvendedlogs%2Fstates%2Forders");
        made.sort();
        made.dedup();
        assert_eq!(made.len(), names.len());
    }
}
