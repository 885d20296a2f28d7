//! ECS: RunTask on EC2

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let vpc = Vpc::from_lookup(stack, "Vpc", &VpcLookup::default_vpc());

    let cluster = ecs::Cluster::new(stack, "Ec2Cluster", &vpc);
    cluster.add_capacity(
        "DefaultAutoScalingGroup",
        ecs::AddCapacityOptions::new("t2.micro").vpc_subnets(SubnetType::Public),
    );

    let options = ecs::TaskDefinitionOptions::default();
    let task_definition = ecs::TaskDefinition::new(stack, "TD", ecs::Compatibility::Ec2, options);

    let image = ecs::ContainerImage::from_registry("foo/bar");
    let container = ecs::ContainerOptions::new(image).memory_limit_mib(256);
    task_definition.add_container("TheContainer", container);

    let launch_target = EcsEc2LaunchTarget::new()
        .placement_strategies([
            ecs::PlacementStrategy::spread_across_instances(),
            ecs::PlacementStrategy::packed_by_cpu(),
            ecs::PlacementStrategy::randomly(),
        ])
        .placement_constraints([ecs::PlacementConstraint::member_of(["blieptuut"])]);
    let run_task = EcsRunTask::new(stack, "Run", &cluster, &task_definition, launch_target)
        .integration_pattern(IntegrationPattern::RunJob);

    vec![run_task.build()]
}
