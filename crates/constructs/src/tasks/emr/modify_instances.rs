//! Changes the instances of a cluster.

use super::configuration::ConfigurationProperty;
use super::request;
use crate::core::{Duration, Problem, Scope};
use crate::states::{StateOptions, TaskDefinition, TaskScope, task_state};
use crate::tasks::property::property;
use crate::value::{Text, Value};

/// Changes how many units of an instance fleet are bought.
#[derive(Debug, Clone)]
#[must_use]
pub struct EmrModifyInstanceFleetByName {
    scope: Scope,
    options: StateOptions,
    cluster_id: Text,
    instance_fleet_name: Text,
    target_on_demand_capacity: Value,
    target_spot_capacity: Value,
}

impl EmrModifyInstanceFleetByName {
    /// Changes how many units of a cluster's fleet are bought on demand and as spot instances.
    pub fn new(
        scope: &Scope,
        id: &str,
        cluster_id: impl Into<Text>,
        instance_fleet_name: impl Into<Text>,
        target_on_demand_capacity: impl Into<Value>,
        target_spot_capacity: impl Into<Value>,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            cluster_id: cluster_id.into(),
            instance_fleet_name: instance_fleet_name.into(),
            target_on_demand_capacity: target_on_demand_capacity.into(),
            target_spot_capacity: target_spot_capacity.into(),
        }
    }
}

task_state!(EmrModifyInstanceFleetByName, define_fleet);

fn define_fleet(
    fleet: EmrModifyInstanceFleetByName,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    let capacity = crate::object! {
        "TargetOnDemandCapacity": fleet.target_on_demand_capacity,
        "TargetSpotCapacity": fleet.target_spot_capacity,
    };
    let parameters = crate::object! {
        "ClusterId": fleet.cluster_id,
        "InstanceFleetName": fleet.instance_fleet_name,
        "InstanceFleet": capacity,
    };
    request(task, "modifyInstanceFleetByName", parameters)
}

/// Changes an instance group.
#[derive(Debug, Clone)]
#[must_use]
pub struct EmrModifyInstanceGroupByName {
    scope: Scope,
    options: StateOptions,
    cluster_id: Text,
    instance_group_name: Text,
    instance_group: InstanceGroupModifyConfigProperty,
}

impl EmrModifyInstanceGroupByName {
    /// Changes an instance group of a cluster.
    pub fn new(
        scope: &Scope,
        id: &str,
        cluster_id: impl Into<Text>,
        instance_group_name: impl Into<Text>,
        instance_group: InstanceGroupModifyConfigProperty,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            cluster_id: cluster_id.into(),
            instance_group_name: instance_group_name.into(),
            instance_group,
        }
    }
}

task_state!(EmrModifyInstanceGroupByName, define_group);

fn define_group(
    group: EmrModifyInstanceGroupByName,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    let parameters = crate::object! {
        "ClusterId": group.cluster_id,
        "InstanceGroupName": group.instance_group_name,
        "InstanceGroup": group.instance_group,
    };
    request(task, "modifyInstanceGroupByName", parameters)
}

property! {
    /// What changes in an instance group.
    pub struct InstanceGroupModifyConfigProperty() {
        /// Settings of the applications on its instances.
        configurations: [ConfigurationProperty] => "Configurations",
        /// The instances to terminate, by their ids.
        ec2_instance_ids_to_terminate: [Text] => "EC2InstanceIdsToTerminate",
        /// How many instances it shall have.
        instance_count: Value => "InstanceCount",
        /// How it shrinks.
        shrink_policy: ShrinkPolicyProperty => "ShrinkPolicy",
    }
}

property! {
    /// How an instance group shrinks.
    pub struct ShrinkPolicyProperty() {
        /// How long an instance may take to hand over its work; EMR's time unless said.
        decommission_timeout: Duration => "DecommissionTimeout",
        /// Which instances are terminated and which are not.
        instance_resize_policy: InstanceResizePolicyProperty => "InstanceResizePolicy",
    }
}

property! {
    /// Which instances are terminated when a group shrinks.
    pub struct InstanceResizePolicyProperty() {
        /// Those that are not, by their ids.
        instances_to_protect: [Text] => "InstancesToProtect",
        /// Those that are, by their ids.
        instances_to_terminate: [Text] => "InstancesToTerminate",
        /// How long those that are terminated may take to hand over their work.
        instance_termination_timeout: Duration => "InstanceTerminationTimeout",
    }
}
