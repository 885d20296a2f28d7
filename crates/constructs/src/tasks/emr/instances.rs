//! The instances of a cluster, as groups.

use super::capacity::{EbsConfigurationProperty, InstanceFleetConfigProperty};
use super::configuration::ConfigurationProperty;
use super::scaling::AutoScalingPolicyProperty;
use crate::core::Problem;
use crate::tasks::property::{names, property};
use crate::value::{Text, Value};

names! {
    /// What instances do in a cluster.
    pub enum InstanceRoleType {
        /// They coordinate.
        Master = "MASTER",
        /// They run tasks and keep data.
        Core = "CORE",
        /// They run tasks only.
        Task = "TASK",
    }
}

names! {
    /// How instances are bought.
    pub enum InstanceMarket {
        /// At a fixed price.
        OnDemand = "ON_DEMAND",
        /// As long as somebody else does not need them.
        Spot = "SPOT",
    }
}

property! {
    /// The instances of a cluster: as numbers of master and other instances, as groups or as fleets.
    pub struct InstancesConfigProperty() {
        /// Security groups of the master instance besides EMR's, by their ids.
        additional_master_security_groups: [Text] => "AdditionalMasterSecurityGroups",
        /// Security groups of the other instances besides EMR's, by their ids.
        additional_slave_security_groups: [Text] => "AdditionalSlaveSecurityGroups",
        /// The key pair with which `hadoop` can log in on the master instance.
        ec2_key_name: Text => "Ec2KeyName",
        /// The subnet; for instance groups.
        ec2_subnet_id: Text => "Ec2SubnetId",
        /// Subnets of which EMR chooses one; for fleets.
        ec2_subnet_ids: [Text] => "Ec2SubnetIds",
        /// The security group that EMR manages for the master instance.
        emr_managed_master_security_group: Text => "EmrManagedMasterSecurityGroup",
        /// The security group that EMR manages for the other instances.
        emr_managed_slave_security_group: Text => "EmrManagedSlaveSecurityGroup",
        /// Hadoop's version; only for releases before 4.0.
        hadoop_version: Text => "HadoopVersion",
        /// How many instances there are.
        instance_count: Value => "InstanceCount",
        /// The instances as fleets. Then nothing scales them automatically.
        instance_fleets: [InstanceFleetConfigProperty] => "InstanceFleets",
        /// The instances as groups.
        instance_groups: [InstanceGroupConfigProperty] => "InstanceGroups",
        /// The type of the master instance.
        master_instance_type: Text => "MasterInstanceType",
        /// The availability zone, if there is no subnet.
        placement: PlacementTypeProperty => "Placement",
        /// The security group through which EMR reaches a cluster in a private subnet.
        service_access_security_group: Text => "ServiceAccessSecurityGroup",
        /// The type of the other instances.
        slave_instance_type: Text => "SlaveInstanceType",
        /// Whether the cluster is protected from being terminated by mistake.
        termination_protected: bool => "TerminationProtected",
    }
}

impl InstancesConfigProperty {
    /// Whether the instances are fleets.
    pub(super) fn has_fleets(&self) -> bool {
        matches!(self.0.get("InstanceFleets"), Some(Value::List(fleets)) if !fleets.is_empty())
    }

    /// It in a task's parameters: the service wants clusters to stay when they have no steps.
    pub(super) fn for_a_task(mut self) -> Value {
        self.0
            .insert("KeepJobFlowAliveWhenNoSteps".to_owned(), true.into());
        self.into()
    }

    /// What EMR would refuse.
    pub(super) fn check(&self) -> Result<(), Problem> {
        match self.0.get("InstanceFleets") {
            Some(Value::List(fleets)) => fleets
                .iter()
                .filter_map(Value::as_object)
                .try_for_each(super::capacity::check_fleet),
            _ => Ok(()),
        }
    }
}

property! {
    /// Where a cluster's instances are.
    pub struct PlacementTypeProperty() {
        /// The availability zone; for instance groups.
        availability_zone: Text => "AvailabilityZone",
        /// Availability zones of which EMR chooses the best; for fleets.
        availability_zones: [Text] => "AvailabilityZones",
    }
}

property! {
    /// Instances of one type with one role.
    pub struct InstanceGroupConfigProperty(
        instance_role: InstanceRoleType => "InstanceRole",
        instance_type: Text => "InstanceType",
        instance_count: Value => "InstanceCount",
    ) {
        /// When the group grows and shrinks; not for the master group.
        auto_scaling_policy: AutoScalingPolicyProperty => "AutoScalingPolicy",
        /// The highest price of a spot instance, in US dollars.
        bid_price: Text => "BidPrice",
        /// Settings of the applications on the group's instances.
        configurations: [ConfigurationProperty] => "Configurations",
        /// The volumes of each instance.
        ebs_configuration: EbsConfigurationProperty => "EbsConfiguration",
        /// How the instances are bought; on demand unless said.
        market: InstanceMarket => "Market",
        /// The group's name.
        name: Text => "Name",
    }
}
