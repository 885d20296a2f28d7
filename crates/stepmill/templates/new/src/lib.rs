//! The workflow {{name}}.

use stepmill::prelude::*;

/// Greets whoever the input names, and fails politely if it names nobody.
pub fn workflow(stack: &Stack) -> StateMachine {
    let code = Code::from_asset("functions/greet");
    let function = Function::new(stack, "GreetFunction", &Runtime::PYTHON_3_12, "app.handler", code);

    let greet = LambdaInvoke::new(stack, "Greet", &function)
        .payload(TaskInput::from_object(object! { "name": JsonPath::string_at("$.name") }))
        .output_path("$.Payload");
    let nobody = Fail::new(stack, "Nobody is here").error("NoName").cause("the input has no name");
    let is_anybody_here = Choice::new(stack, "Is anybody here?")
        .when(Condition::is_present("$.name"), greet)
        .otherwise(nobody);

    StateMachine::new(stack, "{{stack}}", is_anybody_here)
}
