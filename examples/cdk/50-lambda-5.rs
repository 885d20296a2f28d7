//! Lambda (5)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let code = Code::from_inline("exports.handler = async (event) => event;");
    let function = Function::new(stack, "Fn", &Runtime::NODEJS_14_X, "index.handler", code);

    let task = LambdaInvoke::new(stack, "Invoke with callback", &function)
        .integration_pattern(IntegrationPattern::WaitForTaskToken)
        .payload(TaskInput::from_object(object! {
            "token": JsonPath::task_token(),
            "input": JsonPath::string_at("$.someField"),
        }));

    vec![task.build()]
}
