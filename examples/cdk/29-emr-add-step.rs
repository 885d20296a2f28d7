//! EMR: Add Step

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let task = EmrAddStep::new(stack, "Task", "ClusterId", "StepName", "Jar")
        .action_on_failure(ActionOnFailure::Continue);

    vec![task.build()]
}
