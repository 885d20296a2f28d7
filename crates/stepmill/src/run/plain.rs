//! Plain lines, for files and for those who read line by line.

use std::collections::HashMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use stepmill::asl::model::StateId;
use stepmill::integrations::lambda::LogLine;
use stepmill::interpreter::{Reason, Record};

use super::time::{clock, span};
use super::track::{Change, Ending, Items, Tracker};
use super::{View, list};
use crate::terminal::{harmless, note};

/// Between two lines about one Map state's progress, unless it made a leap.
const PAUSE: Duration = Duration::from_secs(1);
/// A leap: percent of the items.
const LEAP: usize = 10;
/// Names of this width or shorter stand in a column.
const NAME_WIDTH: usize = 28;

#[derive(Default)]
pub(super) struct Plain {
    /// When a Map state's progress was told last, and how many items were done.
    told: HashMap<StateId, (Instant, usize)>,
}

impl Plain {
    fn change(&mut self, tracker: &Tracker, time: Timestamp, change: &Change) {
        match change {
            Change::Ended {
                state,
                many,
                ending,
                attempt,
                duration,
                reason,
            } => {
                // What goes well in iterations shows as the Map state's progress.
                if *many && !matches!(ending, Ending::Failed | Ending::Caught) {
                    return;
                }
                let mut text = format!("{:<9}  {}", ending.word(), span(*duration));
                if *attempt > 1 {
                    let _ = write!(text, "  attempt {attempt}");
                }
                if let Some(items) = tracker.row(*state).and_then(|row| row.items) {
                    let _ = write!(text, "  {}", progress(items));
                }
                if let Some(reason) = reason {
                    let _ = write!(text, "  {}", short(reason));
                }
                line(
                    tracker,
                    time,
                    *state,
                    &list::of(*ending).apply_to(text).to_string(),
                );
            }
            Change::Retrying {
                state,
                many,
                pause,
                attempt,
                reason,
            } => {
                if *many {
                    return;
                }
                let mut text = format!("retrying   attempt {attempt} in {}", span(*pause));
                if let Some(reason) = reason {
                    let _ = write!(text, "  {}", short(reason));
                }
                line(tracker, time, *state, &text);
            }
            Change::Waiting { state, many, pause } => {
                if !many {
                    line(
                        tracker,
                        time,
                        *state,
                        &format!("waiting    {}", span(*pause)),
                    );
                }
            }
            Change::Items { state } => self.items(tracker, time, *state),
        }
    }

    fn items(&mut self, tracker: &Tracker, time: Timestamp, state: StateId) {
        let Some(items) = tracker.row(state).and_then(|row| row.items) else {
            return;
        };
        let done = items.succeeded + items.failed;
        let (then, before) = self
            .told
            .get(&state)
            .copied()
            .unwrap_or((Instant::now(), 0));
        // Another attempt begins anew.
        let before = before.min(done);
        let leap = (done - before) * 100 >= items.total * LEAP;
        if done == items.total || !(leap || then.elapsed() >= PAUSE) {
            self.told.entry(state).or_insert((then, before));
            return;
        }
        self.told.insert(state, (Instant::now(), done));
        line(
            tracker,
            time,
            state,
            &format!("running    {}", progress(items)),
        );
    }
}

impl View for Plain {
    fn show(&mut self, tracker: &Tracker, record: &Record, changes: &[Change]) {
        for change in changes {
            self.change(tracker, record.time, change);
        }
    }

    fn log(&mut self, _: &Tracker, lines: &[LogLine]) {
        for line in lines {
            note(&log_line(line));
        }
    }

    fn tick(&mut self, _: &Tracker) {}

    fn close(&mut self, _: &Tracker) {}
}

fn line(tracker: &Tracker, time: Timestamp, state: StateId, text: &str) {
    let indent = tracker.depth(state) * 2;
    let name = harmless(tracker.name(state)).replace(['\n', '\t'], " ");
    let name = format!("{:indent$}{name}", "");
    let time = list::style().dim().apply_to(clock(time));
    note(&format!("{time}  {name:<NAME_WIDTH$}  {text}"));
}

fn progress(items: Items) -> String {
    let done = items.succeeded + items.failed;
    let failed = match items.failed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    format!("{done}/{} items{failed}", items.total)
}

/// An error in one line.
fn short(reason: &Reason) -> String {
    let error = reason.error.as_deref().unwrap_or_default();
    let cause = reason.cause.as_deref().unwrap_or_default();
    // Lambda's cause is JSON whose message says it.
    let message = serde_json::from_str::<serde_json::Value>(cause)
        .ok()
        .and_then(|cause| cause.get("errorMessage")?.as_str().map(str::to_owned));
    let cause = message.as_deref().unwrap_or(cause);
    let text = match (error, cause) {
        ("", cause) => cause.to_owned(),
        (error, "") => error.to_owned(),
        (error, cause) => format!("{error}: {cause}"),
    };
    let text = harmless(&text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    console::truncate_str(&text, 160, "…").into_owned()
}

/// What a function wrote, after its name.
pub(super) fn log_line(line: &LogLine) -> String {
    let name = list::style().dim().apply_to(format!("{} │", line.function));
    format!("{name} {}", harmless(&line.text))
}
