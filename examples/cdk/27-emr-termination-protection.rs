//! EMR: Termination Protection

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let task = EmrSetClusterTerminationProtection::new(stack, "Task", "ClusterId", false);

    vec![task.build()]
}
