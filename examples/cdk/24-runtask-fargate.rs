//! ECS: RunTask on Fargate

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let vpc = Vpc::from_lookup(stack, "Vpc", &VpcLookup::default_vpc());

    let cluster = ecs::Cluster::new(stack, "FargateCluster", &vpc);

    let options = ecs::TaskDefinitionOptions::default().memory_mib("512").cpu("256");
    let task_definition = ecs::TaskDefinition::new(stack, "TD", ecs::Compatibility::Fargate, options);

    let image = ecs::ContainerImage::from_registry("foo/bar");
    let container = ecs::ContainerOptions::new(image).memory_limit_mib(256);
    let container_definition = task_definition.add_container("TheContainer", container);

    let some_key = TaskEnvironmentVariable::new("SOME_KEY", JsonPath::string_at("$.SomeKey"));
    let launch_target = EcsFargateLaunchTarget::new().platform_version(ecs::FargatePlatformVersion::Latest);
    let run_task = EcsRunTask::new(stack, "RunFargate", &cluster, &task_definition, launch_target)
        .integration_pattern(IntegrationPattern::RunJob)
        .assign_public_ip(true)
        .container_overrides([ContainerOverride::new(&container_definition).environment([some_key])]);

    vec![run_task.build()]
}
