//! A run as text.

use std::fmt::Write;

use serde_json::Value;
use stepmill_interpreter::{Effect, HistoryEvent, Status, history_event};

use super::{Run, start_time};

/// Longer texts are cut.
const LONGEST: usize = 600;
/// Histories with more lines lose their middle.
const MOST_LINES: usize = 120;
/// Lines kept at each end of such a history.
const ENDS: usize = 24;

/// A line per event, `cancel` where a task is cancelled, and how it ended.
pub(crate) fn show(run: &Run) -> String {
    let identity = run.execution.identity();
    let mut lines = Vec::new();
    for turn in &run.turns {
        for record in &turn.records {
            if let Some(event) = history_event(&run.machine, identity, "us-east-1", record) {
                lines.push(line(&event));
            }
        }
        for effect in &turn.effects {
            if let Effect::CancelTask { task } = effect {
                lines.push(format!("{:>10}  cancel {task}", ""));
            }
        }
    }
    if lines.len() > MOST_LINES {
        let middle = lines.len() - 2 * ENDS;
        lines.splice(ENDS..lines.len() - ENDS, [format!("… {middle} lines …")]);
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text.push_str(run.execution.status().name());
    if *run.execution.status() == Status::Running {
        text.push_str(", and waits for what does not come");
    }
    text.push('\n');
    text
}

fn line(event: &HistoryEvent) -> String {
    let time = event.timestamp.duration_since(start_time()).as_secs_f64();
    let mut line = format!(
        "{:>10}  {}<{} {}",
        format!("{time}s"),
        event.id,
        event.previous,
        event.event_type
    );
    if let Some((_, Value::Object(details))) = &event.details {
        for (name, value) in details {
            // These say the same everywhere.
            if name.ends_with("Details") || ["roleArn", "region"].contains(&name.as_str()) {
                continue;
            }
            match value {
                Value::String(text) if name == "name" => put(&mut line, "", text),
                Value::String(text) => put(&mut line, name, text),
                value => put(&mut line, name, &value.to_string()),
            }
        }
        if details.is_empty() {
            line.push_str(" {}");
        }
    }
    line
}

fn put(line: &mut String, name: &str, text: &str) {
    line.push(' ');
    if !name.is_empty() {
        line.push_str(name);
        line.push('=');
    }
    if text.len() <= LONGEST {
        line.push_str(text);
    } else {
        let head: String = text.chars().take(40).collect();
        let _ = write!(line, "{head}… ({} bytes)", text.len());
    }
}
