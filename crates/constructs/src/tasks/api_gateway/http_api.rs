//! Calls of HTTP APIs.

use super::base::{self, CallApiGatewayEndpointBase, CallOptions, HttpMethod};
use crate::core::{Problem, Scope};
use crate::resources::endpoint;
use crate::states::{StateOptions, TaskDefinition, TaskScope, task_state};
use crate::value::Text;

/// Calls an endpoint of an HTTP API.
#[derive(Debug, Clone)]
#[must_use]
pub struct CallApiGatewayHttpApiEndpoint {
    scope: Scope,
    options: StateOptions,
    call: CallOptions,
    api_id: Text,
    api_stack: Scope,
    stage_name: Option<Text>,
    method: HttpMethod,
}

impl CallApiGatewayHttpApiEndpoint {
    /// Calls a method of an API of a stack: `("Call", api.api_id(), stack, HttpMethod::Get)`.
    pub fn new(
        scope: &Scope,
        id: &str,
        api_id: impl Into<Text>,
        api_stack: &Scope,
        method: HttpMethod,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            call: CallOptions::default(),
            api_id: api_id.into(),
            api_stack: api_stack.clone(),
            stage_name: None,
            method,
        }
    }

    /// The stage that is called; the default stage unless said.
    pub fn stage_name(mut self, stage_name: impl Into<Text>) -> Self {
        self.stage_name = Some(stage_name.into());
        self
    }
}

impl CallApiGatewayEndpointBase for CallApiGatewayHttpApiEndpoint {
    fn call(&mut self) -> &mut CallOptions {
        &mut self.call
    }
}

task_state!(CallApiGatewayHttpApiEndpoint, define);

fn define(
    http: CallApiGatewayHttpApiEndpoint,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    let endpoint = endpoint(&http.api_stack, &http.api_id);
    base::define(http.call, task, endpoint, http.method, http.stage_name)
}
