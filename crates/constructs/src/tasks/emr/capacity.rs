//! The instances of a cluster, as fleets, and their volumes.

use super::configuration::ConfigurationProperty;
use super::instances::InstanceRoleType;
use crate::core::{Duration, Problem, Size};
use crate::tasks::property::{names, property};
use crate::value::{Object, Text, Value};

property! {
    /// Instances of several types with one role.
    pub struct InstanceFleetConfigProperty(
        instance_fleet_type: InstanceRoleType => "InstanceFleetType",
    ) {
        /// The types of instances, at most 30.
        instance_type_configs: [InstanceTypeConfigProperty] => "InstanceTypeConfigs",
        /// How the instances are bought.
        launch_specifications: InstanceFleetProvisioningSpecificationsProperty => "LaunchSpecifications",
        /// The fleet's name.
        name: Text => "Name",
        /// The units to be bought on demand.
        target_on_demand_capacity: Value => "TargetOnDemandCapacity",
        /// The units to be bought as spot instances.
        target_spot_capacity: Value => "TargetSpotCapacity",
    }
}

property! {
    /// A type of instances in a fleet.
    pub struct InstanceTypeConfigProperty(
        instance_type: Text => "InstanceType",
    ) {
        /// The highest price of a spot instance, in US dollars.
        bid_price: Text => "BidPrice",
        /// The highest price of a spot instance, in percent of that on demand; 100 unless said.
        bid_price_as_percentage_of_on_demand_price: Value => "BidPriceAsPercentageOfOnDemandPrice",
        /// Settings of the applications on these instances.
        configurations: [ConfigurationProperty] => "Configurations",
        /// The volumes of each instance.
        ebs_configuration: EbsConfigurationProperty => "EbsConfiguration",
        /// Which types to buy first, from 0 for the first; only for [`OnDemandAllocationStrategy::Prioritized`].
        priority: Value => "Priority",
        /// How many units an instance counts for; 1 unless said.
        weighted_capacity: Value => "WeightedCapacity",
    }
}

property! {
    /// How a fleet's instances are bought.
    pub struct InstanceFleetProvisioningSpecificationsProperty() {
        /// How instances are bought on demand.
        on_demand_specification: OnDemandProvisioningSpecificationProperty => "OnDemandSpecification",
        /// How spot instances are bought.
        spot_specification: SpotProvisioningSpecificationProperty => "SpotSpecification",
    }
}

property! {
    /// How instances are bought on demand.
    pub struct OnDemandProvisioningSpecificationProperty(
        allocation_strategy: OnDemandAllocationStrategy => "AllocationStrategy",
    ) {}
}

names! {
    /// Which types are bought on demand first.
    pub enum OnDemandAllocationStrategy {
        /// The cheapest.
        LowestPrice = "lowest-price",
        /// By their priorities.
        Prioritized = "prioritized",
    }
}

property! {
    /// How spot instances are bought, and what is done if there are none in time. The time is required.
    pub struct SpotProvisioningSpecificationProperty(
        timeout_action: SpotTimeoutAction => "TimeoutAction",
    ) {
        /// Which types are bought first.
        allocation_strategy: SpotAllocationStrategy => "AllocationStrategy",
        /// For how many minutes instances are kept: 60, 120, 180, 240, 300 or 360. AWS sells such blocks no longer.
        block_duration_minutes: Value => "BlockDurationMinutes",
        /// After how many minutes the timeout action is taken, from 5 to 1440.
        timeout_duration_minutes: Value => "TimeoutDurationMinutes",
    }
}

impl SpotProvisioningSpecificationProperty {
    /// After what time the timeout action is taken, in whole minutes, from 5 to 1440.
    pub fn timeout(self, timeout: impl Into<Duration>) -> Self {
        let timeout: Duration = timeout.into();
        self.timeout_duration_minutes(timeout.to_minutes())
    }
}

names! {
    /// What is done if there are no spot instances in time.
    pub enum SpotTimeoutAction {
        /// The instances are bought on demand.
        SwitchToOnDemand = "SWITCH_TO_ON_DEMAND",
        /// The cluster is terminated.
        TerminateCluster = "TERMINATE_CLUSTER",
    }
}

names! {
    /// Which spot instances are bought first.
    pub enum SpotAllocationStrategy {
        /// Those of which there are most.
        CapacityOptimized = "capacity-optimized",
        /// Those of which there are most, then the cheapest.
        PriceCapacityOptimized = "price-capacity-optimized",
        /// The cheapest.
        LowestPrice = "lowest-price",
        /// Some of each.
        Diversified = "diversified",
    }
}

property! {
    /// The volumes of an instance.
    pub struct EbsConfigurationProperty() {
        /// The volumes.
        ebs_block_device_configs: [EbsBlockDeviceConfigProperty] => "EbsBlockDeviceConfigs",
        /// Whether the instance has bandwidth of its own for its volumes.
        ebs_optimized: bool => "EbsOptimized",
    }
}

property! {
    /// Volumes of one kind.
    pub struct EbsBlockDeviceConfigProperty(
        volume_specification: VolumeSpecificationProperty => "VolumeSpecification",
    ) {
        /// How many of them each instance has; 1 unless said.
        volumes_per_instance: Value => "VolumesPerInstance",
    }
}

property! {
    /// The size, in whole gibibytes, and the type of a volume.
    pub struct VolumeSpecificationProperty(
        volume_size: Size => "SizeInGB",
        volume_type: EbsBlockDeviceVolumeType => "VolumeType",
    ) {
        /// Operations per second, if the type leaves that open.
        iops: Value => "Iops",
    }
}

names! {
    /// A type of volumes.
    pub enum EbsBlockDeviceVolumeType {
        /// SSD, general purpose, third generation.
        Gp3 = "gp3",
        /// SSD, general purpose.
        Gp2 = "gp2",
        /// SSD with provisioned operations per second.
        Io1 = "io1",
        /// HDD for throughput.
        St1 = "st1",
        /// HDD for what is seldom read.
        Sc1 = "sc1",
        /// Magnetic, of the previous generation.
        Standard = "standard",
    }
}

/// A number that is known; a path can be any.
fn known(members: &Object, name: &str) -> Option<f64> {
    match members.get(name) {
        Some(Value::Number(number)) => number.as_f64(),
        _ => None,
    }
}

/// Whether a member says something: zero says nothing.
fn says(members: &Object, name: &str) -> bool {
    members
        .get(name)
        .is_some_and(|value| *value != Value::from(0))
}

/// What EMR would refuse of a fleet.
pub(super) fn check_fleet(fleet: &Object) -> Result<(), Problem> {
    let wrong = |message: &str| Err(Problem::property("instances", message));
    let (spot, on_demand) = (
        says(fleet, "TargetSpotCapacity"),
        says(fleet, "TargetOnDemandCapacity"),
    );
    if !spot && !on_demand {
        return wrong(
            "At least one of targetSpotCapacity and targetOnDemandCapacity should be greater than 0",
        );
    }
    if fleet.get("InstanceFleetType") == Some(&InstanceRoleType::Master.into()) {
        if spot && on_demand {
            return wrong(
                "For a master instance fleet, only one of targetSpotCapacity and targetOnDemandCapacity can be specified",
            );
        }
        for (name, member) in [
            ("targetSpotCapacity", "TargetSpotCapacity"),
            ("targetOnDemandCapacity", "TargetOnDemandCapacity"),
        ] {
            if let Some(number) = known(fleet, member).filter(|_| says(fleet, member))
                && fleet.get(member) != Some(&Value::from(1))
            {
                return wrong(&format!(
                    "For a master instance fleet, {name} cannot be a number other than 1, got {number}"
                ));
            }
        }
    }
    check_priorities(fleet)?;
    types(fleet).try_for_each(check_type)?;
    let spot = fleet
        .get("LaunchSpecifications")
        .and_then(|launch| launch.get("SpotSpecification")?.as_object());
    spot.map_or(Ok(()), check_spot)
}

/// A fleet's types of instances.
fn types(fleet: &Object) -> impl Iterator<Item = &Object> {
    let types = match fleet.get("InstanceTypeConfigs") {
        Some(Value::List(types)) => types.as_slice(),
        _ => &[],
    };
    types.iter().filter_map(Value::as_object)
}

fn check_priorities(fleet: &Object) -> Result<(), Problem> {
    let strategy = fleet.get("LaunchSpecifications").and_then(|launch| {
        launch
            .get("OnDemandSpecification")?
            .get("AllocationStrategy")
    });
    let prioritized = strategy == Some(&OnDemandAllocationStrategy::Prioritized.into());
    let has_priority = types(fleet).any(|of_type| known(of_type, "Priority").is_some());
    if has_priority && !prioritized {
        let message = format!(
            "Priority values are set on instance type configs, but allocation strategy is '{}'. Priority values only take \
             effect with OnDemandAllocationStrategy.PRIORITIZED.",
            OnDemandAllocationStrategy::LowestPrice.name()
        );
        return Err(Problem::property("instances", message));
    }
    if prioritized && !has_priority && types(fleet).next().is_some() {
        let message = "OnDemandAllocationStrategy.PRIORITIZED requires at least one instance type config to have a priority \
                       value set. See https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-instance-fleet.html";
        return Err(Problem::property("instances", message));
    }
    Ok(())
}

fn check_type(of_type: &Object) -> Result<(), Problem> {
    if of_type.contains_key("BidPrice") && says(of_type, "BidPriceAsPercentageOfOnDemandPrice") {
        let message = "Cannot specify both bidPrice and bidPriceAsPercentageOfOnDemandPrice";
        return Err(Problem::property("instances", message));
    }
    match known(of_type, "Priority") {
        Some(priority) if priority < 0.0 => {
            let message = format!(
                "priority must be a non-negative number, got {priority}. Priority values start at 0 (highest priority) and \
                 are used with OnDemandAllocationStrategy.PRIORITIZED."
            );
            Err(Problem::property("instances", message))
        }
        _ => Ok(()),
    }
}

fn check_spot(spot: &Object) -> Result<(), Problem> {
    if !says(spot, "TimeoutDurationMinutes") {
        let message = "one of timeout and timeoutDurationMinutes must be specified";
        return Err(Problem::property("instances", message));
    }
    match known(spot, "TimeoutDurationMinutes") {
        Some(minutes) if !(5.0..=1440.0).contains(&minutes) => {
            let message =
                format!("timeout must be between 5 and 1440 minutes, got {minutes} minutes.");
            Err(Problem::property("instances", message))
        }
        _ => Ok(()),
    }
}
