//! Prometheus' text format.

use std::fmt::{Display, Write};
use std::sync::Arc;

use super::histogram::{BOUNDS, Histogram};
use super::series::{MachineCounter, MachineSeries, SeriesSet, TaskCounter, TaskSeries};

const MACHINE: &str = "state_machine_arn";

const MACHINE_COUNTERS: [(MachineCounter, &str, &str); 11] = [
    (
        MachineCounter::Started,
        "executions_started",
        "Executions started.",
    ),
    (
        MachineCounter::Succeeded,
        "executions_succeeded",
        "Executions that succeeded.",
    ),
    (
        MachineCounter::Failed,
        "executions_failed",
        "Executions that failed.",
    ),
    (
        MachineCounter::Aborted,
        "executions_aborted",
        "Executions that were stopped.",
    ),
    (
        MachineCounter::TimedOut,
        "executions_timed_out",
        "Executions that timed out.",
    ),
    (
        MachineCounter::Redriven,
        "executions_redriven",
        "Redrives of executions.",
    ),
    (
        MachineCounter::RedrivenSucceeded,
        "redriven_executions_succeeded",
        "Redriven executions that succeeded.",
    ),
    (
        MachineCounter::RedrivenFailed,
        "redriven_executions_failed",
        "Redriven executions that failed.",
    ),
    (
        MachineCounter::RedrivenAborted,
        "redriven_executions_aborted",
        "Redriven executions that were stopped.",
    ),
    (
        MachineCounter::RedrivenTimedOut,
        "redriven_executions_timed_out",
        "Redriven executions that timed out.",
    ),
    (
        MachineCounter::StateTransitions,
        "state_transitions",
        "States entered.",
    ),
];

/// How the metrics of a kind of tasks are named.
pub(super) struct TaskWords {
    label: &'static str,
    plural: &'static str,
    singular: &'static str,
    words: &'static str,
    has_heartbeats: bool,
}

pub(super) const ACTIVITIES: TaskWords = TaskWords {
    label: "activity_arn",
    plural: "activities",
    singular: "activity",
    words: "Tasks of activities",
    has_heartbeats: true,
};

pub(super) const FUNCTIONS: TaskWords = TaskWords {
    label: "lambda_function_arn",
    plural: "lambda_functions",
    singular: "lambda_function",
    words: "Calls of Lambda functions",
    has_heartbeats: false,
};

pub(super) const INTEGRATIONS: TaskWords = TaskWords {
    label: "service_integration_resource_arn",
    plural: "service_integrations",
    singular: "service_integration",
    words: "Tasks of service integrations",
    has_heartbeats: false,
};

const TASK_COUNTERS: [(TaskCounter, &str, &str); 6] = [
    (TaskCounter::Scheduled, "scheduled", "scheduled"),
    (TaskCounter::Started, "started", "started"),
    (TaskCounter::Succeeded, "succeeded", "that succeeded"),
    (TaskCounter::Failed, "failed", "that failed"),
    (TaskCounter::TimedOut, "timed_out", "that timed out"),
    (
        TaskCounter::HeartbeatTimedOut,
        "heartbeat_timed_out",
        "that missed a heartbeat",
    ),
];

/// What is counted by state machine.
pub(super) fn machines(out: &mut String, set: &SeriesSet<MachineSeries>) {
    let all = set.all();
    for (counter, name, help) in MACHINE_COUNTERS {
        let name = format!("aws_states_{name}_total");
        family(out, &name, help, "counter");
        for (arn, series) in &all {
            line(out, &name, &[(MACHINE, arn)], series.get(counter));
        }
    }
    let times = all
        .iter()
        .map(|(arn, series)| (arn, &series.execution_time));
    let help = "From the start of executions to their end.";
    histogram(
        out,
        "aws_states_execution_time_seconds",
        help,
        MACHINE,
        times,
    );
    let name = "aws_states_express_execution_billed_duration_seconds_total";
    let help = "What AWS would bill for Express executions, in steps of 100 milliseconds.";
    family(out, name, help, "counter");
    for (arn, series) in &all {
        let billed = Fraction(series.billed_milliseconds(), 3);
        line(out, name, &[(MACHINE, arn)], billed);
    }
}

type Which = fn(&TaskSeries) -> &Histogram;

/// What is counted by resource.
pub(super) fn tasks(out: &mut String, words: &TaskWords, set: &SeriesSet<TaskSeries>) {
    let all = set.all();
    for (counter, suffix, help) in TASK_COUNTERS {
        if matches!(counter, TaskCounter::HeartbeatTimedOut) && !words.has_heartbeats {
            continue;
        }
        let name = format!("aws_states_{}_{suffix}_total", words.plural);
        family(out, &name, &format!("{} {help}.", words.words), "counter");
        for (arn, series) in &all {
            let mut count = series.get(counter);
            // Only activities count missed heartbeats apart from other timeouts.
            if matches!(counter, TaskCounter::TimedOut) && !words.has_heartbeats {
                count += series.get(TaskCounter::HeartbeatTimedOut);
            }
            line(out, &name, &[(words.label, arn)], count);
        }
    }
    let histograms: [(&str, &str, Which); 3] = [
        (
            "schedule_time",
            "From being scheduled to being started.",
            |series| &series.schedule_time,
        ),
        ("run_time", "From being started to the end.", |series| {
            &series.run_time
        }),
        ("time", "From being scheduled to the end.", |series| {
            &series.time
        }),
    ];
    for (suffix, help, which) in histograms {
        let name = format!("aws_states_{}_{suffix}_seconds", words.singular);
        let times = all
            .iter()
            .map(|(arn, series): &(String, Arc<TaskSeries>)| (arn, which(series)));
        histogram(out, &name, help, words.label, times);
    }
}

/// A metric without labels.
pub(super) fn single(out: &mut String, name: &str, help: &str, kind: &str, value: u64) {
    family(out, name, help, kind);
    line(out, name, &[], value);
}

fn histogram<'a>(
    out: &mut String,
    name: &str,
    help: &str,
    label: &str,
    all: impl Iterator<Item = (&'a String, &'a Histogram)>,
) {
    family(out, name, help, "histogram");
    for (arn, histogram) in all {
        let counts = histogram.cumulative();
        let bucket = format!("{name}_bucket");
        for (bound, count) in BOUNDS.iter().zip(counts) {
            let bound = Fraction(*bound, 3).to_string();
            line(out, &bucket, &[(label, arn), ("le", &bound)], count);
        }
        let count = counts[BOUNDS.len()];
        line(out, &bucket, &[(label, arn), ("le", "+Inf")], count);
        let sum = Fraction(histogram.micros(), 6);
        line(out, &format!("{name}_sum"), &[(label, arn)], sum);
        line(out, &format!("{name}_count"), &[(label, arn)], count);
    }
}

fn family(out: &mut String, name: &str, help: &str, kind: &str) {
    write(
        out,
        format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"),
    );
}

fn line(out: &mut String, name: &str, labels: &[(&str, &str)], value: impl Display) {
    out.push_str(name);
    for (at, (label, text)) in labels.iter().enumerate() {
        out.push(if at == 0 { '{' } else { ',' });
        write(out, format_args!("{label}=\"{}\"", Label(text)));
    }
    if !labels.is_empty() {
        out.push('}');
    }
    write(out, format_args!(" {value}\n"));
}

fn write(out: &mut String, what: std::fmt::Arguments<'_>) {
    // A text can always be written to.
    let _ = out.write_fmt(what);
}

/// A number of so many decimals.
struct Fraction(u64, u32);

impl Display for Fraction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(value, decimals) = *self;
        let unit = 10_u64.pow(decimals);
        let (whole, rest) = (value / unit, value % unit);
        if rest == 0 {
            return write!(f, "{whole}");
        }
        let rest = format!("{rest:0width$}", width = decimals as usize);
        write!(f, "{whole}.{}", rest.trim_end_matches('0'))
    }
}

/// A label's value: backslash, quote and line feed are escaped.
struct Label<'a>(&'a str);

impl Display for Label<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for character in self.0.chars() {
            match character {
                '\\' => f.write_str("\\\\")?,
                '"' => f.write_str("\\\"")?,
                '\n' => f.write_str("\\n")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}
