//! EMR: Terminate Cluster

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let task = EmrTerminateCluster::new(stack, "Task", "ClusterId");

    vec![task.build()]
}
