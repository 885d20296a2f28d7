//! API Gateway: Call HTTP API Endpoint

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let http_api = HttpApi::new(stack, "MyHttpApi");

    let invoke_task =
        CallApiGatewayHttpApiEndpoint::new(stack, "Call HTTP API", http_api.api_id(), http_api.scope(), HttpMethod::Get);

    vec![invoke_task.build()]
}
