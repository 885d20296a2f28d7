//! SageMaker: Create Endpoint

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let endpoint_name = JsonPath::string_at("$.EndpointName");
    let config_name = JsonPath::string_at("$.EndpointConfigName");
    let task = SageMakerCreateEndpoint::new(stack, "SagemakerEndpoint", endpoint_name, config_name);

    vec![task.build()]
}
