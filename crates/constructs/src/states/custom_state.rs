//! Custom states: anything that the States Language knows, as JSON.

use super::options::{Catching, StateOptions, state_builder};
use super::render::{Members, Rendering};
use super::state::{Kind, Node, State};
use crate::core::{Problem, Scope};
use crate::value::{Object, Value};

/// A state that is written as JSON.
///
/// What it leads to is added by chaining; retriers and catchers of its own come before those in the JSON.
#[derive(Debug, Clone)]
#[must_use]
pub struct CustomState {
    scope: Scope,
    options: StateOptions,
    state_json: Value,
}

impl CustomState {
    /// A state whose members are those of an object, as they stand in a definition.
    pub fn new(scope: &Scope, id: &str, state_json: impl Into<Value>) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            state_json: state_json.into(),
        }
    }
}

state_builder!(CustomState, build);

impl Catching for CustomState {}

fn build(custom: CustomState) -> State {
    let state_json = custom.state_json.as_object().cloned();
    if state_json.is_none() {
        let message = "The JSON of a custom state must be an object";
        custom
            .scope
            .report(Problem::property("state_json", message));
    }
    let state_json = state_json.unwrap_or_default();
    State::new(&custom.scope, custom.options, Kind::Custom(state_json))
}

/// Whether a custom state ends the execution, or says by itself where it goes on: then nothing can follow it.
pub(super) fn goes_on_by_itself(state_json: &Object) -> bool {
    let is_last = match state_json.get("Type") {
        Some(Value::Text(kind)) => ["Succeed", "Fail", "Choice"]
            .map(Some)
            .contains(&kind.as_literal()),
        _ => false,
    };
    is_last || state_json.contains_key("Next") || state_json.contains_key("End")
}

impl Rendering<'_> {
    pub(super) fn custom(&self, node: &Node, state_json: &Object, members: &mut Members) {
        members.add("Comment", node.options.comment.clone());
        if !goes_on_by_itself(state_json) {
            self.next_or_end(node, members);
        }
        self.retry_catch(node, members);
        for (name, value) in state_json {
            let mut value = value.clone();
            if let ("Retry" | "Catch", Value::List(more)) = (name.as_str(), &mut value)
                && let Some(Value::List(own)) = members.0.get(name)
            {
                more.splice(0..0, own.iter().cloned());
            }
            members.add(name, Some(value));
        }
    }
}
