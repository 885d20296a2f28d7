//! Makes endpoints.

use crate::core::{Problem, Scope};
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskInput, TaskScope, task_state,
};
use crate::value::{Text, Value};

/// Makes an endpoint of an endpoint configuration.
#[derive(Debug, Clone)]
#[must_use]
pub struct SageMakerCreateEndpoint {
    scope: Scope,
    options: StateOptions,
    endpoint_name: Text,
    endpoint_config_name: Text,
    tags: Option<TaskInput>,
}

impl SageMakerCreateEndpoint {
    /// Makes an endpoint of an endpoint configuration.
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
            tags: None,
        }
    }

    /// The endpoint's tags: a list of objects with `Key` and `Value`.
    pub fn tags(mut self, tags: TaskInput) -> Self {
        self.tags = Some(tags);
        self
    }
}

task_state!(SageMakerCreateEndpoint, define);

fn define(
    endpoint: SageMakerCreateEndpoint,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::RequestResponse;

    let pattern = task.pattern(RequestResponse, &[RequestResponse])?;
    let parameters = Value::object([
        (
            "EndpointConfigName",
            Some(endpoint.endpoint_config_name.into()),
        ),
        ("EndpointName", Some(endpoint.endpoint_name.into())),
        ("Tags", endpoint.tags.map(TaskInput::into_value)),
    ]);
    task.integration("sagemaker", "createEndpoint", pattern, parameters, &[])
}
