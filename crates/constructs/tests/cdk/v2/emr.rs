//! EMR.

use stepmill::prelude::*;

super::examples![emr_managed];

fn emr_managed(stack: &Stack) {
    let limits = ManagedScalingComputeLimitsProperty::new(ComputeLimitsUnitType::Instances, 1, 4);
    let task = EmrCreateCluster::new(stack, "T", "n", InstancesConfigProperty::new())
        .managed_scaling_policy(ManagedScalingPolicyProperty::new().compute_limits(limits))
        .auto_termination_policy_idle_timeout(Duration::hours(1));
    StateMachine::new(stack, "M", task);
}
