//! Functions that are not of this process: AWS's, or another endpoint's.

use serde_json::{Map, Value, json};
use stepmill_asl::model::{IntegrationPattern, Resource, ServiceResource};

use super::request::Request;
use crate::call::{Call, Outcome};
use crate::invoke::{Invoked, function_failed};

/// The integration that a call of a function is, and its parameters.
pub(super) fn invocation(call: &Call) -> Result<(ServiceResource, Map<String, Value>), Outcome> {
    match &call.resource {
        Resource::Service(resource) => Ok((resource.clone(), call.parameters()?)),
        Resource::Lambda(arn) | Resource::Activity(arn) => {
            let resource = ServiceResource {
                arn: arn.clone(),
                service: "lambda".into(),
                sdk: false,
                action: "invoke".into(),
                pattern: IntegrationPattern::RequestResponse,
            };
            let parameters = [
                ("FunctionName".to_owned(), json!(arn)),
                // The input is the payload as it is, also if it is a text.
                ("Payload".to_owned(), json!(call.input)),
            ];
            Ok((resource, Map::from_iter(parameters)))
        }
    }
}

/// Calls the function.
pub(super) async fn invoke(request: &Request<'_>, mut parameters: Map<String, Value>) -> Invoked {
    if parameters.get("Payload").is_none_or(Value::is_null) {
        parameters.insert("Payload".to_owned(), json!("{}"));
    }
    let response = match request.send(parameters.clone()).await {
        Ok(response) => response,
        Err(outcome) => {
            let name = "Lambda.ResourceNotFoundException";
            let unknown =
                matches!(&outcome, Outcome::Failed { error: Some(error), .. } if error == name);
            return match unknown {
                true => Invoked::Unknown(outcome),
                false => Invoked::Answered(outcome),
            };
        }
    };
    let by_arn = matches!(request.call.resource, Resource::Lambda(_));
    let payload = response.json.get("Payload").and_then(Value::as_str);
    let payload = payload.unwrap_or_default().to_owned();
    if response.json.get("FunctionError").is_some() {
        return Invoked::Answered(function_failed(payload, !by_arn));
    }
    if by_arn {
        return Invoked::Answered(Outcome::Succeeded(crate::invoke::as_json(payload)));
    }
    let result = request.result(response, &parameters).to_string();
    Invoked::Answered(match request.call.token {
        Some(_) => Outcome::Submitted(result),
        None => Outcome::Succeeded(result),
    })
}
