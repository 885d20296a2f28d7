//! States, and options that tasks of all kinds have.

use stepmill::prelude::*;

super::examples![state_name, retry_jitter];

fn function(stack: &Stack) -> Function {
    let code = Code::from_inline("exports.handler = async (event) => event;");
    Function::new(stack, "Fn", &Runtime::NODEJS_14_X, "index.handler", code)
}

fn invoke(stack: &Stack) -> LambdaInvoke {
    LambdaInvoke::new(stack, "T", &function(stack))
}

fn machine(stack: &Stack, definition: impl Chainable) {
    StateMachine::new(stack, "Machine", definition);
}

fn state_name(stack: &Stack) {
    machine(stack, Pass::new(stack, "P").state_name("Shown name"));
}

fn retry_jitter(stack: &Stack) {
    let retry = Retry::all()
        .max_delay(Duration::seconds(40))
        .jitter_strategy(JitterStrategy::Full);
    machine(
        stack,
        invoke(stack)
            .retry_on_service_exceptions(false)
            .retry(retry),
    );
}
