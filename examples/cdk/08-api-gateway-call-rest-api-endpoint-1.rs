//! API Gateway: Call REST API Endpoint (1)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let rest_api = RestApi::new(stack, "MyRestApi");
    // A REST API has to have a method.
    rest_api.root().add_method(HttpMethod::Get);

    let invoke_task = CallApiGatewayRestApiEndpoint::new(stack, "Call REST API", &rest_api, "prod", HttpMethod::Get);

    vec![invoke_task.build()]
}
