//! Records as the AWS history events of `GetExecutionHistory`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use stepmill_asl::model::{Resource, StateId, StateKind, StateMachine};

use crate::execution::Identity;
use crate::payload::Payload;
use crate::record::{EventId, Fact, Reason, Record, Schedule, TaskKind};

/// A history event as AWS shows it, but for its timestamp's encoding.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEvent {
    /// When it happened.
    pub timestamp: Timestamp,
    /// Its number, from 1.
    pub id: EventId,
    /// The event that led to it.
    pub previous: EventId,
    /// Its type, such as `TaskStateEntered`.
    pub event_type: String,
    /// The name and content of its details member, if it has one.
    pub details: Option<(&'static str, Value)>,
}

impl HistoryEvent {
    /// The event as a member of the API's response, its timestamp in seconds.
    pub fn to_json(&self) -> Value {
        #[allow(clippy::cast_precision_loss)] // milliseconds are far below 2⁵³
        let seconds = self.timestamp.as_millisecond() as f64 / 1000.0;
        let mut event = Map::new();
        event.insert("timestamp".to_owned(), json!(seconds));
        event.insert("type".to_owned(), json!(self.event_type));
        event.insert("id".to_owned(), json!(self.id));
        event.insert("previousEventId".to_owned(), json!(self.previous));
        if let Some((name, details)) = &self.details {
            event.insert((*name).to_owned(), details.clone());
        }
        Value::Object(event)
    }
}

/// The history event that a record shows as; `None` for a fact that history lacks.
pub fn history_event(
    machine: &StateMachine,
    identity: &Identity,
    region: &str,
    record: &Record,
) -> Option<HistoryEvent> {
    let (event_type, details) = show(machine, identity, region, &record.fact)?;
    Some(HistoryEvent {
        timestamp: record.time,
        id: record.id,
        previous: record.previous,
        event_type,
        details,
    })
}

type Shown = (String, Option<(&'static str, Value)>);

fn show(machine: &StateMachine, identity: &Identity, region: &str, fact: &Fact) -> Option<Shown> {
    show_execution(identity, fact)
        .or_else(|| show_state(machine, fact))
        .or_else(|| show_task(machine, region, fact))
        .or_else(|| show_map(machine, fact))
}

fn plain(event_type: &str) -> Shown {
    (event_type.to_owned(), None)
}

fn with(event_type: &str, member: &'static str, details: Value) -> Shown {
    (event_type.to_owned(), Some((member, details)))
}

fn show_execution(identity: &Identity, fact: &Fact) -> Option<Shown> {
    Some(match fact {
        Fact::ExecutionStarted { input } => {
            let mut details = input_details(input);
            details.insert("roleArn".to_owned(), json!(identity.role_arn));
            let qualifiers = [
                ("stateMachineAliasArn", &identity.alias_arn),
                ("stateMachineVersionArn", &identity.version_arn),
            ];
            for (member, arn) in qualifiers {
                if let Some(arn) = arn {
                    details.insert(member.to_owned(), json!(arn));
                }
            }
            with(
                "ExecutionStarted",
                "executionStartedEventDetails",
                Value::Object(details),
            )
        }
        Fact::ExecutionSucceeded { output } => with(
            "ExecutionSucceeded",
            "executionSucceededEventDetails",
            Value::Object(output_details(output)),
        ),
        Fact::ExecutionFailed(reason) => with(
            "ExecutionFailed",
            "executionFailedEventDetails",
            Value::Object(shown(reason)),
        ),
        Fact::ExecutionTimedOut => with(
            "ExecutionTimedOut",
            "executionTimedOutEventDetails",
            json!({ "error": crate::failure::TIMEOUT }),
        ),
        Fact::ExecutionAborted(reason) => with(
            "ExecutionAborted",
            "executionAbortedEventDetails",
            Value::Object(shown(reason)),
        ),
        Fact::ExecutionRedriven { count } => with(
            "ExecutionRedriven",
            "executionRedrivenEventDetails",
            json!({ "redriveCount": count }),
        ),
        _ => return None,
    })
}

fn show_state(machine: &StateMachine, fact: &Fact) -> Option<Shown> {
    let name = |state: &StateId| json!(&*machine.state(*state).name);
    let typed = |state: &StateId, suffix: &str| {
        format!("{}State{suffix}", machine.state(*state).kind.type_name())
    };
    Some(match fact {
        Fact::StateEntered { state, input } => {
            let mut details = Map::new();
            details.insert("name".to_owned(), name(state));
            details.extend(input_details(input));
            with(
                &typed(state, "Entered"),
                "stateEnteredEventDetails",
                Value::Object(details),
            )
        }
        Fact::StateExited {
            state,
            output,
            assigned,
            ..
        } => {
            let mut details = Map::new();
            details.insert("name".to_owned(), name(state));
            details.extend(output_details(output));
            if !assigned.is_empty() {
                let assigned: Map<String, Value> = assigned
                    .iter()
                    .map(|(name, value)| (name.to_string(), json!(value.text())))
                    .collect();
                details.insert("assignedVariables".to_owned(), Value::Object(assigned));
                details.insert(
                    "assignedVariablesDetails".to_owned(),
                    json!({"truncated": false}),
                );
            }
            with(
                &typed(state, "Exited"),
                "stateExitedEventDetails",
                Value::Object(details),
            )
        }
        Fact::StateAborted { state } => plain(&typed(state, "Aborted")),
        Fact::EvaluationFailed {
            state,
            reason,
            location,
        } => {
            let mut details = shown(reason);
            details.insert("state".to_owned(), name(state));
            if let Some(location) = location {
                details.insert("location".to_owned(), json!(location));
            }
            with(
                "EvaluationFailed",
                "evaluationFailedEventDetails",
                Value::Object(details),
            )
        }
        Fact::ParallelStarted { .. } => plain("ParallelStateStarted"),
        Fact::ParallelSucceeded => plain("ParallelStateSucceeded"),
        Fact::ParallelFailed => plain("ParallelStateFailed"),
        _ => return None,
    })
}

fn show_map(machine: &StateMachine, fact: &Fact) -> Option<Shown> {
    let iteration = |event_type: &str, member: &'static str, state: &StateId, index: &u32| {
        let name = &*machine.state(*state).name;
        with(event_type, member, json!({ "name": name, "index": index }))
    };
    Some(match fact {
        Fact::MapStarted(plan) => {
            let length = plan.items.value().as_array().map_or(0, Vec::len);
            with(
                "MapStateStarted",
                "mapStateStartedEventDetails",
                json!({ "length": length }),
            )
        }
        Fact::MapSucceeded => plain("MapStateSucceeded"),
        Fact::MapFailed => plain("MapStateFailed"),
        Fact::IterationStarted { state, index, .. } => iteration(
            "MapIterationStarted",
            "mapIterationStartedEventDetails",
            state,
            index,
        ),
        Fact::IterationSucceeded { state, index } => iteration(
            "MapIterationSucceeded",
            "mapIterationSucceededEventDetails",
            state,
            index,
        ),
        Fact::IterationFailed { state, index } => iteration(
            "MapIterationFailed",
            "mapIterationFailedEventDetails",
            state,
            index,
        ),
        Fact::IterationAborted { state, index } => iteration(
            "MapIterationAborted",
            "mapIterationAbortedEventDetails",
            state,
            index,
        ),
        _ => return None,
    })
}

/// The events of a task, whose names and details go by what it calls.
fn show_task(machine: &StateMachine, region: &str, fact: &Fact) -> Option<Shown> {
    let (state, event) = match fact {
        Fact::TaskScheduled(schedule) => (schedule.state, "Scheduled"),
        Fact::TaskStarted { state, .. } => (*state, "Started"),
        Fact::TaskSubmitted { state, .. } => (*state, "Submitted"),
        Fact::TaskSucceeded { state, .. } => (*state, "Succeeded"),
        Fact::TaskFailed { state, .. } => (*state, "Failed"),
        Fact::TaskTimedOut { state, .. } => (*state, "TimedOut"),
        _ => return None,
    };
    let StateKind::Task(task) = &machine.state(state).kind else {
        return None;
    };
    let mut details = Map::new();
    let kind = match &task.resource {
        Resource::Lambda(_) => TaskKind::Lambda,
        Resource::Activity(_) => TaskKind::Activity,
        Resource::Service(service) => {
            details.insert("resourceType".to_owned(), json!(service.resource_type()));
            details.insert("resource".to_owned(), json!(service.resource()));
            TaskKind::Service
        }
    };
    match fact {
        Fact::TaskScheduled(schedule) => {
            scheduled(&mut details, schedule, &task.resource, region);
        }
        Fact::TaskStarted {
            worker: Some(worker),
            ..
        } => {
            details.insert("workerName".to_owned(), json!(worker));
        }
        Fact::TaskSubmitted { output, .. } | Fact::TaskSucceeded { output, .. } => {
            details.extend(output_details(output));
        }
        Fact::TaskFailed { reason, .. } => details.extend(shown(reason)),
        Fact::TaskTimedOut { .. } => {
            details.insert("error".to_owned(), json!(crate::failure::TIMEOUT));
        }
        _ => {}
    }
    let (prefix, members): (_, &[(&str, &str)]) = match kind {
        TaskKind::Lambda => ("LambdaFunction", &LAMBDA_MEMBERS),
        TaskKind::Activity => ("Activity", &ACTIVITY_MEMBERS),
        TaskKind::Service => ("Task", &TASK_MEMBERS),
    };
    let member = members
        .iter()
        .find(|(name, _)| *name == event)
        .map(|(_, member)| *member);
    // LambdaFunctionStarted has no details member (observed on AWS).
    let details = member.map(|member| (member, Value::Object(details)));
    Some((format!("{prefix}{event}"), details))
}

const LAMBDA_MEMBERS: [(&str, &str); 4] = [
    ("Scheduled", "lambdaFunctionScheduledEventDetails"),
    ("Succeeded", "lambdaFunctionSucceededEventDetails"),
    ("Failed", "lambdaFunctionFailedEventDetails"),
    ("TimedOut", "lambdaFunctionTimedOutEventDetails"),
];

const ACTIVITY_MEMBERS: [(&str, &str); 5] = [
    ("Scheduled", "activityScheduledEventDetails"),
    ("Started", "activityStartedEventDetails"),
    ("Succeeded", "activitySucceededEventDetails"),
    ("Failed", "activityFailedEventDetails"),
    ("TimedOut", "activityTimedOutEventDetails"),
];

const TASK_MEMBERS: [(&str, &str); 6] = [
    ("Scheduled", "taskScheduledEventDetails"),
    ("Started", "taskStartedEventDetails"),
    ("Submitted", "taskSubmittedEventDetails"),
    ("Succeeded", "taskSucceededEventDetails"),
    ("Failed", "taskFailedEventDetails"),
    ("TimedOut", "taskTimedOutEventDetails"),
];

fn scheduled(
    details: &mut Map<String, Value>,
    schedule: &Schedule,
    resource: &Resource,
    region: &str,
) {
    match resource {
        Resource::Lambda(arn) | Resource::Activity(arn) => {
            details.insert("resource".to_owned(), json!(arn));
            details.extend(input_details(&schedule.input));
        }
        Resource::Service(_) => {
            details.insert("region".to_owned(), json!(region));
            details.insert("parameters".to_owned(), json!(schedule.input.text()));
        }
    }
    if let Some(seconds) = schedule.timeout_seconds {
        details.insert("timeoutInSeconds".to_owned(), json!(seconds));
    }
    // A Lambda function's event has no such member (API reference).
    if let Some(seconds) = schedule.heartbeat_seconds
        && !matches!(resource, Resource::Lambda(_))
    {
        details.insert("heartbeatInSeconds".to_owned(), json!(seconds));
    }
    if let Some(role) = &schedule.role_arn {
        details.insert("taskCredentials".to_owned(), json!({ "roleArn": role }));
    }
}

fn input_details(input: &Payload) -> Map<String, Value> {
    let mut details = Map::new();
    details.insert("input".to_owned(), json!(input.text()));
    details.insert("inputDetails".to_owned(), json!({ "truncated": false }));
    details
}

fn output_details(output: &Payload) -> Map<String, Value> {
    let mut details = Map::new();
    details.insert("output".to_owned(), json!(output.text()));
    details.insert("outputDetails".to_owned(), json!({ "truncated": false }));
    details
}

fn shown(reason: &Reason) -> Map<String, Value> {
    let mut details = Map::new();
    if let Some(error) = &reason.error {
        details.insert("error".to_owned(), json!(error));
    }
    if let Some(cause) = &reason.cause {
        details.insert("cause".to_owned(), json!(cause));
    }
    details
}
