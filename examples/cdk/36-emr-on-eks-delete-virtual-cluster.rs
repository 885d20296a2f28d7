//! EMR on EKS: Delete Virtual Cluster

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let virtual_cluster = TaskInput::from_json_path_at("$.virtualCluster");
    let task = EmrContainersDeleteVirtualCluster::new(stack, "Delete a Virtual Cluster", virtual_cluster);

    vec![task.build()]
}
