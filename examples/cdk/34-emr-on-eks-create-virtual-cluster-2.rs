//! EMR on EKS: Create Virtual Cluster (2)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let eks_cluster = EksCluster::new(stack, "EksCluster", &KubernetesVersion::V1_18);

    let eks_cluster = EksClusterInput::from_cluster(&eks_cluster);
    let task = EmrContainersCreateVirtualCluster::new(stack, "Create a Virtual Cluster", eks_cluster);

    vec![task.build()]
}
