//! Paths: ResultSelector

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let code = Code::from_inline("exports.handler = async (event) => event;");
    let function = Function::new(stack, "Fn", &Runtime::NODEJS_14_X, "index.handler", code);

    let task = LambdaInvoke::new(stack, "Invoke Handler", &function).result_selector(object! {
        "lambda_output": JsonPath::string_at("$.Payload"),
        "invoke_request_id": JsonPath::string_at("$.SdkResponseMetadata.RequestId"),
        "static_value": object! { "foo": "bar" },
        "state_name": JsonPath::string_at("$.State.Name"),
    });

    vec![task.build()]
}
