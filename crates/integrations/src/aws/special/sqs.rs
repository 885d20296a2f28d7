//! `sqs:sendMessage`.

use serde_json::{Map, Value};

use crate::aws::error::client_side;
use crate::aws::request::Request;
use crate::call::Outcome;

/// Sends a message.
///
/// AWS sends it to the host in the queue's URL, not to the service's endpoint, and so fails otherwise
/// for a queue whose host does not exist (observed).
pub(super) async fn send(
    request: &Request<'_>,
    parameters: Map<String, Value>,
) -> Result<Value, Outcome> {
    match request.send(parameters.clone()).await {
        Ok(response) => Ok(request.result(response, &parameters)),
        Err(outcome) => {
            let url = parameters.get("QueueUrl").and_then(Value::as_str);
            let host = url.map(host).unwrap_or_default();
            if is_unknown_queue(&outcome) && tokio::net::lookup_host((host, 443)).await.is_err() {
                let cause =
                    format!("Unable to execute HTTP request: {host}: Name or service not known");
                return Err(client_side(&request.action, cause));
            }
            Err(outcome)
        }
    }
}

fn is_unknown_queue(outcome: &Outcome) -> bool {
    let name = "SQS.QueueDoesNotExistException";
    matches!(outcome, Outcome::Failed { error: Some(error), .. } if error == name)
}

/// The host of a URL; a text that is none is taken for one.
fn host(url: &str) -> &str {
    let after = url.split_once("://").map_or(url, |(_, after)| after);
    after.split(['/', ':', '?', '#']).next().unwrap_or_default()
}
