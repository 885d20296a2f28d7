//! Wait: lets time pass.

use super::options::{Assigning, InputOutput, StateOptions, state_builder};
use super::render::{Members, Rendering};
use super::state::{Kind, Node};
use crate::core::{Duration, Scope};
use crate::value::{JsonPath, Text, Value};

/// How long, or until when, a Wait state waits.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitTime(Time);

#[derive(Debug, Clone, PartialEq)]
enum Time {
    Duration(Duration),
    Seconds(String),
    Timestamp(Text),
    SecondsPath(JsonPath),
    TimestampPath(JsonPath),
}

impl WaitTime {
    /// A fixed time, in whole seconds.
    pub fn duration(duration: Duration) -> Self {
        Self(Time::Duration(duration))
    }

    /// Seconds that an expression gives: `{% $states.input.seconds %}`. JSONata only.
    pub fn seconds(expression: impl Into<String>) -> Self {
        Self(Time::Seconds(expression.into()))
    }

    /// Until a point in time: `2016-03-14T01:59:00Z`, or in JSONata an expression.
    pub fn timestamp(timestamp: impl Into<Text>) -> Self {
        Self(Time::Timestamp(timestamp.into()))
    }

    /// Seconds at a path of the state's input. JSONPath only.
    pub fn seconds_path(path: impl Into<JsonPath>) -> Self {
        Self(Time::SecondsPath(path.into()))
    }

    /// Until the point in time at a path of the state's input. JSONPath only.
    pub fn timestamp_path(path: impl Into<JsonPath>) -> Self {
        Self(Time::TimestampPath(path.into()))
    }
}

/// A state that waits.
#[derive(Debug, Clone)]
#[must_use]
pub struct Wait {
    scope: Scope,
    options: StateOptions,
    time: WaitTime,
}

impl Wait {
    /// A state that waits for a time, or until one.
    pub fn new(scope: &Scope, id: &str, time: WaitTime) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            time,
        }
    }
}

state_builder!(Wait, |wait| Kind::Wait(wait.time));

impl Assigning for Wait {}
impl InputOutput for Wait {}

impl Rendering<'_> {
    pub(super) fn wait_time(&self, node: &Node, time: &WaitTime, members: &mut Members) {
        match &time.0 {
            Time::Duration(duration) => members.add("Seconds", Some(duration.to_seconds())),
            Time::Seconds(expression) => {
                self.expression(node, "Seconds", "seconds", expression, members);
            }
            Time::Timestamp(timestamp) => {
                let timestamp = Value::from(timestamp);
                members.add(
                    "Timestamp",
                    self.literal(node, "timestamp", Some(&timestamp)),
                );
            }
            Time::SecondsPath(path) => {
                self.path(node, "SecondsPath", "seconds_path", Some(path), members);
            }
            Time::TimestampPath(path) => {
                self.path(node, "TimestampPath", "timestamp_path", Some(path), members);
            }
        }
    }
}
