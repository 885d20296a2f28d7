//! The figures in words.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::LoadError;

/// The part of the page that is written here begins with this line, and ends with the page.
const HEADING: &str = "## The server\n";

/// One measured figure.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    /// What was measured.
    pub(super) what: String,
    pub(super) value: f64,
    pub(super) unit: &'static str,
    /// What it ought to be.
    pub(super) target: Option<Target>,
}

/// What a figure ought to be, in its unit.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Figure {
    /// One line for the terminal.
    pub(super) fn line(&self) -> String {
        let (target, ratio) = self.target();
        format!(
            "{:<72} {:>10} {:<14} {target:<10} {ratio}",
            self.what,
            grouped(self.value),
            self.unit
        )
    }

    /// What it ought to be, and its ratio to that.
    fn target(&self) -> (String, String) {
        let (sign, target) = match self.target {
            None => return (String::new(), String::new()),
            Some(Target::AtLeast(target)) => ('≥', target),
            Some(Target::AtMost(target)) => ('≤', target),
        };
        let ratio = format!("{:.2}", self.value / target);
        (format!("{sign} {}", grouped(target)), ratio)
    }
}

/// Writes the figures as the last part of a page.
pub(super) fn write(path: &Path, figures: &[Figure], pinned: bool) -> Result<(), LoadError> {
    let page = fs::read_to_string(path).unwrap_or_default();
    let before = page
        .split_once(HEADING)
        .map_or(&*page, |(before, _)| before);
    let mut page = format!("{}\n\n{HEADING}\n", before.trim_end());
    let processors = match pinned {
        true => "one processor, its clients on another",
        false => "the same processors as its clients",
    };
    // Writing to a text cannot fail.
    let _ = write!(
        page,
        "`stepmill serve` on {processors}, over HTTP, its store a file whose every\n\
         commit is flushed to the disk. *Ratio* is the figure divided by what it ought to be.\n\n\
         This part is generated, by\n\n    cargo xtask bench server\n\n\
         | what | figure | unit | ought to be | ratio |\n|---|---:|---|---:|---:|\n"
    );
    for figure in figures {
        let (target, ratio) = figure.target();
        let value = grouped(figure.value);
        let Figure { what, unit, .. } = figure;
        let _ = writeln!(page, "| {what} | {value} | {unit} | {target} | {ratio} |");
    }
    fs::write(path, page).map_err(LoadError::system(path.display().to_string()))
}

/// A number with its thousands apart.
pub(super) fn grouped(number: f64) -> String {
    if number < 100.0 {
        return format!("{number:.2}");
    }
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
