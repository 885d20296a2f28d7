//! Paths: OutputPath

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let code = Code::from_inline("exports.handler = async (event) => event;");
    let function = Function::new(stack, "Fn", &Runtime::NODEJS_14_X, "index.handler", code);

    let submit_job = LambdaInvoke::new(stack, "Invoke Handler", &function).output_path("$.Payload.result");

    vec![submit_job.build()]
}
