//! The form of a log event.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};
use stepmill_interpreter::{Record, history_event};

use crate::observe::escaped::{LIMIT, escaped_len, fitting};
use crate::observer::ObservedTurn;

/// One event of an execution, on its way to its log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEvent {
    /// Where it belongs.
    pub stream: Arc<LogStream>,
    /// When it happened, in milliseconds since 1970.
    pub timestamp: i64,
    /// What is logged: a JSON object on one line.
    pub message: String,
}

/// A log stream in a log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStream {
    /// The log group's ARN, without `:*`.
    pub group_arn: String,
    /// The log stream's name, `states/MACHINE/yyyy-mm-dd-hh-mm/HEX`: when the process began, and
    /// what tells it from others.
    pub name: String,
}

impl LogStream {
    pub(super) fn new(group_arn: &str, machine: &str, process: &str) -> Self {
        Self {
            group_arn: group_arn.strip_suffix(":*").unwrap_or(group_arn).to_owned(),
            name: format!("states/{machine}/{process}"),
        }
    }

    /// The account, the region and the name of the log group.
    pub fn group(&self) -> (&str, &str, &str) {
        // `arn:PARTITION:logs:REGION:ACCOUNT:log-group:NAME`
        let mut parts = self.group_arn.splitn(7, ':').skip(3);
        let mut next = || parts.next().unwrap_or_default();
        let (region, account, _) = (next(), next(), next());
        (account, region, next())
    }
}

/// A log event's message: its members, their order and their types as observed on AWS.
#[derive(Serialize)]
struct Message<'a> {
    id: String,
    #[serde(rename = "type")]
    event_type: &'a str,
    details: Map<String, Value>,
    previous_event_id: String,
    event_timestamp: String,
    execution_arn: &'a str,
    redrive_count: String,
}

/// What is logged of a record; `None` if it is none of history's events.
pub(super) fn message(turn: &ObservedTurn<'_>, record: &Record, redrives: u32) -> Option<String> {
    let revision = turn.revision;
    let identity = turn.execution.identity();
    let event = history_event(&revision.definition, identity, &revision.region, record)?;
    let details = match event.details {
        Some((_, Value::Object(details))) => details,
        _ => Map::new(),
    };
    let message = Message {
        id: event.id.to_string(),
        event_type: &event.event_type,
        details: logged(details, revision.logging.include_execution_data),
        previous_event_id: event.previous.to_string(),
        event_timestamp: event.timestamp.as_millisecond().to_string(),
        execution_arn: &identity.execution_arn,
        redrive_count: redrives.to_string(),
    };
    // Texts and maps of texts can always be written.
    serde_json::to_string(&message).ok()
}

/// The members with what an execution works on, and those that tell of them. AWS was observed to
/// leave inputs and outputs out; parameters and variables are data no less.
const DATA: [&str; 7] = [
    "input",
    "inputDetails",
    "output",
    "outputDetails",
    "parameters",
    "assignedVariables",
    "assignedVariablesDetails",
];

/// The content of a details member as it is logged: all numbers are texts, members are in the order
/// of their names, and data that is too long is cut.
fn logged(mut details: Map<String, Value>, with_data: bool) -> Map<String, Value> {
    if with_data {
        for member in ["input", "output", "parameters"] {
            let text = details.get_mut(member);
            if text.is_some_and(|text| cut(text, &mut { LIMIT })) {
                // There is no `parametersDetails`.
                mark(&mut details, &format!("{member}Details"));
            }
        }
        if let Some(Value::Object(variables)) = details.get_mut("assignedVariables") {
            let mut left = LIMIT;
            let mut is_cut = false;
            for value in variables.values_mut() {
                is_cut |= cut(value, &mut left);
            }
            if is_cut {
                mark(&mut details, "assignedVariablesDetails");
            }
        }
    } else {
        details.retain(|member, _| !DATA.contains(&member.as_str()));
    }
    for value in details.values_mut() {
        if let Value::Number(number) = value {
            *value = Value::String(number.to_string());
        }
    }
    details.sort_keys();
    details
}

/// Cuts a text to what is left of the limit; whether it had to.
fn cut(text: &mut Value, left: &mut usize) -> bool {
    let Value::String(text) = text else {
        return false;
    };
    // A byte comes to six at most.
    let is_cut = text.len() > *left / 6 && escaped_len(text) > *left;
    if is_cut {
        text.truncate(fitting(text, *left).len());
    }
    *left -= escaped_len(text);
    is_cut
}

fn mark(details: &mut Map<String, Value>, member: &str) {
    if let Some(mark) = details.get_mut(member) {
        *mark = json!({"truncated": true});
    }
}
