//! Changes endpoints.

use crate::core::{Problem, Scope};
use crate::states::{IntegrationPattern, StateOptions, TaskDefinition, TaskScope, task_state};
use crate::value::Text;

/// Gives an endpoint another configuration.
#[derive(Debug, Clone)]
#[must_use]
pub struct SageMakerUpdateEndpoint {
    scope: Scope,
    options: StateOptions,
    endpoint_name: Text,
    endpoint_config_name: Text,
}

impl SageMakerUpdateEndpoint {
    /// Gives an endpoint another configuration.
    pub fn new(
        scope: &Scope,
        id: &str,
        endpoint_name: impl Into<Text>,
        endpoint_config_name: impl Into<Text>,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            endpoint_name: endpoint_name.into(),
            endpoint_config_name: endpoint_config_name.into(),
        }
    }
}

task_state!(SageMakerUpdateEndpoint, define);

fn define(
    endpoint: SageMakerUpdateEndpoint,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::RequestResponse;

    let pattern = task.pattern(RequestResponse, &[RequestResponse])?;
    let parameters = crate::object! {
        "EndpointConfigName": endpoint.endpoint_config_name,
        "EndpointName": endpoint.endpoint_name,
    };
    task.integration("sagemaker", "updateEndpoint", pattern, parameters, &[])
}
