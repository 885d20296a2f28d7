//! EMR on EKS: Create Virtual Cluster (1)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let eks_cluster = EksClusterInput::from_task_input(TaskInput::from_text("clusterId"));
    let task = EmrContainersCreateVirtualCluster::new(stack, "Create a Virtual Cluster", eks_cluster);

    vec![task.build()]
}
