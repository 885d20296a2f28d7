use serde_json::Value as Json;
use stepmill::prelude::*;
use stepmill::value::flatten;

use crate::difference::differences;

/// Example 24 with a launch target of which nothing is said, as TypeScript's `new EcsFargateLaunchTarget()`.
#[test]
fn a_fargate_launch_target_without_options() {
    let golden: Json =
        serde_json::from_str(include_str!("../data/cdk/24-runtask-fargate.json")).unwrap();
    let environment = Environment::new("111111111111", "us-east-1");
    let stack = Stack::with_environment(&App::new(), "GoldenStack", environment);
    let vpc = Vpc::from_lookup(&stack, "Vpc", &VpcLookup::default_vpc());
    let cluster = ecs::Cluster::new(&stack, "FargateCluster", &vpc);
    let options = ecs::TaskDefinitionOptions::default()
        .memory_mib("512")
        .cpu("256");
    let definition = ecs::TaskDefinition::new(&stack, "TD", ecs::Compatibility::Fargate, options);
    let image = ecs::ContainerImage::from_registry("foo/bar");
    let container = definition.add_container(
        "TheContainer",
        ecs::ContainerOptions::new(image).memory_limit_mib(256),
    );
    let key = TaskEnvironmentVariable::new("SOME_KEY", JsonPath::string_at("$.SomeKey"));
    let target = EcsFargateLaunchTarget::new();
    let run = EcsRunTask::new(&stack, "RunFargate", &cluster, &definition, target)
        .integration_pattern(IntegrationPattern::RunJob)
        .assign_public_ip(true)
        .container_overrides([ContainerOverride::new(&container).environment([key])]);
    StateMachine::new(&stack, "StateMachine", run);

    let body = stack.template().unwrap().body;
    let ours = &body["Resources"]["StateMachine2E01A3A5"]["Properties"]["DefinitionString"];
    let ours: Json = serde_json::from_str(&flatten(ours)).unwrap();
    let mut found = Vec::new();
    differences(
        "",
        &ours,
        &golden["variants"][0]["definition"]["json"],
        &mut found,
    );
    assert!(found.is_empty(), "{}", found.join("\n"));
}
