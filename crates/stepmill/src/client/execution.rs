//! An execution's end: waiting for it, and telling it.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use super::print;
use super::server::Server;
use super::show::{laid_out, moment, status, text};
use crate::Exit;
use crate::problem::Problem;
use crate::run::time::span;
use crate::terminal::{self, note};

/// Between two looks at first, and at last.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Pauses that grow.
pub(super) struct Pauses(Duration);

impl Pauses {
    pub(super) fn new() -> Self {
        Self(PAUSES.0)
    }

    pub(super) fn pause(&mut self) {
        sleep(self.0);
        self.0 = (self.0 * 3 / 2).min(PAUSES.1);
    }
}

/// Waits for an execution's end; its description.
pub(super) fn wait(server: &Server, arn: &str) -> Result<Value, Problem> {
    let mut pauses = Pauses::new();
    loop {
        let described = server.call("DescribeExecution", &json!({"executionArn": arn}))?;
        if described["status"] != "RUNNING" {
            return Ok(described);
        }
        pauses.pause();
    }
}

/// Tells how an execution ended that was waited for: its output on standard output, the rest on
/// standard error.
pub(super) fn report(described: &Value, json: bool) -> Result<Exit, Problem> {
    let succeeded = described["status"] == "SUCCEEDED";
    if json {
        print(described)?;
    } else {
        let start = moment(&described["startDate"]);
        let stop = moment(&described["stopDate"]);
        let lasted = start
            .zip(stop)
            .map(|(start, stop)| stop.duration_since(start));
        let lasted = lasted.map_or_else(String::new, |lasted| format!(" in {}", span(lasted)));
        let status = status(&text(&described["status"]));
        note(&format!("{status}{lasted}"));
        for (label, member) in [("Error", "error"), ("Cause", "cause")] {
            if let Some(value) = described[member].as_str() {
                let value = laid_out(value).replace('\n', "\n         ");
                note(&format!("  {label:<6} {value}"));
            }
        }
        if let Some(output) = described["output"].as_str() {
            terminal::print(&format!("{}\n", laid_out(output)))?;
        }
    }
    Ok(if succeeded {
        Exit::Succeeded
    } else {
        Exit::Failed
    })
}
