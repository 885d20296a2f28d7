//! EventBridge: sends events.

use crate::core::{Problem, Scope};
use crate::resources::EventBus;
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskInput, TaskScope, task_state,
};
use crate::value::{Text, Value};

/// Sends events to event buses.
#[derive(Debug, Clone)]
#[must_use]
pub struct EventBridgePutEvents {
    scope: Scope,
    options: StateOptions,
    entries: Vec<EventBridgePutEventsEntry>,
}

/// An event.
#[derive(Debug, Clone)]
#[must_use]
pub struct EventBridgePutEventsEntry {
    detail: TaskInput,
    detail_type: Text,
    source: Text,
    event_bus: Option<EventBus>,
}

impl EventBridgePutEventsEntry {
    /// An event of a type from a source, `orders.checkout`, for the default bus.
    pub fn new(detail: TaskInput, detail_type: impl Into<Text>, source: impl Into<Text>) -> Self {
        Self {
            detail,
            detail_type: detail_type.into(),
            source: source.into(),
            event_bus: None,
        }
    }

    /// The bus that it is sent to.
    pub fn event_bus(mut self, bus: &EventBus) -> Self {
        self.event_bus = Some(bus.clone());
        self
    }

    fn into_value(self) -> Value {
        let bus = self.event_bus.map(|bus| bus.event_bus_arn().into());
        Value::object([
            ("Detail", Some(self.detail.into_value())),
            ("DetailType", Some(self.detail_type.into())),
            ("EventBusName", bus),
            ("Source", Some(self.source.into())),
        ])
    }
}

impl EventBridgePutEvents {
    /// Sends events, at least one.
    pub fn new(
        scope: &Scope,
        id: &str,
        entries: impl IntoIterator<Item = EventBridgePutEventsEntry>,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            entries: entries.into_iter().collect(),
        }
    }
}

task_state!(EventBridgePutEvents, define);

fn define(put: EventBridgePutEvents, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, WaitForTaskToken};

    let pattern = task.pattern(RequestResponse, &[RequestResponse, WaitForTaskToken])?;
    let details = put.entries.iter().map(|entry| entry.detail.value().clone());
    let missing = "Task Token is required in `entries`. Use JsonPath.taskToken to set the token.";
    task.needs_token(
        pattern,
        "entries",
        Some(&Value::List(details.collect())),
        missing,
    )?;
    if put.entries.is_empty() {
        let message = "Value for property `entries` must be a non-empty array.";
        return Err(Problem::property("entries", message));
    }
    let of_aws = |entry: &EventBridgePutEventsEntry| {
        let source = entry.source.as_literal();
        source.is_some_and(|source| source.starts_with("aws."))
    };
    if put.entries.iter().any(of_aws) {
        let message = "Event source cannot start with \"aws.\"";
        return Err(Problem::property("entries", message));
    }
    let entries = put.entries.into_iter();
    let entries = entries.map(EventBridgePutEventsEntry::into_value).collect();
    let parameters = Value::object([("Entries", Some(Value::List(entries)))]);
    task.integration("events", "putEvents", pattern, parameters, &[])
}
