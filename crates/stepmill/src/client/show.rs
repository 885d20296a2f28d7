//! Answers as people read them.

use std::fmt::Write as _;

use console::{Alignment, Style, measure_text_width, pad_str};
use jiff::Timestamp;
use serde_json::Value;

use crate::terminal::harmless;

/// A table: a line for each row, columns as wide as they need to be.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = head.iter().map(|name| name.len()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(measure_text_width(cell));
        }
    }
    let line = |cells: &mut dyn Iterator<Item = String>| {
        let mut line = String::new();
        for (cell, width) in cells.zip(&widths) {
            line.push_str(&pad_str(&cell, *width, Alignment::Left, None));
            line.push_str("  ");
        }
        line.truncate(line.trim_end().len());
        line + "\n"
    };
    let dim = Style::new().dim();
    let mut names = head.iter().map(|name| dim.apply_to(name).to_string());
    let mut text = line(&mut names);
    for row in rows {
        text.push_str(&line(&mut row.iter().cloned()));
    }
    text
}

/// Members of an answer, a line each; a value of several lines is indented below its name.
pub(super) fn fields(fields: &[(&str, String)]) -> String {
    let widest = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let dim = Style::new().dim();
    let mut text = String::new();
    for (name, value) in fields {
        let name = dim.apply_to(format!("{name:<widest$}"));
        let value = value.replace('\n', &format!("\n{:1$}", "", widest + 2));
        let _ = writeln!(text, "{name}  {value}");
    }
    text
}

/// A status in its colour.
pub(super) fn status(status: &str) -> String {
    let style = Style::new();
    let style = match status {
        "SUCCEEDED" | "ACTIVE" => style.green(),
        "FAILED" | "TIMED_OUT" => style.red(),
        "RUNNING" => style.cyan(),
        _ => style.yellow(),
    };
    style.apply_to(harmless(status)).to_string()
}

/// A text of an answer.
pub(super) fn text(value: &Value) -> String {
    harmless(value.as_str().unwrap_or_default()).into_owned()
}

/// A point in time, which answers have in seconds since 1970.
pub(super) fn time(value: &Value) -> String {
    moment(value).map_or_else(String::new, |time| format!("{time:.3}"))
}

/// A point in time as a number of seconds.
#[allow(clippy::cast_possible_truncation)] // milliseconds of dates fit
pub(super) fn moment(value: &Value) -> Option<Timestamp> {
    let milliseconds = (value.as_f64()? * 1_000.0).round() as i64;
    Timestamp::from_millisecond(milliseconds).ok()
}

/// JSON in a text, laid out; another text as it is.
pub(super) fn laid_out(text: &str) -> String {
    let value = serde_json::from_str::<Value>(text);
    let text = match value {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => format!("{value:#}"),
        _ => text.to_owned(),
    };
    harmless(&text).into_owned()
}
