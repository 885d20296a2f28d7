//! `--history`: the events in a file.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use stepmill::asl::model::StateMachine;
use stepmill::engine::REGION;
use stepmill::interpreter::{Identity, Record, history_event};

use crate::problem::Problem;

/// The file, made before the execution starts so that nothing runs in vain.
pub(super) struct File {
    path: PathBuf,
    file: fs::File,
}

impl File {
    pub(super) fn create(path: &Path) -> Result<Self, Problem> {
        let file = fs::File::create(path).map_err(|error| {
            Problem::new(format!("{}: cannot be written: {error}", path.display()))
                .help("--history names the file for the events; its directory must exist")
        })?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    /// Writes the events as `GetExecutionHistory` gives them: `{"events": […]}`.
    pub(super) fn write(
        &mut self,
        machine: &StateMachine,
        identity: &Identity,
        records: &[Record],
    ) -> Result<(), Problem> {
        let mut out = BufWriter::new(&self.file);
        let mut write = || -> io::Result<()> {
            out.write_all(b"{\"events\":[")?;
            let events = records.iter();
            let events =
                events.filter_map(|record| history_event(machine, identity, REGION, record));
            for (index, event) in events.enumerate() {
                out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
                serde_json::to_writer(&mut out, &event.to_json())?;
            }
            out.write_all(b"\n]}\n")?;
            out.flush()
        };
        write().map_err(|error| {
            Problem::new(format!(
                "{}: cannot be written: {error}",
                self.path.display()
            ))
        })
    }
}
