//! API Gateway: Call REST API Endpoint (2)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let api = RestApi::new(stack, "Api");
    api.root().add_method(HttpMethod::Get);

    let headers = object! {"TaskToken": JsonPath::array([JsonPath::task_token()])};
    let endpoint = CallApiGatewayRestApiEndpoint::new(stack, "Endpoint", &api, "Stage", HttpMethod::Put)
        .integration_pattern(IntegrationPattern::WaitForTaskToken)
        .headers(TaskInput::from_object(headers));

    vec![endpoint.build()]
}
