//! The content of a status event.

use jiff::Timestamp;
use serde::Serialize;
use stepmill_interpreter::{Fact, Limits, Payload, Reason, Record};

use super::changes_status;
use crate::observe::escaped::{LIMIT, escaped_len};
use crate::observer::ObservedTurn;

/// `States.Timeout` is the error of an execution that took too long.
const TIMEOUT: &str = "States.Timeout";

/// One event for EventBridge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// The account of the state machine.
    pub account: String,
    /// Its region.
    pub region: String,
    /// When the status changed, in milliseconds since 1970.
    pub time: i64,
    /// `resources`: the execution's ARN.
    pub resource: String,
    /// `detail`, as JSON text.
    pub detail: String,
}

/// `detail`: members and order as observed on AWS; what is absent is null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    execution_arn: &'a str,
    state_machine_arn: &'a str,
    name: &'a str,
    status: &'a str,
    start_date: i64,
    stop_date: Option<i64>,
    input: Option<&'a str>,
    output: Option<&'a str>,
    state_machine_version_arn: Option<&'a str>,
    state_machine_alias_arn: Option<&'a str>,
    redrive_count: u32,
    redrive_date: Option<String>,
    redrive_status: &'a str,
    redrive_status_reason: String,
    input_details: Included,
    output_details: Option<Included>,
    error: Option<&'a str>,
    cause: Option<&'a str>,
}

#[derive(Serialize)]
struct Included {
    included: bool,
}

impl StatusChange {
    /// The event that a record of a turn causes; `None` if the status stays as it is.
    pub(super) fn of(turn: &ObservedTurn<'_>, record: &Record, redrives: u32) -> Option<Self> {
        if !changes_status(&record.fact) {
            return None;
        }
        let (revision, execution) = (turn.revision, turn.execution);
        let identity = execution.identity();
        let ending = Ending::of(&record.fact);
        let input = execution.input().map_or("", Payload::text);
        let (input_included, output_included) = included(input, ending.output);
        let redriven = execution.redriven_at().filter(|_| redrives > 0);
        let (redrive_status, redrive_status_reason) = redrivability(turn, record, ending.status);
        let detail = Detail {
            execution_arn: &identity.execution_arn,
            state_machine_arn: &identity.state_machine_arn,
            name: &identity.name,
            status: ending.status,
            start_date: execution.started().as_millisecond(),
            stop_date: ending.is_end.then(|| record.time.as_millisecond()),
            input: input_included.then_some(input),
            output: ending.output.filter(|_| output_included),
            state_machine_version_arn: identity.version_arn.as_deref(),
            state_machine_alias_arn: identity.alias_arn.as_deref(),
            redrive_count: redrives,
            redrive_date: redriven.map(date),
            redrive_status,
            redrive_status_reason,
            input_details: Included {
                included: input_included,
            },
            output_details: ending.output.map(|_| Included {
                included: output_included,
            }),
            error: ending.error,
            cause: ending.cause,
        };
        Some(Self {
            account: revision.account.clone(),
            region: revision.region.clone(),
            time: record.time.as_millisecond(),
            resource: identity.execution_arn.clone(),
            detail: serde_json::to_string(&detail).ok()?,
        })
    }
}

/// What a fact says of an execution's end.
struct Ending<'a> {
    status: &'static str,
    is_end: bool,
    output: Option<&'a str>,
    error: Option<&'a str>,
    cause: Option<&'a str>,
}

impl<'a> Ending<'a> {
    fn of(fact: &'a Fact) -> Self {
        let ended = |status| Self {
            status,
            is_end: true,
            output: None,
            error: None,
            cause: None,
        };
        let without_success = |status, reason: &'a Reason| Self {
            error: reason.error.as_deref(),
            cause: reason.cause.as_deref(),
            ..ended(status)
        };
        match fact {
            Fact::ExecutionSucceeded { output } => Self {
                output: Some(output.text()),
                ..ended("SUCCEEDED")
            },
            Fact::ExecutionFailed(reason) => without_success("FAILED", reason),
            Fact::ExecutionAborted(reason) => without_success("ABORTED", reason),
            Fact::ExecutionTimedOut => Self {
                error: Some(TIMEOUT),
                ..ended("TIMED_OUT")
            },
            _ => Self {
                is_end: false,
                ..ended("RUNNING")
            },
        }
    }
}

/// Whether input and output go into the event: first the input is left out, then the output.
fn included(input: &str, output: Option<&str>) -> (bool, bool) {
    let output = output.map_or(0, escaped_len);
    (escaped_len(input) + output <= LIMIT, output <= LIMIT)
}

/// `redriveStatus` and `redriveStatusReason`.
fn redrivability(turn: &ObservedTurn<'_>, record: &Record, status: &str) -> (&'static str, String) {
    let cannot = match status {
        "RUNNING" | "SUCCEEDED" => Some(format!("Execution is {status} and cannot be redriven")),
        _ => turn
            .execution
            .redrivable(record.time, &Limits::STANDARD)
            .err()
            .map(|reason| reason.to_string()),
    };
    match cannot {
        Some(reason) => ("NOT_REDRIVABLE", reason),
        None => (
            "REDRIVABLE",
            format!("Execution is {status} and is redrivable"),
        ),
    }
}

fn date(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
