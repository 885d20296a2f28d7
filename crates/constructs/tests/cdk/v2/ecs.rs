use stepmill::prelude::*;

super::examples![ecs_overrides];

fn ecs_overrides(stack: &Stack) {
    let attributes = VpcAttributes {
        vpc_id: "vpc".into(),
        availability_zones: vec!["a".into()],
        private_subnet_ids: vec!["s".into()],
        ..VpcAttributes::default()
    };
    let vpc = Vpc::from_vpc_attributes(stack, "Vpc", attributes);
    let cluster = ecs::Cluster::new(stack, "Cluster", &vpc);
    let options = ecs::TaskDefinitionOptions::default()
        .cpu("256")
        .memory_mib("512");
    let task_definition =
        ecs::TaskDefinition::new(stack, "TD", ecs::Compatibility::Fargate, options);
    let image = ecs::ContainerImage::from_registry("foo/bar");
    task_definition.add_container("C", ecs::ContainerOptions::new(image));
    let task = EcsRunTask::new(
        stack,
        "T",
        &cluster,
        &task_definition,
        EcsFargateLaunchTarget::new(),
    )
    .integration_pattern(IntegrationPattern::RunJob)
    .cpu("512")
    .memory_mib("1024")
    .propagated_tag_source(ecs::PropagatedTagSource::TaskDefinition)
    .enable_execute_command(true)
    .revision_number(4);
    StateMachine::new(stack, "SM", task);
}
