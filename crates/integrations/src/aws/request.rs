//! A task's call of a service: parameters out, result in.

use std::time::Duration;

use serde_json::{Map, Value};
use stepmill_asl::model::ServiceResource;
use stepmill_aws_client::{CallError, Overrides, Response};
use stepmill_catalog::{self as catalog, Service};

use super::action::Action;
use super::{Caller, error};
use crate::call::{Call, Outcome};
use crate::metadata::{sdk_metadata, spelled};
use crate::parameters;

/// What is called for a task, how, and as whom.
pub(super) struct Request<'a> {
    pub(super) caller: Caller,
    pub(super) resource: &'a ServiceResource,
    pub(super) action: Action,
    pub(super) call: &'a Call,
}

impl Request<'_> {
    /// The task's parameters as the API has them: JSON as text where the API wants text.
    pub(super) fn parameters(&self) -> Result<Map<String, Value>, Outcome> {
        let mut parameters = self.call.parameters()?;
        let Some(row) = self.action.integration.row() else {
            return Ok(parameters);
        };
        parameters::complete(&row.required, &parameters)
            .map_err(|reason| self.call.unusable(&reason))?;
        for path in &row.json_texts {
            to_text(&mut parameters, path);
        }
        Ok(parameters)
    }

    /// Calls the task's own API action.
    pub(super) async fn send(&self, parameters: Map<String, Value>) -> Result<Response, Outcome> {
        self.send_to(&self.action.operation, parameters).await
    }

    /// Calls an operation of the task's service.
    pub(super) async fn send_to(
        &self,
        operation: &str,
        parameters: Map<String, Value>,
    ) -> Result<Response, Outcome> {
        let called = self.call_to(operation, parameters).await;
        called.map_err(|error| error::outcome(&self.action, self.call, &error))
    }

    /// The same, with the error as it is.
    pub(super) async fn call_to(
        &self,
        operation: &str,
        parameters: Map<String, Value>,
    ) -> Result<Response, CallError> {
        let row = self.action.integration.row();
        let overrides = Overrides {
            timeout: row
                .and_then(|row| row.limits.seconds)
                .map(Duration::from_secs),
            region: Some(self.caller.region.clone()),
            credentials: self.caller.credentials.clone(),
            style: self.action.style(),
            token: Some(self.call.stable_name()),
            // AWS SDK integrations have none (Developer Guide, "Learning to use AWS service SDK
            // integrations").
            event_stream: row.is_some(),
            ..Overrides::default()
        };
        let model = self.action.model;
        let parameters = Value::Object(parameters);
        let client = &self.caller.client;
        let called = client.call(model, operation, &parameters, &overrides);
        called.await
    }

    /// The task's result of a response, with what an optimised integration adds.
    pub(super) fn result(&self, response: Response, parameters: &Map<String, Value>) -> Value {
        let Some(row) = self.action.integration.row() else {
            return response.json;
        };
        let mut result = match &response.json {
            Value::Object(members) => members.clone(),
            _ => Map::new(),
        };
        for name in &row.json_results {
            if let Some(Value::String(text)) = result.get(name)
                && let Ok(value) = serde_json::from_str(text)
            {
                result.insert(name.clone(), value);
            }
        }
        for name in &row.echoes {
            if let Some(value) = parameters.get(name) {
                result.insert(name.clone(), value.clone());
            }
        }
        if row.sdk_metadata {
            let service = catalog::service(&self.resource.service);
            let [http, metadata] = metadata(&response, service);
            result.extend([http, metadata].map(|(name, value)| (name.to_owned(), value)));
        }
        Value::Object(result)
    }
}

fn metadata(response: &Response, service: Option<&Service>) -> [(&'static str, Value); 2] {
    let headers = response.headers.iter().filter_map(|(name, value)| {
        let value = value.to_str().ok()?;
        let name = name.as_str();
        let own = service.and_then(|service| service.headers.get(name));
        Some((own.map_or_else(|| spelled(name), String::as_str), value))
    });
    let headers: Vec<_> = headers.collect();
    let id = response.request_id.as_deref().unwrap_or_default();
    sdk_metadata(response.status, id, &headers)
}

/// Makes what a path such as `Entries[].Detail` names a text, if it is none.
fn to_text(parameters: &mut Map<String, Value>, path: &str) {
    if let Some((name, rest)) = path.split_once("[].") {
        let items = parameters.get_mut(name).and_then(Value::as_array_mut);
        for item in items.into_iter().flatten() {
            if let Some(item) = item.as_object_mut() {
                to_text(item, rest);
            }
        }
        return;
    }
    match parameters.get_mut(path) {
        None | Some(Value::Null | Value::String(_)) => {}
        Some(value) => *value = Value::String(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use serde_json::json;

    use super::*;

    /// Observed: DynamoDB's results have `Connection`, those of SQS `connection`.
    #[test]
    fn headers_are_spelled_as_the_services_results_have_them() {
        let headers = [("connection", "keep-alive"), ("content-type", "a/b")];
        let headers = headers.map(|(name, value)| {
            let name = http::HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        let response = Response {
            json: json!({}),
            status: 200,
            headers: HeaderMap::from_iter(headers),
            request_id: None,
            attempts: 1,
        };
        for (service, connection) in [("dynamodb", "Connection"), ("sqs", "connection")] {
            let [(_, http), _] = metadata(&response, catalog::service(service));
            let expected = json!({ connection: "keep-alive", "Content-Type": "a/b" });
            assert_eq!(http["HttpHeaders"], expected, "{service}");
        }
    }

    fn object(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn json_becomes_text_where_a_path_says_so() {
        let mut parameters = object(json!({
            "Body": { "a": [1] }, "Text": "{}",
            "Entries": [{ "Detail": { "b": 1.0 } }, { "Detail": "c" }, {}],
        }));
        for path in ["Body", "Text", "Missing", "Entries[].Detail"] {
            to_text(&mut parameters, path);
        }
        let expected = json!({
            "Body": "{\"a\":[1]}", "Text": "{}",
            "Entries": [{ "Detail": "{\"b\":1.0}" }, { "Detail": "c" }, {}],
        });
        assert_eq!(Value::Object(parameters), expected);
    }
}
