//! Lambda (4)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let code = Code::from_inline("exports.handler = async (event) => event;");
    let function = Function::new(stack, "Fn", &Runtime::NODEJS_14_X, "index.handler", code);

    let task = LambdaInvoke::new(stack, "Invoke and combine function response with task input", &function)
        .payload_response_only(true)
        .result_path("$.fn");

    vec![task.build()]
}
