//! Step Functions: Start Execution (2)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let child = StateMachine::new(stack, "Child", Pass::new(stack, "PassState"));

    let task = StepFunctionsStartExecution::new(stack, "ChildTask", &child).associate_with_parent(true);

    vec![task.build()]
}
