//! How the execution ended.

use serde_json::{Map, Value, json};
use stepmill::engine::Finished;
use stepmill::interpreter::{Identity, Reason, Status};

use super::list;
use super::time::{date, span};
use super::track::{Culprit, Ending, Tracker};
use crate::cli::Progress;
use crate::problem::Problem;
use crate::terminal::{self, harmless, note};

pub(super) struct Report<'r> {
    identity: &'r Identity,
    finished: &'r Finished,
    culprit: Option<&'r Culprit>,
    states: usize,
}

impl<'r> Report<'r> {
    pub(super) fn new(
        identity: &'r Identity,
        finished: &'r Finished,
        tracker: &'r Tracker,
    ) -> Self {
        Self {
            identity,
            finished,
            culprit: tracker.culprit(),
            states: tracker
                .rows()
                .iter()
                .map(|row| row.ended.iter().sum::<usize>())
                .sum(),
        }
    }

    /// History events.
    fn events(&self) -> usize {
        self.finished
            .records
            .iter()
            .filter(|record| record.id != 0)
            .count()
    }

    /// Says on standard error how it ended; what went wrong is said in any case.
    pub(super) fn summary(&self, progress: Progress) {
        let records = &self.finished.records;
        let duration = match (records.first(), records.last()) {
            (Some(first), Some(last)) => span(last.time.duration_since(first.time)),
            _ => span(jiff::SignedDuration::ZERO),
        };
        let (ending, words) = match &self.finished.status {
            Status::Succeeded(_) if progress == Progress::None => return,
            Status::Succeeded(_) => (Ending::Succeeded, "Succeeded in"),
            Status::Failed(_) => (Ending::Failed, "Failed after"),
            Status::TimedOut => (Ending::Failed, "Timed out after"),
            Status::Aborted(_) => (Ending::Failed, "Stopped after"),
            Status::Running => (Ending::Failed, "Still running after"),
        };
        let symbol = list::symbol(ending);
        let words = list::of(ending)
            .bold()
            .apply_to(format!("{words} {duration}"));
        let visits = if self.states == 1 { "state" } else { "states" };
        let counts = format!("({} {visits}, {} events)", self.states, self.events());
        let place = match self.culprit {
            Some(culprit) if culprit.path == *culprit.state => {
                format!(" in state {}", harmless(&culprit.state))
            }
            Some(culprit) => {
                let (state, path) = (harmless(&culprit.state), harmless(&culprit.path));
                format!(" in state {state} ({path})")
            }
            None => String::new(),
        };
        note(&format!(
            "{symbol} {words}{place} {}",
            list::style().dim().apply_to(counts)
        ));
        if let Some(reason) = self.reason() {
            tell(reason);
        }
    }

    fn reason(&self) -> Option<&Reason> {
        match &self.finished.status {
            Status::Failed(reason) | Status::Aborted(reason) => Some(reason),
            Status::Succeeded(_) | Status::TimedOut | Status::Running => None,
        }
    }

    /// Prints the result on standard output.
    pub(super) fn result(&self, as_json: bool) -> Result<(), Problem> {
        if as_json {
            return terminal::print(&format!("{:#}\n", self.to_json()));
        }
        match &self.finished.status {
            Status::Succeeded(output) => terminal::print(&format!("{:#}\n", output.value())),
            _ => Ok(()),
        }
    }

    fn to_json(&self) -> Value {
        let records = &self.finished.records;
        let mut object = Map::new();
        let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
        put("executionArn", json!(self.identity.execution_arn));
        put("stateMachineArn", json!(self.identity.state_machine_arn));
        put("status", json!(self.finished.status.name()));
        put(
            "startDate",
            json!(records.first().map(|record| date(record.time))),
        );
        put(
            "stopDate",
            json!(records.last().map(|record| date(record.time))),
        );
        put("events", json!(self.events()));
        if let Status::Succeeded(output) = &self.finished.status {
            put("output", output.value().clone());
            return Value::Object(object);
        }
        let reason = self.reason();
        put(
            "error",
            json!(reason.and_then(|reason| reason.error.as_deref())),
        );
        put(
            "cause",
            json!(reason.and_then(|reason| reason.cause.as_deref())),
        );
        put("state", json!(self.culprit.map(|culprit| &*culprit.state)));
        put(
            "statePath",
            json!(self.culprit.map(|culprit| &*culprit.path)),
        );
        Value::Object(object)
    }
}

/// Says error and cause, a cause that is JSON laid out.
fn tell(reason: &Reason) {
    let label = |word: &str| {
        list::style()
            .bold()
            .apply_to(format!("{word:<6}"))
            .to_string()
    };
    if let Some(error) = &reason.error {
        note(&format!("  {} {}", label("Error"), harmless(error)));
    }
    let Some(cause) = &reason.cause else {
        return;
    };
    let laid_out = match serde_json::from_str::<Value>(cause) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => format!("{value:#}"),
        _ => cause.to_string(),
    };
    let laid_out = harmless(&laid_out).replace('\n', "\n         ");
    note(&format!("  {} {laid_out}", label("Cause")));
}
