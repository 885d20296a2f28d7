//! EMR: Cancel Step

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let task = EmrCancelStep::new(stack, "Task", "ClusterId", "StepId");

    vec![task.build()]
}
