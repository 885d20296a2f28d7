//! SageMaker: Update Endpoint

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let endpoint_name = JsonPath::string_at("$.Endpoint.Name");
    let config_name = JsonPath::string_at("$.Endpoint.EndpointConfig");
    let task = SageMakerUpdateEndpoint::new(stack, "SagemakerEndpoint", endpoint_name, config_name);

    vec![task.build()]
}
