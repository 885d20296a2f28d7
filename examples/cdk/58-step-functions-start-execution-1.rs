//! Step Functions: Start Execution (1)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    // Define a state machine with one Pass state
    let child = StateMachine::new(stack, "ChildStateMachine", Chain::start(Pass::new(stack, "PassState")));

    // Include the state machine in a Task state with callback pattern
    let input = object! { "token": JsonPath::task_token(), "foo": "bar" };
    let task = StepFunctionsStartExecution::new(stack, "ChildTask", &child)
        .integration_pattern(IntegrationPattern::WaitForTaskToken)
        .input(TaskInput::from_object(input))
        .name("MyExecutionName");

    // Define a second state machine with the Task state above
    StateMachine::new(stack, "ParentStateMachine", task);

    vec![]
}
