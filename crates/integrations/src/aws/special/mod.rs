//! Integrations that are more than an API action with renamed parameters.

mod agent_core;
mod ecs;
mod emr;
mod events;
mod sqs;

use serde_json::Value;

use super::request::Request;
use crate::call::Outcome;

/// Makes a task's call: the result, or what comes of it instead.
pub(super) async fn run(request: &Request<'_>) -> Result<Value, Outcome> {
    let parameters = request.parameters()?;
    let resource = request.resource;
    match (resource.sdk, &*resource.service, &*resource.action) {
        (false, "bedrockagentcore", "invokeHarness") => {
            agent_core::invoke(request, parameters).await
        }
        (false, "ecs", "runTask") => ecs::run(request, parameters).await,
        (false, "events", "putEvents") => events::put(request, parameters).await,
        (false, "sqs", "sendMessage") => sqs::send(request, parameters).await,
        (false, "elasticmapreduce", action) => emr::run(request, action, parameters).await,
        _ => {
            let response = request.send(parameters.clone()).await?;
            Ok(request.result(response, &parameters))
        }
    }
}

/// Whether a job that has come to one of its ends has succeeded, where its status does not say so.
pub(super) async fn succeeded(request: &Request<'_>, result: &Value) -> bool {
    match &*request.resource.service {
        "ecs" => ecs::succeeded(request, result).await,
        _ => true,
    }
}
