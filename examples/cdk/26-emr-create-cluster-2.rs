//! EMR: Create Cluster (2)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let name = JsonPath::string_at("$.ClusterName");
    let task = EmrCreateCluster::new(stack, "Create Cluster", name, InstancesConfigProperty::new())
        .step_concurrency_level(10);

    vec![task.build()]
}
