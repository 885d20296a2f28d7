//! The live list on a terminal.

use std::time::Duration;

use console::Term;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use stepmill::integrations::lambda::LogLine;
use stepmill::interpreter::Record;

use super::track::{Change, Tracker};
use super::{View, list, plain};
use crate::terminal;

/// Lines left to what scrolls by above the list.
const ABOVE: usize = 4;
/// The most lines of the list that stays when the execution has ended.
const LASTING: usize = 200;

pub(super) struct Live {
    lines: MultiProgress,
    bars: Vec<ProgressBar>,
    tick: usize,
    /// How far the execution's clock is ahead of the machine's.
    ahead: Duration,
    last: Option<Timestamp>,
}

impl Live {
    pub(super) fn new() -> Self {
        Self {
            lines: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()),
            bars: Vec::new(),
            tick: 0,
            ahead: Duration::ZERO,
            last: None,
        }
    }

    fn draw(&mut self, tracker: &Tracker) {
        let height = usize::from(Term::stderr().size().0)
            .saturating_sub(ABOVE)
            .max(3);
        let now = Timestamp::now();
        let now = now.checked_add(self.ahead).unwrap_or(now);
        let list = list::lines(tracker, now, self.tick, height);
        while self.bars.len() > list.len() {
            if let Some(bar) = self.bars.pop() {
                self.lines.remove(&bar);
            }
        }
        while self.bars.len() < list.len() {
            // Only the template's own text could make it invalid.
            let style = ProgressStyle::with_template("{wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let bar = ProgressBar::new_spinner().with_style(style);
            self.bars.push(self.lines.add(bar));
        }
        for (bar, line) in self.bars.iter().zip(list) {
            bar.set_message(line);
            bar.tick();
        }
    }
}

impl View for Live {
    fn show(&mut self, _: &Tracker, record: &Record, _: &[Change]) {
        let ahead = record.time.duration_since(Timestamp::now());
        self.ahead = Duration::try_from(ahead).unwrap_or_default();
        self.last = Some(record.time);
    }

    fn log(&mut self, line: &LogLine) {
        // Above the list; a terminal that is gone has no reader.
        let _ = self.lines.println(plain::log_line(line));
    }

    fn tick(&mut self, tracker: &Tracker) {
        self.tick += 1;
        self.draw(tracker);
    }

    fn close(&mut self, tracker: &Tracker) {
        let _ = self.lines.clear();
        self.bars.clear();
        let now = self.last.unwrap_or_else(Timestamp::now);
        let columns = usize::from(Term::stderr().size().1);
        for line in list::lines(tracker, now, self.tick, LASTING) {
            terminal::note(&console::truncate_str(&line, columns, "…"));
        }
    }
}
