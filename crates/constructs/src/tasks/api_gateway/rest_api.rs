//! Calls of REST APIs.

use super::base::{self, CallApiGatewayEndpointBase, CallOptions, HttpMethod};
use crate::core::{Problem, Scope};
use crate::resources::RestApi;
use crate::states::{StateOptions, TaskDefinition, TaskScope, task_state};
use crate::value::Text;

/// Calls an endpoint of a REST API.
#[derive(Debug, Clone)]
#[must_use]
pub struct CallApiGatewayRestApiEndpoint {
    scope: Scope,
    options: StateOptions,
    call: CallOptions,
    api: RestApi,
    stage_name: Text,
    method: HttpMethod,
}

impl CallApiGatewayRestApiEndpoint {
    /// Calls a method of an API at a stage: `("Call", &api, "prod", HttpMethod::Get)`.
    pub fn new(
        scope: &Scope,
        id: &str,
        api: &RestApi,
        stage_name: impl Into<Text>,
        method: HttpMethod,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            call: CallOptions::default(),
            api: api.clone(),
            stage_name: stage_name.into(),
            method,
        }
    }
}

impl CallApiGatewayEndpointBase for CallApiGatewayRestApiEndpoint {
    fn call(&mut self) -> &mut CallOptions {
        &mut self.call
    }
}

task_state!(CallApiGatewayRestApiEndpoint, define);

fn define(
    rest: CallApiGatewayRestApiEndpoint,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    let path = rest.call.api_path.as_ref().and_then(Text::as_literal);
    if let Some(path) = path.filter(|path| !path.starts_with('/') && !path.starts_with("{%")) {
        let message = format!(r#""path" must begin with a "/": '{path}'"#);
        return Err(Problem::property("api_path", message));
    }
    let (endpoint, stage) = (rest.api.endpoint(), Some(rest.stage_name));
    base::define(rest.call, task, endpoint, rest.method, stage)
}
