//! The list of states: one line for each, those inside Parallel and Map states indented.

use std::collections::HashMap;
use std::fmt::Write;

use console::{Alignment, Style, measure_text_width, pad_str, truncate_str};
use jiff::Timestamp;
use stepmill::asl::model::StateId;

use super::time::span;
use super::track::{Ending, Items, Phase, Row, Tracker};
use crate::terminal::harmless;

/// Names are cut to this width, so that what stands beside them stays in view.
const NAME_WIDTH: usize = 48;
/// The bar of a Map state's progress.
const BAR_WIDTH: usize = 16;

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// The list in at most `height` lines, as it stands at `now`; `tick` turns the spinner.
pub(super) fn lines(tracker: &Tracker, now: Timestamp, tick: usize, height: usize) -> Vec<String> {
    let all = in_order(tracker);
    let shown = choose(&all, height);
    let width =
        |row: &Row| tracker.depth(row.state) * 2 + measure_text_width(tracker.name(row.state));
    let widest = shown
        .iter()
        .map(|row| width(row))
        .max()
        .unwrap_or_default()
        .min(NAME_WIDTH);
    let mut lines = Vec::with_capacity(shown.len() + 1);
    let hidden = all.len() - shown.len();
    if hidden > 0 {
        let text = format!("  … {hidden} more states");
        lines.push(style().dim().apply_to(text).to_string());
    }
    lines.extend(
        shown
            .into_iter()
            .map(|row| line(tracker, row, now, tick, widest)),
    );
    lines
}

/// All rows, each followed by those inside it.
fn in_order(tracker: &Tracker) -> Vec<&Row> {
    let mut inside: HashMap<Option<StateId>, Vec<&Row>> = HashMap::new();
    for row in tracker.rows() {
        inside
            .entry(tracker.parent(row.state))
            .or_default()
            .push(row);
    }
    let mut ordered = Vec::with_capacity(tracker.rows().len());
    let mut stack: Vec<&Row> = inside.remove(&None).unwrap_or_default();
    stack.reverse();
    while let Some(row) = stack.pop() {
        ordered.push(row);
        if let Some(children) = inside.remove(&Some(row.state)) {
            stack.extend(children.into_iter().rev());
        }
    }
    ordered
}

/// The rows that matter most, if there is not room for all: what runs, what failed, what is newest.
fn choose<'t>(all: &[&'t Row], height: usize) -> Vec<&'t Row> {
    if all.len() <= height {
        return all.to_vec();
    }
    let mut ranked: Vec<usize> = (0..all.len()).rev().collect();
    ranked.sort_by_key(|index| {
        let row = all[*index];
        let failed = row
            .last
            .is_some_and(|(ending, ..)| ending == Ending::Failed);
        if row.open > 0 {
            0
        } else if failed {
            1
        } else {
            2
        }
    });
    ranked.truncate(height.saturating_sub(1));
    ranked.sort_unstable();
    ranked.into_iter().map(|index| all[index]).collect()
}

fn line(tracker: &Tracker, row: &Row, now: Timestamp, tick: usize, width: usize) -> String {
    let depth = tracker.depth(row.state);
    let name = harmless(tracker.name(row.state)).replace(['\n', '\t'], " ");
    let name = format!("{:1$}{name}", "", depth * 2);
    let name = truncate_str(&name, width, "…");
    let name = pad_str(&name, width, Alignment::Left, None);
    let (symbol, status) = if row.many {
        (symbol_of_many(row, tick), counts(row))
    } else {
        one(tracker, row, now, tick)
    };
    let mut line = format!("{symbol} {name}  {status}");
    if let Some(items) = row.items {
        line.push_str("  ");
        line.push_str(&progress(items));
    }
    line
}

/// A state that is visited once at a time.
fn one(tracker: &Tracker, row: &Row, now: Timestamp, tick: usize) -> (String, String) {
    let visits = row.ended.iter().sum::<usize>() + row.open;
    let again = |attempt: u32| {
        let mut text = String::new();
        if attempt > 1 {
            text = format!("  attempt {attempt}");
        }
        if visits > 1 {
            let _ = write!(text, "  ×{visits}");
        }
        style().dim().apply_to(text).to_string()
    };
    if let Some(visit) = tracker.visit(row) {
        let (symbol, word) = match visit.phase {
            Phase::Running => (spinner(tick), "running  "),
            Phase::Waiting => (style().cyan().apply_to("◷").to_string(), "waiting  "),
            Phase::Retrying => (style().yellow().apply_to("↻").to_string(), "retrying "),
        };
        let duration = span(now.duration_since(visit.entered));
        let text = style().cyan().apply_to(word);
        return (
            symbol,
            format!("{text} {duration:>7}{}", again(visit.attempt)),
        );
    }
    let Some((ending, duration, attempt)) = row.last else {
        return (spinner(tick), String::new());
    };
    let word = of(ending).apply_to(format!("{:<9}", ending.word()));
    (
        symbol(ending),
        format!("{word} {:>7}{}", span(duration), again(attempt)),
    )
}

/// A state inside a Map state: how many visits stand how.
fn counts(row: &Row) -> String {
    let mut parts = Vec::new();
    if row.open > 0 {
        parts.push(
            style()
                .cyan()
                .apply_to(format!("{} running", row.open))
                .to_string(),
        );
    }
    for ending in [
        Ending::Succeeded,
        Ending::Caught,
        Ending::Failed,
        Ending::Aborted,
    ] {
        let count = row.ended[ending as usize];
        if count > 0 {
            parts.push(
                of(ending)
                    .apply_to(format!("{count} {}", ending.word()))
                    .to_string(),
            );
        }
    }
    parts.join(", ")
}

fn symbol_of_many(row: &Row, tick: usize) -> String {
    if row.open > 0 {
        return spinner(tick);
    }
    let worst = [Ending::Failed, Ending::Caught, Ending::Aborted];
    let worst = worst
        .into_iter()
        .find(|ending| row.ended[*ending as usize] > 0);
    symbol(worst.unwrap_or(Ending::Succeeded))
}

/// `━━━━━━━───────── 120/300, 2 failed`.
fn progress(items: Items) -> String {
    let done = items.succeeded + items.failed;
    let filled = (BAR_WIDTH * done)
        .checked_div(items.total)
        .unwrap_or(BAR_WIDTH)
        .min(BAR_WIDTH);
    let bar = style().green().apply_to("━".repeat(filled));
    let rest = style().dim().apply_to("─".repeat(BAR_WIDTH - filled));
    let mut text = format!("{bar}{rest} {done}/{}", items.total);
    if items.failed > 0 {
        let failed = of(Ending::Failed).apply_to(format!("{} failed", items.failed));
        let _ = write!(text, ", {failed}");
    }
    text
}

fn spinner(tick: usize) -> String {
    style()
        .cyan()
        .apply_to(SPINNER[tick % SPINNER.len()])
        .to_string()
}

/// The sign of an ending.
pub(super) fn symbol(ending: Ending) -> String {
    let sign = match ending {
        Ending::Succeeded => "✔",
        Ending::Caught => "↷",
        Ending::Failed => "✘",
        Ending::Aborted => "⊘",
    };
    of(ending).apply_to(sign).to_string()
}

/// The colour of an ending.
pub(super) fn of(ending: Ending) -> Style {
    match ending {
        Ending::Succeeded => style().green(),
        Ending::Caught => style().yellow(),
        Ending::Failed => style().red(),
        Ending::Aborted => style().dim(),
    }
}

pub(super) fn style() -> Style {
    Style::new().for_stderr()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};
    use stepmill::asl::{Options, parse};
    use stepmill::engine::{ACCOUNT, Chance, Clock, REGION, Runner, Start, identity};
    use stepmill::integrations::Integrations;
    use stepmill::interpreter::{Fact, Limits, Payload, Record};

    use super::{Tracker, lines};

    /// The list after the records up to the first that `last` tells, durations left out.
    fn list(
        machine: &Value,
        input: &Value,
        height: usize,
        last: fn(&Record) -> bool,
    ) -> Vec<String> {
        let parsed = parse(&machine.to_string(), &Options::default());
        let machine = Arc::new(parsed.machine.expect("valid"));
        let identity = identity("test", false, ACCOUNT, REGION);
        let chance = Chance::new(1, [1; 32]);
        let runner = Runner::new(Integrations::new(), Clock::skipping(), chance);
        let mut tracker = Tracker::new(machine.clone(), identity.clone());
        let start = Start {
            machine,
            identity,
            input: Payload::from(input.clone()),
            limits: Limits::STANDARD,
            mocks: None,
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let records =
            runtime.block_on(async { runner.start(start).finish().await.unwrap().records });
        let mut now = None;
        for record in &records {
            tracker.apply(record);
            now = Some(record.time);
            if last(record) {
                break;
            }
        }
        let shown = lines(&tracker, now.unwrap(), 0, height);
        let shown = shown
            .iter()
            .map(|line| console::strip_ansi_codes(line).into_owned());
        let is_duration = |word: &str| {
            word.ends_with('s') && word.starts_with(|first: char| first.is_ascii_digit())
        };
        let blank = |line: String| {
            let words: Vec<_> = line.split(' ').filter(|word| !is_duration(word)).collect();
            words.join(" ").trim_end().to_owned()
        };
        shown.map(blank).collect()
    }

    fn nested() -> Value {
        json!({"StartAt": "First", "States": {
            "First": {"Type": "Pass", "Next": "Both"},
            "Both": {"Type": "Parallel", "Next": "Last", "Branches": [
                {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 5, "End": true}}},
                {"StartAt": "Each", "States": {"Each": {
                    "Type": "Map",
                    "ItemsPath": "$.items",
                    "End": true,
                    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
                    "ItemProcessor": {"StartAt": "Small?", "States": {
                        "Small?": {"Type": "Choice", "Default": "Bad", "Choices": [
                            {"Variable": "$", "NumericLessThan": 10, "Next": "Good"}
                        ]},
                        "Good": {"Type": "Pass", "End": true},
                        "Bad": {"Type": "Fail", "Error": "Large"}
                    }}
                }, "Caught": {"Type": "Pass", "End": true}}}
            ]},
            "Last": {"Type": "Succeed"}
        }})
    }

    #[test]
    fn states_stand_inside_those_around_them() {
        let shown = list(&nested(), &json!({"items": [1, 2, 30]}), 40, |_| false);
        assert_eq!(
            shown,
            [
                "✔ First       succeeded",
                "✔ Both        succeeded",
                "✔   Wait      succeeded",
                "↷   Each      caught       ━━━━━━━━━━━━━━━━ 3/3, 1 failed",
                "✔     Small?  3 succeeded",
                "✔     Good    2 succeeded",
                "✘     Bad     1 failed",
                "✔   Caught    succeeded",
                "✔ Last        succeeded",
            ]
        );
    }

    #[test]
    fn what_runs_is_shown_as_running() {
        let until = |record: &Record| matches!(record.fact, Fact::IterationSucceeded { .. });
        let shown = list(&nested(), &json!({"items": [1, 2]}), 40, until);
        assert_eq!(
            shown,
            [
                "✔ First       succeeded",
                "⠋ Both        running",
                "◷   Wait      waiting",
                "⠋   Each      running      ━━━━━━━━──────── 1/2",
                "✔     Small?  2 succeeded",
                "⠋     Good    1 running, 1 succeeded",
            ]
        );
    }

    #[test]
    fn a_failure_takes_down_what_is_around_and_stops_what_is_beside() {
        let mut machine = nested();
        let each = machine
            .pointer_mut("/States/Both/Branches/1/States/Each")
            .unwrap();
        each.as_object_mut().unwrap().remove("Catch");
        let states = machine
            .pointer_mut("/States/Both/Branches/1/States")
            .unwrap();
        states.as_object_mut().unwrap().remove("Caught");
        let shown = list(&machine, &json!({"items": [30]}), 40, |_| false);
        assert_eq!(
            shown,
            [
                "✔ First       succeeded",
                "✘ Both        failed",
                "⊘   Wait      aborted",
                "✘   Each      failed       ━━━━━━━━━━━━━━━━ 1/1, 1 failed",
                "✔     Small?  1 succeeded",
                "✘     Bad     1 failed",
            ]
        );
    }

    #[test]
    fn a_long_list_keeps_what_matters() {
        let shown = list(&nested(), &json!({"items": [1, 2, 30]}), 4, |_| false);
        assert_eq!(
            shown,
            [
                "  … 6 more states",
                "✘     Bad   1 failed",
                "✔   Caught  succeeded",
                "✔ Last      succeeded",
            ]
        );
    }
}
