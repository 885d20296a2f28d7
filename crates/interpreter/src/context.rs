//! The context object (`$$`, `$states.context`).
//!
//! Source: Step Functions Developer Guide, "Accessing the Context object".

use serde_json::{Map, Value, json};
use stepmill_asl::model::StateMachine;
use stepmill_asl::timestamp;

use crate::execution::Execution;
use crate::payload::Payload;
use crate::record::ThreadId;
use crate::thread::{Doing, Visit};

/// The item that an `ItemSelector` is evaluated for, or an iteration runs for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) index: u32,
    pub(crate) value: &'a Value,
}

/// Builds the context object as a state sees it.
pub(crate) fn context_object(
    machine: &StateMachine,
    execution: &Execution,
    thread: ThreadId,
    visit: &Visit,
    token: Option<&str>,
    item: Option<Item<'_>>,
) -> Value {
    let identity = execution.identity();
    let mut about = json!({
        "Id": identity.execution_arn,
        "Input": execution.input().map(Payload::value),
        "Name": identity.name,
        "RoleArn": identity.role_arn,
        "StartTime": timestamp::format(execution.started()),
    });
    // Express executions cannot be redriven and lack the count (observed on AWS).
    if !identity.express {
        about["RedriveCount"] = json!(execution.redrive_count());
    }
    if let Some(redriven) = execution.redriven_at() {
        about["RedriveTime"] = json!(timestamp::format(redriven));
    }
    let mut context = Map::new();
    context.insert("Execution".to_owned(), about);
    context.insert(
        "StateMachine".to_owned(),
        json!({ "Id": identity.state_machine_arn, "Name": identity.state_machine_name }),
    );
    let state = machine.state(visit.state);
    let mut about = json!({
        "Name": &*state.name,
        "EnteredTime": timestamp::format(visit.entered_at),
    });
    // Only states that can be retried have a count (observed on AWS).
    if state.error_handling().is_some() {
        about["RetryCount"] = json!(visit.retry_count());
    }
    context.insert("State".to_owned(), about);
    if let Some(token) = token {
        context.insert("Task".to_owned(), json!({ "Token": token }));
    }
    if let Some(item) = item.or_else(|| enclosing_item(execution, thread)) {
        context.insert(
            "Map".to_owned(),
            // Items of an inline Map state have no `Key`: they are always an array's.
            json!({ "Item": {
                "Index": item.index,
                "Value": item.value,
                "Source": "STATE_DATA",
            } }),
        );
    }
    Value::Object(context)
}

/// The item of the innermost iteration that the thread is part of.
fn enclosing_item(execution: &Execution, thread: ThreadId) -> Option<Item<'_>> {
    let mut thread = execution.thread(thread)?;
    loop {
        let (parent, index) = thread.parent?;
        if let Doing::Map(iterations) = &execution.visit(parent)?.doing {
            let value = iterations.items.value().get(index as usize)?;
            return Some(Item { index, value });
        }
        thread = execution.thread(parent)?;
    }
}
