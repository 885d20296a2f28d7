//! `events:putEvents`.
//!
//! Source: Developer Guide, "Add EventBridge events with Step Functions"; the error is observed.

use serde_json::{Map, Value, json};

use crate::aws::request::Request;
use crate::call::Outcome;

/// Sends events that tell where they come from, in the order that was observed. If one of them is refused, the task fails.
pub(super) async fn put(
    request: &Request<'_>,
    mut parameters: Map<String, Value>,
) -> Result<Value, Outcome> {
    let origin = [&request.call.state_machine_arn, &request.call.execution_arn];
    let entries = parameters.get_mut("Entries").and_then(Value::as_array_mut);
    for entry in entries.into_iter().flatten() {
        let Some(entry) = entry.as_object_mut() else {
            continue;
        };
        let resources = entry.entry("Resources").or_insert_with(|| json!([]));
        // What is no list is refused as such.
        if let Some(resources) = resources.as_array_mut() {
            resources.extend(origin.map(|arn| json!(arn)));
        }
    }
    let response = request.send(parameters.clone()).await?;
    let result = request.result(response, &parameters);
    match result.get("FailedEntryCount").and_then(Value::as_u64) {
        None | Some(0) => Ok(result),
        Some(_) => Err(Outcome::failed(
            "EventBridge.FailedEntry",
            result.to_string(),
        )),
    }
}
