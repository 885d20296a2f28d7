//! Lambda (2)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let code = Code::from_inline("exports.handler = async (event) => event;");
    let function = Function::new(stack, "Fn", &Runtime::NODEJS_14_X, "index.handler", code);

    let task1 = LambdaInvoke::new(stack, "Invoke with empty object as payload", &function)
        .payload(TaskInput::from_object(object! {}));

    // Use the output of the function as input.
    let task2 = LambdaInvoke::new(stack, "Invoke with payload field in the state input", &function)
        .payload(TaskInput::from_json_path_at("$.Payload"));

    vec![task1.build(), task2.build()]
}
