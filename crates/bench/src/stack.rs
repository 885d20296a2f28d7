//! A stack with many machines.

use std::path::Path;

use stepmill_constructs::prelude::*;

pub(crate) const MACHINES: usize = 50;
pub(crate) const TASKS: usize = 20;

/// Writes its assembly.
pub(crate) fn synthesize(directory: &Path) -> Result<(), String> {
    let app = App::new();
    let stack = Stack::new(&app, "Bench");
    for number in 0..MACHINES {
        machine(&stack, number);
    }
    let assembly = app.synth(directory).map_err(|errors| errors.to_string())?;
    match assembly.definitions().len() {
        MACHINES => Ok(()),
        other => Err(format!("{other} machines instead of {MACHINES}")),
    }
}

fn machine(stack: &Stack, number: usize) {
    let code = Code::from_inline("exports.handler = async (event) => event;");
    let id = format!("Function{number}");
    let function = Function::new(stack, &id, &Runtime::NODEJS_22_X, "index.handler", code);
    let queue = Queue::new(stack, &format!("Queue{number}"));
    let scope = stack.child(&format!("Workflow{number}"));
    let first = Pass::new(&scope, "Begin").build();
    let chain = (0..TASKS).fold(Chain::start(first), |chain, task| {
        let id = format!("Task {task}");
        if task % 2 == 0 {
            let payload = object! { "order": JsonPath::string_at("$.order"), "task": task };
            let invoke = LambdaInvoke::new(&scope, &id, &function)
                .payload(TaskInput::from_object(payload))
                .result_path("$.result");
            chain.next(invoke)
        } else {
            let message = TaskInput::from_json_path_at("$.result.Payload");
            let send = SqsSendMessage::new(&scope, &id, &queue, message)
                .retry(Retry::all().max_attempts(3))
                .result_path(JsonPath::DISCARD);
            chain.next(send)
        }
    });
    StateMachine::new(&scope, "Machine", chain);
}
