//! The live list on a terminal.
//!
//! The cursor rests below the list, at the beginning of a line. What others write there, such as
//! the `^C` that a terminal echoes, is cleared with the list when it is drawn again.

use std::io::{self, Write};

use console::{Term, truncate_str};
use jiff::{SignedDuration, Timestamp};
use stepmill::integrations::lambda::LogLine;
use stepmill::interpreter::Record;

use super::track::{Change, Tracker};
use super::{View, list, plain};

/// Lines left to what scrolls by above the list.
const ABOVE: usize = 4;
/// The most lines of the list that stays when the execution has ended.
const LASTING: usize = 200;

pub(super) struct Live {
    terminal: Term,
    /// Lines of the list on the screen.
    drawn: usize,
    tick: usize,
    /// How far the execution's clock is ahead of the machine's.
    ahead: SignedDuration,
    last: Option<Timestamp>,
}

impl Live {
    pub(super) fn new() -> Self {
        Self {
            terminal: Term::buffered_stderr(),
            drawn: 0,
            tick: 0,
            ahead: SignedDuration::ZERO,
            last: None,
        }
    }

    /// Puts lines in the list's place, the first `stay` of them for good.
    fn replace(&mut self, lines: &[String], stay: usize) -> io::Result<()> {
        let columns = usize::from(self.terminal.size().1);
        self.terminal.write_all(b"\r")?;
        self.terminal.move_cursor_up(self.drawn)?;
        self.terminal.clear_to_end_of_screen()?;
        for (index, line) in lines.iter().enumerate() {
            // What stays may be longer than a line; a list must not be.
            let shown = if index < stay {
                line.into()
            } else {
                truncate_str(line, columns, "…")
            };
            self.terminal.write_line(&shown)?;
        }
        self.terminal.flush()?;
        self.drawn = lines.len().saturating_sub(stay);
        Ok(())
    }

    fn list(&self, tracker: &Tracker) -> Vec<String> {
        let height = usize::from(self.terminal.size().0)
            .saturating_sub(ABOVE)
            .max(3);
        let now = Timestamp::now();
        let now = now.checked_add(self.ahead).unwrap_or(now);
        list::lines(tracker, now, self.tick, height)
    }
}

// A terminal that is gone has nobody who could be told.
impl View for Live {
    fn show(&mut self, _: &Tracker, record: &Record, _: &[Change]) {
        self.ahead = record.time.duration_since(Timestamp::now());
        self.last = Some(record.time);
    }

    fn log(&mut self, tracker: &Tracker, lines: &[LogLine]) {
        let mut shown: Vec<_> = lines.iter().map(plain::log_line).collect();
        shown.extend(self.list(tracker));
        let _ = self.replace(&shown, lines.len());
    }

    fn tick(&mut self, tracker: &Tracker) {
        self.tick += 1;
        let lines = self.list(tracker);
        let _ = self.replace(&lines, 0);
    }

    fn close(&mut self, tracker: &Tracker) {
        let now = self.last.unwrap_or_else(Timestamp::now);
        let lines = list::lines(tracker, now, self.tick, LASTING);
        let _ = self.replace(&lines, 0);
        self.drawn = 0;
    }
}
