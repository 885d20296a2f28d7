//! ECS beyond the examples: containers, logs, images, capacity providers, what exists already, and permissions.

#![allow(clippy::unwrap_used, clippy::panic)] // a helper that fails fails its test

extern crate stepmill_constructs as stepmill;

use serde_json::{Value as Json, json};
use stepmill::prelude::*;
use stepmill::value::flatten;

fn resource<'a>(template: &'a Json, kind: &str) -> &'a Json {
    let resources = template["Resources"].as_object().unwrap();
    let mut of_kind = resources
        .values()
        .filter(|resource| resource["Type"] == kind);
    &of_kind
        .next()
        .unwrap_or_else(|| panic!("there is no {kind}"))["Properties"]
}

fn statements(template: &Json, policy: &str) -> Json {
    let resources = template["Resources"].as_object().unwrap();
    let mut named = resources.iter().filter(|(id, _)| id.starts_with(policy));
    named.next().unwrap().1["Properties"]["PolicyDocument"]["Statement"].clone()
}

fn fargate(stack: &Stack) -> ecs::TaskDefinition {
    let options = ecs::TaskDefinitionOptions::default()
        .cpu("256")
        .memory_mib("512");
    ecs::TaskDefinition::new(stack, "TD", ecs::Compatibility::Fargate, options)
}

fn container() -> ecs::ContainerOptions {
    ecs::ContainerOptions::new(ecs::ContainerImage::from_registry("foo/bar"))
}

/// The template of a machine with one task, and the task's parameters.
fn run(features: &[Feature], build: impl FnOnce(&Stack) -> EcsRunTask) -> (Json, Json) {
    let app = features.iter().copied().fold(App::new(), App::feature);
    let stack = Stack::new(&app, "Stack");
    StateMachine::new(&stack, "Machine", build(&stack));
    let body = stack.template().unwrap().body;
    let machine = resource(&body, "AWS::StepFunctions::StateMachine");
    let definition: Json = serde_json::from_str(&flatten(&machine["DefinitionString"])).unwrap();
    let states = definition["States"].as_object().unwrap();
    let parameters = states.values().next().unwrap()["Parameters"].clone();
    (body, parameters)
}

fn run_on_fargate(stack: &Stack, target: EcsFargateLaunchTarget) -> EcsRunTask {
    let definition = fargate(stack);
    definition.add_container("Web", container());
    let cluster = ecs::Cluster::new(stack, "Cluster", &Vpc::new(stack, "Vpc"));
    EcsRunTask::new(stack, "Run", &cluster, &definition, target)
}

#[test]
fn a_container_says_what_it_needs() {
    let stack = Stack::new(&App::new(), "Stack");
    let definition = fargate(&stack);
    let repository = Repository::from_repository_name(&stack, "Images", "web");
    let image = ecs::ContainerImage::from_ecr_repository(&repository, "1.0");
    let options = ecs::ContainerOptions::new(image)
        .command(["serve", "--all"])
        .environment("LOG", "debug")
        .stop_timeout(Duration::minutes(1))
        .gpu_count(2)
        .logging(
            ecs::AwsLogDriver::new("web")
                .log_retention(7)
                .non_blocking(),
        );
    definition
        .add_container("Web", options)
        .add_environment("MODE", "test");

    let template = stack.template().unwrap().body;
    let task = resource(&template, "AWS::ECS::TaskDefinition");
    let group = &task["ContainerDefinitions"][0]["LogConfiguration"]["Options"]["awslogs-group"];
    assert!(group["Ref"].as_str().unwrap().starts_with("TDWebLogGroup"));
    let url = &task["ContainerDefinitions"][0]["Image"];
    assert_eq!(
        task["ContainerDefinitions"],
        json!([{
            "Name": "Web",
            "Essential": true,
            "Image": url,
            "Command": ["serve", "--all"],
            "Environment": [{"Name": "LOG", "Value": "debug"}, {"Name": "MODE", "Value": "test"}],
            "StopTimeout": 60,
            "ResourceRequirements": [{"Type": "GPU", "Value": "2"}],
            "LogConfiguration": {"LogDriver": "awslogs", "Options": {
                "awslogs-group": group,
                "awslogs-stream-prefix": "web",
                "awslogs-region": {"Ref": "AWS::Region"},
                "mode": "non-blocking",
            }},
        }])
    );
    assert_eq!(
        flatten(url),
        "${Ref:AWS::AccountId}.dkr.ecr.${Ref:AWS::Region}.${Ref:AWS::URLSuffix}/web:1.0"
    );
    assert_eq!(
        resource(&template, "AWS::Logs::LogGroup")["RetentionInDays"],
        7
    );
    let role = &task["ExecutionRoleArn"]["Fn::GetAtt"][0];
    assert!(role.as_str().unwrap().starts_with("TDExecutionRole"));
    let allowed = statements(&template, "TDExecutionRoleDefaultPolicy");
    let actions: Vec<&Json> = allowed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["Action"])
        .collect();
    assert_eq!(actions[1], "ecr:GetAuthorizationToken");
    assert_eq!(
        *actions[2],
        json!(["logs:CreateLogStream", "logs:PutLogEvents"])
    );
}

#[test]
fn capacity_providers_take_the_place_of_a_launch_type() {
    let spot = ecs::CapacityProviderStrategy {
        weight: Some(2),
        ..ecs::CapacityProviderStrategy::new("FARGATE_SPOT")
    };
    let custom = CapacityProviderOptions::custom([spot]);
    let target = |options| EcsFargateLaunchTarget::new().capacity_provider_options(options);
    let (_, parameters) = run(&[], |stack| run_on_fargate(stack, target(custom)));
    assert_eq!(
        parameters["CapacityProviderStrategy"],
        json!([{"CapacityProvider": "FARGATE_SPOT", "Weight": 2}])
    );
    assert!(parameters.get("LaunchType").is_none());
    let default = CapacityProviderOptions::default();
    let (_, parameters) = run(&[], |stack| run_on_fargate(stack, target(default)));
    assert!(parameters.get("CapacityProviderStrategy").is_none());
    assert!(parameters.get("LaunchType").is_none());

    let stack = Stack::new(&App::new(), "Stack");
    let cluster = ecs::Cluster::with_own_vpc(&stack, "Cluster").enable_fargate_capacity_providers();
    assert_eq!(cluster.vpc().unwrap().availability_zones().len(), 2);
    let template = stack.template().unwrap().body;
    let providers = resource(&template, "AWS::ECS::ClusterCapacityProviderAssociations");
    assert_eq!(
        providers["CapacityProviders"],
        json!(["FARGATE", "FARGATE_SPOT"])
    );
}

#[test]
fn only_the_newest_revision_may_be_run_if_the_feature_is_on() {
    let allowed = |features: &[Feature]| {
        let (template, _) = run(features, |stack| {
            run_on_fargate(stack, EcsFargateLaunchTarget::new())
        });
        flatten(&statements(&template, "MachineRoleDefaultPolicy")[0]["Resource"])
    };
    let family = allowed(&[]);
    assert!(family.starts_with("arn:${Fn::Select:[1,"), "{family}");
    assert_eq!(allowed(&[Feature::Version2]), format!("{family}:*"));
    let newest = allowed(&[Feature::Version2, Feature::EcsReduceRunTaskPermissions]);
    assert!(newest.starts_with("${Ref:TD"), "{newest}");
}

#[test]
fn clusters_and_definitions_that_exist_already() {
    let arn = "arn:aws:ecs:us-east-1:111111111111:task-definition/web:4";
    let (template, parameters) = run(&[], |stack| {
        let vpc = Vpc::new(stack, "Vpc");
        let attributes = ecs::ClusterAttributes::new("jobs", &vpc);
        let cluster = ecs::Cluster::from_cluster_attributes(stack, "Cluster", attributes);
        let role = |id: &str| {
            let arn = format!("arn:aws:iam::111111111111:role/{id}");
            Some(Role::from_role_arn(stack, id, arn))
        };
        let attributes = ecs::TaskDefinitionAttributes {
            task_definition_arn: arn.into(),
            network_mode: Some(ecs::NetworkMode::Bridge),
            task_role: role("task"),
            execution_role: role("execution"),
            ..ecs::TaskDefinitionAttributes::default()
        };
        let definition =
            ecs::TaskDefinition::from_task_definition_attributes(stack, "TD", attributes);
        let web = ecs::ContainerDefinition::named("web");
        let changed = ContainerOverride::new(&web)
            .command(JsonPath::string_at("$.command"))
            .memory_limit(512);
        let target = EcsEc2LaunchTarget::new();
        EcsRunTask::new(stack, "Run", &cluster, &definition, target).container_overrides([changed])
    });
    assert_eq!(
        parameters["Cluster"],
        "arn:${Ref:AWS::Partition}:ecs:${Ref:AWS::Region}:${Ref:AWS::AccountId}:cluster/jobs"
    );
    assert_eq!(parameters["TaskDefinition"], "web");
    assert_eq!(
        parameters["Overrides"],
        json!({"ContainerOverrides": [{"Name": "web", "Command.$": "$.command", "Memory": 512}]})
    );
    let allowed = statements(&template, "MachineRoleDefaultPolicy");
    let family = "arn:aws:ecs:us-east-1:111111111111:task-definition/web";
    assert_eq!(allowed[0]["Resource"], family);
    let roles = ["task", "execution"].map(|id| format!("arn:aws:iam::111111111111:role/{id}"));
    assert_eq!(allowed[2]["Resource"], json!(roles));
}

#[test]
fn a_task_may_connect_to_what_was_said_before_it_had_a_group() {
    let (template, _) = run(&[], |stack| {
        let task = run_on_fargate(stack, EcsFargateLaunchTarget::new());
        task.connections()
            .allow_from_any_ipv4(&Port::tcp(443), Some("web"));
        task
    });
    let group = resource(&template, "AWS::EC2::SecurityGroup");
    assert_eq!(group["SecurityGroupIngress"][0]["Description"], "web");
}

#[test]
fn a_task_without_a_public_address_says_so() {
    let all: Json = serde_json::from_str(include_str!("data/deviations.json")).unwrap();
    let all = all.as_array().unwrap();
    let deviation = all
        .iter()
        .find(|row| row["example"] == "ecs-assign-public-ip")
        .unwrap();
    let (_, parameters) = run(&[], |stack| {
        run_on_fargate(stack, EcsFargateLaunchTarget::new()).assign_public_ip(false)
    });
    let network = &parameters["NetworkConfiguration"]["AwsvpcConfiguration"];
    assert_eq!(
        network["AssignPublicIp"],
        deviation["stepmill"]["AssignPublicIp"]
    );
}

#[test]
fn an_image_that_is_published_with_the_stack_may_be_pulled() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("Dockerfile"), "FROM scratch\n").unwrap();
    let stack = Stack::new(&App::new(), "Stack");
    let asset = DockerImageAsset::new(&stack, "Image", directory.path());
    let image = ecs::ContainerImage::from_docker_image_asset(&asset);
    fargate(&stack).add_container("Web", ecs::ContainerOptions::new(image));

    let template = stack.template().unwrap().body;
    let task = resource(&template, "AWS::ECS::TaskDefinition");
    let image = flatten(&task["ContainerDefinitions"][0]["Image"]);
    assert!(
        image.ends_with(&format!("/aws-cdk/assets:{}", asset.asset_hash())),
        "{image}"
    );
    let allowed = statements(&template, "TDExecutionRoleDefaultPolicy");
    let repository = flatten(&allowed[0]["Resource"]);
    assert!(
        repository.ends_with(":repository/aws-cdk/assets"),
        "{repository}"
    );
}
