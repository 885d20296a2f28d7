//! `EcsRunTask`, its launch targets, and the resources of ECS.
//!
//! A launch target without a task definition or cluster cannot be written, nor a definition without a compatibility.

use stepmill::prelude::*;

use super::{problems, refused};

fn vpc(stack: &Stack) -> Vpc {
    Vpc::new(stack, "Vpc")
}

fn cluster(stack: &Stack) -> ecs::Cluster {
    ecs::Cluster::new(stack, "Cluster", &vpc(stack))
}

fn ec2_cluster(stack: &Stack) -> ecs::Cluster {
    let cluster = cluster(stack);
    cluster.add_capacity("Instances", ecs::AddCapacityOptions::new("t3.micro"));
    cluster
}

fn container() -> ecs::ContainerOptions {
    ecs::ContainerOptions::new(ecs::ContainerImage::from_registry("foo/bar")).memory_limit_mib(256)
}

fn without_containers(stack: &Stack, compatibility: ecs::Compatibility) -> ecs::TaskDefinition {
    let options = ecs::TaskDefinitionOptions::default()
        .cpu("256")
        .memory_mib("512");
    ecs::TaskDefinition::new(stack, "TD", compatibility, options)
}

fn definition(stack: &Stack, compatibility: ecs::Compatibility) -> ecs::TaskDefinition {
    let definition = without_containers(stack, compatibility);
    definition.add_container("Container", container());
    definition
}

fn run(stack: &Stack) -> EcsRunTask {
    let definition = definition(stack, ecs::Compatibility::Fargate);
    let target = EcsFargateLaunchTarget::new();
    EcsRunTask::new(stack, "Run", &cluster(stack), &definition, target)
}

fn run_on_ec2(stack: &Stack) -> EcsRunTask {
    let definition = definition(stack, ecs::Compatibility::Ec2);
    let target = EcsEc2LaunchTarget::new();
    EcsRunTask::new(stack, "Run", &ec2_cluster(stack), &definition, target)
}

#[test]
fn every_pattern_is_supported_that_there_is() {
    assert_eq!(problems(&[], |stack| drop(run(stack).build())), []);
    let run_job = |stack: &Stack| run_on_ec2(stack).integration_pattern(IntegrationPattern::RunJob);
    assert_eq!(problems(&[], |stack| drop(run_job(stack).build())), []);
}

#[test]
fn a_callback_needs_the_token() {
    let message = "Task Token is required in at least one `containerOverrides.environment` for callback. \
                   Use JsonPath.taskToken to set the token.";
    let pattern = IntegrationPattern::WaitForTaskToken;
    refused("container_overrides", message, |stack| {
        run(stack).integration_pattern(pattern)
    });
    let with_token = |stack: &Stack| {
        let definition = definition(stack, ecs::Compatibility::Fargate);
        let token = TaskEnvironmentVariable::new("TOKEN", JsonPath::task_token());
        let container = definition.default_container().unwrap();
        let changed = ContainerOverride::new(&container).environment([token]);
        let target = EcsFargateLaunchTarget::new();
        EcsRunTask::new(stack, "Run", &cluster(stack), &definition, target)
            .integration_pattern(pattern)
            .container_overrides([changed])
    };
    assert_eq!(problems(&[], |stack| drop(with_token(stack).build())), []);
}

#[test]
fn a_task_needs_an_essential_container() {
    let message = "A TaskDefinition must have at least one essential container";
    refused("task_definition", message, |stack| {
        let definition = without_containers(stack, ecs::Compatibility::Fargate);
        definition.add_container("Helper", container().essential(false));
        let target = EcsFargateLaunchTarget::new();
        EcsRunTask::new(stack, "Run", &cluster(stack), &definition, target)
    });
}

#[test]
fn only_a_task_with_an_interface_has_subnets_and_groups() {
    let message = "Supplied TaskDefinition must have 'networkMode' of 'AWS_VPC' to use 'vpcSubnets' and \
                   'securityGroup'. Received: bridge";
    refused("subnets", message, |stack| {
        run_on_ec2(stack).subnets(SubnetType::Public)
    });
    refused("subnets", message, |stack| {
        run_on_ec2(stack).security_groups([])
    });
}

#[test]
fn only_containers_of_the_definition_are_changed() {
    let message =
        "Overrides mention container with name 'Other', but no such container in task definition";
    refused("container_overrides", message, |stack| {
        let other = ecs::ContainerDefinition::named("Other");
        run(stack).container_overrides([ContainerOverride::new(&other)])
    });
}

#[test]
fn a_launch_target_must_fit() {
    let message = "Supplied TaskDefinition is not compatible with Fargate";
    refused("task_definition", message, |stack| {
        let definition = definition(stack, ecs::Compatibility::Ec2);
        let target = EcsFargateLaunchTarget::new();
        EcsRunTask::new(stack, "Run", &cluster(stack), &definition, target)
    });
    let message = "Supplied TaskDefinition is not compatible with EC2";
    refused("task_definition", message, |stack| {
        let definition = definition(stack, ecs::Compatibility::Fargate);
        let target = EcsEc2LaunchTarget::new();
        EcsRunTask::new(stack, "Run", &ec2_cluster(stack), &definition, target)
    });
    let message = "Cluster for this service needs Ec2 capacity. Call addCapacity() on the cluster.";
    refused("cluster", message, |stack| {
        let definition = definition(stack, ecs::Compatibility::Ec2);
        let target = EcsEc2LaunchTarget::new();
        EcsRunTask::new(stack, "Run", &cluster(stack), &definition, target)
    });
}

#[test]
fn capacity_providers_are_1_to_20() {
    let message =
        "Capacity provider strategy must contain between 1 and 20 capacity providers, got 0";
    refused("capacity_provider_options", message, |stack| {
        let definition = definition(stack, ecs::Compatibility::Fargate);
        let target = EcsFargateLaunchTarget::new()
            .capacity_provider_options(CapacityProviderOptions::custom([]));
        EcsRunTask::new(stack, "Run", &cluster(stack), &definition, target)
    });
}

#[test]
fn tasks_are_spread_by_something() {
    let message = "spreadAcross: give at least one field to spread by";
    refused("placement_strategies", message, |stack| {
        let definition = definition(stack, ecs::Compatibility::Ec2);
        let nothing: [&str; 0] = [];
        let target = EcsEc2LaunchTarget::new()
            .placement_strategies([ecs::PlacementStrategy::spread_across(nothing)]);
        EcsRunTask::new(stack, "Run", &ec2_cluster(stack), &definition, target)
    });
}

#[test]
fn what_is_not_known_of_an_imported_cluster_or_definition() {
    let message = "vpc is not available for a Cluster imported using fromClusterArn(), please use \
                   fromClusterAttributes() instead.";
    refused("cluster", message, |stack| {
        let arn = "arn:aws:ecs:us-east-1:111111111111:cluster/jobs";
        let cluster = ecs::Cluster::from_cluster_arn(stack, "Cluster", arn);
        let definition = definition(stack, ecs::Compatibility::Fargate);
        let target = EcsFargateLaunchTarget::new();
        EcsRunTask::new(stack, "Run", &cluster, &definition, target)
    });
    let message = "This operation requires the networkMode in ImportedTaskDefinition to be defined. Add the \
                   'networkMode' in ImportedTaskDefinitionProps to instantiate ImportedTaskDefinition";
    refused("network_mode", message, |stack| {
        let attributes = ecs::TaskDefinitionAttributes {
            task_definition_arn: "arn:aws:ecs:us-east-1:111111111111:task-definition/jobs".into(),
            ..ecs::TaskDefinitionAttributes::default()
        };
        let definition =
            ecs::TaskDefinition::from_task_definition_attributes(stack, "TD", attributes);
        let target = EcsFargateLaunchTarget::new();
        EcsRunTask::new(stack, "Run", &cluster(stack), &definition, target)
    });
    let found = problems(&[], |stack| {
        ecs::Cluster::from_cluster_arn(stack, "Cluster", "arn:aws:ecs:us-east-1:1:cluster");
    });
    let message = "Missing required Cluster Name from Cluster ARN: arn:aws:ecs:us-east-1:1:cluster";
    assert_eq!(found, [(Some("cluster_arn"), message.to_owned())]);
}

/// That a task definition is refused for one reason.
#[track_caller]
fn no_definition(
    property: &'static str,
    message: &str,
    compatibility: ecs::Compatibility,
    options: ecs::TaskDefinitionOptions,
) {
    let found = problems(&[], |stack| {
        ecs::TaskDefinition::new(stack, "TD", compatibility, options);
    });
    assert_eq!(found, [(Some(property), message.to_owned())]);
}

#[test]
fn task_definitions() {
    use ecs::Compatibility::{External, Fargate};
    use ecs::{NetworkMode, PlacementConstraint, TaskDefinitionOptions};

    let options = TaskDefinitionOptions::default;
    let sized = || options().cpu("256").memory_mib("512");
    let message = "Fargate tasks can only have AwsVpc network mode, got: host";
    let mode = sized().network_mode(NetworkMode::Host);
    no_definition("network_mode", message, Fargate, mode);
    let message = "Cannot set placement constraints on tasks that run on Fargate";
    let constraint = sized().placement_constraint(PlacementConstraint::distinct_instances());
    no_definition("placement_constraint", message, Fargate, constraint);
    let message =
        "Fargate-compatible tasks require both CPU (256) and memory (undefined) specifications";
    no_definition("memory_mib", message, Fargate, options().cpu("256"));
    let message = "External tasks can only have Bridge network mode, got: host";
    let mode = options().network_mode(NetworkMode::Host);
    no_definition("network_mode", message, External, mode);
}

#[test]
fn containers() {
    let added = |options: ecs::ContainerOptions| {
        problems(&[], |stack| {
            let definition = without_containers(stack, ecs::Compatibility::Ec2);
            definition.add_container("Web", options);
        })
    };
    let image = || ecs::ContainerImage::from_registry("foo/bar");
    let message = "ECS Container Web must have at least one of 'memoryLimitMiB' or 'memoryReservationMiB' specified";
    let found = added(ecs::ContainerOptions::new(image()));
    assert_eq!(found, [(Some("memory_limit_mib"), message.to_owned())]);
    let message = "MemoryLimitMiB should not be less than MemoryReservationMiB.";
    let found = added(container().memory_reservation_mib(512));
    assert_eq!(found, [(Some("add_container"), message.to_owned())]);
}

#[test]
fn a_log_group_that_is_given_has_its_own_retention() {
    let found = problems(&[], |stack| {
        let group = LogGroup::new(stack, "Logs");
        let driver = ecs::AwsLogDriver::new("web")
            .log_group(&group)
            .log_retention(7);
        let definition = without_containers(stack, ecs::Compatibility::Fargate);
        definition.add_container("Web", container().logging(driver));
    });
    let message = "Cannot specify both `logGroup` and `logRetentionDays`.";
    assert_eq!(found, [(Some("add_container"), message.to_owned())]);
}
