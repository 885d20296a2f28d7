//! EMR: Create Cluster (1)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let cluster_role = Role::new(stack, "ClusterRole", Principal::service("ec2.amazonaws.com"));

    let service_role = Role::new(stack, "ServiceRole", Principal::service("elasticmapreduce.amazonaws.com"));

    let auto_scaling_role = Role::new(stack, "AutoScalingRole", Principal::service("elasticmapreduce.amazonaws.com"));

    auto_scaling_role.trust(Principal::service("application-autoscaling.amazonaws.com"));

    let name = JsonPath::string_at("$.ClusterName");
    let task = EmrCreateCluster::new(stack, "Create Cluster", name, InstancesConfigProperty::new())
        .cluster_role(&cluster_role)
        .service_role(&service_role)
        .auto_scaling_role(&auto_scaling_role);

    vec![task.build()]
}
