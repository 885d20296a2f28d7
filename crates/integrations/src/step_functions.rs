//! Step Functions itself as an AWS SDK integration: `aws-sdk:sfn:ACTION`.
//!
//! Requests and responses are the API's with the first letters of their members changed, as AWS's
//! SDK for Java 2 has them; times are texts. Texts of errors are observed on AWS.

use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use stepmill_asl::model::{IntegrationPattern, ServiceResource};
use uuid::Uuid;

use crate::call::{Call, Outcome};
use crate::nested::Refusal;

/// The Step Functions API.
pub trait StepFunctions: Send + Sync + 'static {
    /// Does an action, by its name in the API (`SendTaskSuccess`), for a caller of that account and
    /// region; request and response are the API's JSON.
    fn call<'a>(
        &'a self,
        account: &'a str,
        region: &'a str,
        action: &'a str,
        request: Value,
    ) -> Pin<Box<dyn Future<Output = Result<Value, Refusal>> + Send + 'a>>;
}

/// Whether a resource is an action of Step Functions by the SDK.
pub(crate) fn is_action(service: &ServiceResource) -> bool {
    service.sdk && &*service.service == "sfn"
}

/// Does the action of a task.
pub(crate) async fn run(
    api: &dyn StepFunctions,
    service: &ServiceResource,
    call: &Call,
) -> Outcome {
    let Ok(parameters) = serde_json::from_str(&call.input) else {
        return Outcome::Impossible("The parameters must be a JSON object".to_owned());
    };
    let request = renamed(parameters, first_lower);
    let action = first_upper(&service.action);
    match api
        .call(call.account(), call.region(), &action, request)
        .await
    {
        Ok(response) => {
            let response = renamed(response, first_upper).to_string();
            if service.pattern == IntegrationPattern::WaitForTaskToken {
                Outcome::Submitted(response)
            } else {
                Outcome::Succeeded(response)
            }
        }
        Err(refusal) => {
            let id = Uuid::new_v4().to_string();
            refusal.failure(&id).of_sdk_service(&service.service)
        }
    }
}

/// The same JSON with its members named otherwise, and times as texts where members are capitalised.
fn renamed(value: Value, rename: fn(&str) -> String) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| {
                let renamed_to = rename(&name);
                let value = match time(&name, &value) {
                    Some(time) => json!(time),
                    // Its members are names of states.
                    None if name == "variableReferences" => value,
                    None => renamed(value, rename),
                };
                (renamed_to, value)
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        Value::Array(items) => items
            .into_iter()
            .map(|item| renamed(item, rename))
            .collect(),
        other => other,
    }
}

/// A time of a response as a text; requests have none.
fn time(name: &str, value: &Value) -> Option<String> {
    let seconds = value.as_f64()?;
    if !(name.ends_with("Date") || name == "timestamp") {
        return None;
    }
    #[allow(clippy::cast_possible_truncation)] // milliseconds are far below 2⁵³
    let milliseconds = (seconds * 1_000.0).round() as i64;
    let time = Timestamp::from_millisecond(milliseconds).ok()?;
    Some(format!("{time:.3}"))
}

fn first_lower(name: &str) -> String {
    with_first(name, char::to_ascii_lowercase)
}

fn first_upper(name: &str) -> String {
    with_first(name, char::to_ascii_uppercase)
}

fn with_first(name: &str, change: fn(&char) -> char) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| change(&first));
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{first_lower, first_upper, renamed};

    #[test]
    fn members_are_renamed_and_times_are_texts() {
        let request = json!({"TaskToken": "t", "Tags": [{"Key": "K", "Value": "V"}]});
        assert_eq!(
            renamed(request, first_lower),
            json!({"taskToken": "t", "tags": [{"key": "K", "value": "V"}]})
        );
        let response = json!({
            "startDate": 1_700_503_148.927,
            "output": "{\"startDate\":1}",
            "variableReferences": {"aState": ["aName"]},
        });
        assert_eq!(
            renamed(response, first_upper),
            json!({
                "StartDate": "2023-11-20T17:59:08.927Z",
                "Output": "{\"startDate\":1}",
                "VariableReferences": {"aState": ["aName"]},
            })
        );
    }
}
