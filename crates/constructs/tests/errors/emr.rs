//! EMR. Impossible by the types: both a timeout and timeout minutes of spot instances (they are one parameter), and roles
//! asked for before they are made.

use IntegrationPattern::{RunJob, WaitForTaskToken};
use stepmill::prelude::*;

use super::{problems, refused, refused_with, unsupported};

fn cluster(stack: &Stack) -> EmrCreateCluster {
    EmrCreateCluster::new(stack, "T", "name", InstancesConfigProperty::new())
}

#[test]
fn patterns() {
    let jobs = "REQUEST_RESPONSE,RUN_JOB";
    unsupported(jobs, WaitForTaskToken, cluster);
    unsupported(jobs, WaitForTaskToken, |stack| {
        EmrAddStep::new(stack, "T", "id", "name", "jar")
    });
    unsupported(jobs, WaitForTaskToken, |stack| {
        EmrTerminateCluster::new(stack, "T", "id")
    });
    let requests = "REQUEST_RESPONSE";
    unsupported(requests, RunJob, |stack| {
        EmrCancelStep::new(stack, "T", "id", "step")
    });
    unsupported(requests, RunJob, |stack| {
        EmrSetClusterTerminationProtection::new(stack, "T", "id", true)
    });
    unsupported(requests, RunJob, |stack| {
        EmrModifyInstanceFleetByName::new(stack, "T", "id", "fleet", 1, 1)
    });
    unsupported(requests, RunJob, |stack| {
        let group = InstanceGroupModifyConfigProperty::new();
        EmrModifyInstanceGroupByName::new(stack, "T", "id", "group", group)
    });
}

#[test]
fn release_label() {
    for label in [
        "emr-5.14",
        "emr-5.a.b",
        "5.14.0",
        "emr-5.14.0.1",
        "emr-5..0",
    ] {
        let message =
            format!("The release label must be in the format 'emr-x.x.x' but got {label}");
        refused("release_label", &message, |stack| {
            cluster(stack).release_label(label)
        });
    }
}

#[test]
fn step_concurrency_level() {
    for level in [0, 257, -1] {
        let message = format!("Step concurrency level must be in range [1, 256], but got {level}.");
        refused("step_concurrency_level", &message, |stack| {
            cluster(stack).step_concurrency_level(level)
        });
    }
    let message = "Step concurrency is only supported in EMR release version 5.28.0 and above but got emr-5.14.0.";
    refused("step_concurrency_level", message, |stack| {
        cluster(stack)
            .step_concurrency_level(2)
            .release_label("emr-5.14.0")
    });
    let fine = problems(&[], |stack| {
        let task = cluster(stack).release_label("emr-5.14.0");
        drop(task.step_concurrency_level(1).build());
    });
    assert_eq!(fine, []);
}

#[test]
fn auto_termination() {
    for seconds in [59, 604_801] {
        let message = format!(
            "`autoTerminationPolicyIdleTimeout` must be between 60 and 604800 seconds, got {seconds} seconds."
        );
        refused("auto_termination_policy_idle_timeout", &message, |stack| {
            cluster(stack).auto_termination_policy_idle_timeout(Duration::seconds(seconds))
        });
    }
}

#[test]
fn root_volume() {
    for size in [14, 101] {
        let message =
            format!("ebsRootVolumeSize must be between 15 and 100 GiB, but got {size} GiB.");
        refused_with(
            &[Feature::Version2],
            "ebs_root_volume_size",
            &message,
            |stack| cluster(stack).ebs_root_volume_size(Size::gibibytes(size)),
        );
    }
    for iops in [2999, 16001] {
        let message = format!("ebsRootVolumeIops must be between 3000 and 16000, but got {iops}.");
        refused("ebs_root_volume_iops", &message, |stack| {
            cluster(stack).ebs_root_volume_iops(iops)
        });
    }
    for throughput in [124, 1001] {
        let message = format!(
            "ebsRootVolumeThroughput must be between 125 and 1000 MiB/s, but got {throughput} MiB/s."
        );
        refused("ebs_root_volume_throughput", &message, |stack| {
            cluster(stack).ebs_root_volume_throughput(throughput)
        });
    }
    let message = "ebsRootVolumeThroughput and ebsRootVolumeIops are only supported in EMR release version 6.15.0 and above but got emr-6.14.0.";
    refused("release_label", message, |stack| {
        cluster(stack)
            .release_label("emr-6.14.0")
            .ebs_root_volume_iops(4000)
    });
}

#[test]
fn fleets_have_no_automatic_scaling() {
    let message = "Auto Scaling roles can not be specified with instance fleets.";
    refused("auto_scaling_role", message, |stack| {
        let role = Role::new(
            stack,
            "Role",
            Principal::service("elasticmapreduce.amazonaws.com"),
        );
        let fleet =
            InstanceFleetConfigProperty::new(InstanceRoleType::Core).target_spot_capacity(1);
        let instances = InstancesConfigProperty::new().instance_fleets([fleet]);
        EmrCreateCluster::new(stack, "T", "name", instances).auto_scaling_role(&role)
    });
}

#[test]
fn fleets() {
    use InstanceRoleType::{Core, Master};

    let fleet = InstanceFleetConfigProperty::new;
    let of_type = InstanceTypeConfigProperty::new;
    let prioritized = || {
        let strategy = OnDemandAllocationStrategy::Prioritized;
        InstanceFleetProvisioningSpecificationsProperty::new()
            .on_demand_specification(OnDemandProvisioningSpecificationProperty::new(strategy))
    };
    let spot = || SpotProvisioningSpecificationProperty::new(SpotTimeoutAction::SwitchToOnDemand);
    let launched = |spot| {
        let launch =
            InstanceFleetProvisioningSpecificationsProperty::new().spot_specification(spot);
        fleet(Core)
            .target_spot_capacity(1)
            .launch_specifications(launch)
    };
    let cases = [
        (
            fleet(Core),
            "At least one of targetSpotCapacity and targetOnDemandCapacity should be greater than 0",
        ),
        (
            fleet(Core)
                .target_spot_capacity(0)
                .target_on_demand_capacity(0),
            "At least one of targetSpotCapacity and targetOnDemandCapacity should be greater than 0",
        ),
        (
            fleet(Master)
                .target_spot_capacity(1)
                .target_on_demand_capacity(1),
            "For a master instance fleet, only one of targetSpotCapacity and targetOnDemandCapacity can be specified",
        ),
        (
            fleet(Master).target_spot_capacity(2),
            "For a master instance fleet, targetSpotCapacity cannot be a number other than 1, got 2",
        ),
        (
            fleet(Master).target_on_demand_capacity(2),
            "For a master instance fleet, targetOnDemandCapacity cannot be a number other than 1, got 2",
        ),
        (
            fleet(Core)
                .target_spot_capacity(1)
                .instance_type_configs([of_type("m5.xlarge").priority(0)]),
            "Priority values are set on instance type configs, but allocation strategy is 'lowest-price'. Priority values only take effect with OnDemandAllocationStrategy.PRIORITIZED.",
        ),
        (
            fleet(Core)
                .target_spot_capacity(1)
                .launch_specifications(prioritized())
                .instance_type_configs([of_type("m5.xlarge")]),
            "OnDemandAllocationStrategy.PRIORITIZED requires at least one instance type config to have a priority value set. See https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-instance-fleet.html",
        ),
        (
            fleet(Core)
                .target_spot_capacity(1)
                .launch_specifications(prioritized())
                .instance_type_configs([of_type("m5.xlarge").priority(-1)]),
            "priority must be a non-negative number, got -1. Priority values start at 0 (highest priority) and are used with OnDemandAllocationStrategy.PRIORITIZED.",
        ),
        (
            fleet(Core)
                .target_spot_capacity(1)
                .instance_type_configs([of_type("m5.xlarge")
                    .bid_price("0.1")
                    .bid_price_as_percentage_of_on_demand_price(50)]),
            "Cannot specify both bidPrice and bidPriceAsPercentageOfOnDemandPrice",
        ),
        (
            launched(spot()),
            "one of timeout and timeoutDurationMinutes must be specified",
        ),
        (
            launched(spot().timeout(Duration::minutes(4))),
            "timeout must be between 5 and 1440 minutes, got 4 minutes.",
        ),
        (
            launched(spot().timeout_duration_minutes(1441)),
            "timeout must be between 5 and 1440 minutes, got 1441 minutes.",
        ),
    ];
    for (fleet, message) in cases {
        refused("instances", message, |stack| {
            let instances = InstancesConfigProperty::new().instance_fleets([fleet]);
            EmrCreateCluster::new(stack, "T", "name", instances)
        });
    }
}
