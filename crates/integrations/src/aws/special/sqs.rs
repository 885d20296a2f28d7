//! `sqs:sendMessage`.

use serde_json::{Map, Value};

use crate::aws::error::client_side;
use crate::aws::request::Request;
use crate::call::Outcome;

/// Sends a message. AWS takes the queue's URL as the endpoint, so that one that names no host is
/// looked for in vain (observed).
pub(super) async fn send(
    request: &Request<'_>,
    parameters: Map<String, Value>,
) -> Result<Value, Outcome> {
    if let Some(Value::String(url)) = parameters.get("QueueUrl")
        && !url.contains("://")
    {
        let cause = format!("Unable to execute HTTP request: {url}: Name or service not known");
        return Err(client_side(&request.action, cause));
    }
    let response = request.send(parameters.clone()).await?;
    Ok(request.result(response, &parameters))
}
