//! Tasks of SageMaker beyond the examples: what the CDK drops or gets wrong, networks, keys and version 2.

#![allow(clippy::unwrap_used, clippy::panic)] // a helper that fails fails its test

extern crate stepmill_constructs as stepmill;

use serde_json::{Value as Json, json};
use stepmill::prelude::*;
use stepmill::value::flatten;

fn resource<'a>(template: &'a Json, kind: &str, id: &str) -> &'a Json {
    let resources = template["Resources"].as_object().unwrap();
    let mut named = resources
        .iter()
        .filter(|(key, resource)| resource["Type"] == kind && key.starts_with(id));
    &named
        .next()
        .unwrap_or_else(|| panic!("there is no {kind} {id}"))
        .1["Properties"]
}

/// What Stepmill writes where the CDK is wrong, as `deviations.json` has it under a name that is no example of the CDK's.
fn deviation(name: &str) -> Json {
    let all: Json = serde_json::from_str(include_str!("data/deviations.json")).unwrap();
    let mut named = all
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["example"] == name);
    named.next().unwrap()["stepmill"].clone()
}

/// The template, and the parameters of its only task.
fn synthesize(features: &[Feature], build: impl FnOnce(&Stack) -> State) -> (Json, Json) {
    let app = features.iter().copied().fold(App::new(), App::feature);
    let stack = Stack::new(&app, "Stack");
    StateMachine::new(&stack, "Machine", build(&stack));
    let body = stack.template().unwrap().body;
    let machine = resource(&body, "AWS::StepFunctions::StateMachine", "Machine");
    let definition: Json = serde_json::from_str(&flatten(&machine["DefinitionString"])).unwrap();
    let states = definition["States"].as_object().unwrap();
    let parameters = states.values().next().unwrap()["Parameters"].clone();
    (body, parameters)
}

fn statements(template: &Json, policy: &str) -> Vec<Json> {
    let policy = resource(template, "AWS::IAM::Policy", policy);
    policy["PolicyDocument"]["Statement"]
        .as_array()
        .unwrap()
        .clone()
}

fn actions(statements: &[Json]) -> Vec<&Json> {
    statements
        .iter()
        .map(|statement| &statement["Action"])
        .collect()
}

fn training(stack: &Stack, channel: Channel) -> SageMakerCreateTrainingJob {
    let algorithm = AlgorithmSpecification::new().algorithm_name("BlazingText");
    let bucket = Bucket::from_bucket_name(stack, "Bucket", "mybucket");
    let output = OutputDataConfig::new(S3Location::from_bucket(&bucket, "models"));
    SageMakerCreateTrainingJob::new(stack, "Train", "job", algorithm, output)
        .input_data_config([channel])
}

fn channel() -> Channel {
    let source = S3DataSource::new(S3Location::from_json_expression("$.data"));
    Channel::new("train", DataSource::new(source))
}

#[test]
fn a_channel_is_shuffled_as_it_says() {
    let shuffled = channel()
        .shuffle_config(ShuffleConfig::new(7))
        .record_wrapper_type(RecordWrapperType::RecordIo)
        .input_mode(InputMode::FastFile);
    let (_, parameters) = synthesize(&[], |stack| training(stack, shuffled).build());
    assert_eq!(
        parameters["InputDataConfig"],
        json!([{
            "ChannelName": "train",
            "DataSource": {"S3DataSource": {"S3Uri.$": "$.data", "S3DataType": "S3Prefix"}},
            "InputMode": "FastFile",
            "RecordWrapperType": "RecordIO",
            "ShuffleConfig": deviation("sagemaker-shuffle")["ShuffleConfig"],
        }])
    );
}

#[test]
fn what_is_not_said_of_a_training_job() {
    let (_, parameters) = synthesize(&[], |stack| {
        let job = training(stack, channel()).tags(object! {"team": "data"});
        job.hyperparameters(object! {"epochs": JsonPath::string_at("$.epochs")})
            .build()
    });
    assert_eq!(
        parameters["ResourceConfig"],
        json!({"InstanceCount": 1, "InstanceType": "ml.m4.xlarge", "VolumeSizeInGB": 10})
    );
    assert_eq!(
        parameters["StoppingCondition"],
        json!({"MaxRuntimeInSeconds": 3600})
    );
    assert_eq!(
        parameters["HyperParameters"],
        json!({"epochs.$": "$.epochs"})
    );
    assert_eq!(
        parameters["Tags"],
        json!([{"Key": "team", "Value": "data"}])
    );
}

#[test]
fn keys_and_a_network_are_allowed_to_the_role() {
    let (template, parameters) = synthesize(&[], |stack| {
        let vpc = Vpc::new(stack, "Vpc");
        let key = Key::new(stack, "Key");
        let group = SecurityGroup::new(stack, "Other", &vpc);
        let resources = ResourceConfig::new(2, "p3.2xlarge", Size::gibibytes(100));
        let job = training(stack, channel())
            .resource_config(resources.volume_encryption_key(&key))
            .vpc_config(VpcConfig::new(&vpc).subnets(SubnetType::Public))
            .add_security_group(&group);
        job.connections().allow_from_any_ipv4(&Port::tcp(443), None);
        job.build()
    });
    let network = &parameters["VpcConfig"];
    assert_eq!(network["Subnets"].as_array().unwrap().len(), 2);
    assert_eq!(network["SecurityGroupIds"].as_array().unwrap().len(), 2);
    let own = resource(
        &template,
        "AWS::EC2::SecurityGroup",
        "TrainTrainJobSecurityGroup",
    );
    assert_eq!(own["SecurityGroupIngress"][0]["FromPort"], 443);
    let role = resource(&template, "AWS::IAM::Role", "TrainSagemakerRole");
    let inline = &role["Policies"][0]["PolicyDocument"]["Statement"][0]["Action"];
    let inline = inline.as_array().unwrap();
    assert!(inline.contains(&json!("ec2:CreateNetworkInterface")));
    let allowed = statements(&template, "TrainSagemakerRoleDefaultPolicy");
    assert_eq!(
        actions(&allowed),
        [
            &json!("kms:CreateGrant"),
            &json!(["s3:GetObject", "s3:ListBucket"]),
            &json!(["s3:DeleteObject*", "s3:PutObject*", "s3:Abort*"]),
        ]
    );
}

#[test]
fn a_role_that_is_given_is_passed() {
    let arn = "arn:aws:iam::111111111111:role/sagemaker";
    let (template, parameters) = synthesize(&[], |stack| {
        let role = Role::from_role_arn(stack, "Given", arn);
        training(stack, channel()).role(&role).build()
    });
    assert_eq!(parameters["RoleArn"], arn);
    let roles = template["Resources"].as_object().unwrap().values();
    let roles = roles.filter(|resource| resource["Type"] == "AWS::IAM::Role");
    assert_eq!(roles.count(), 1, "the machine's own");
    let allowed = statements(&template, "MachineRoleDefaultPolicy");
    assert_eq!(allowed[2]["Resource"], arn);
}

#[test]
fn version_2_allows_tags() {
    use IntegrationPattern::{RequestResponse, RunJob};

    let allowed = |features: &[Feature], pattern, transforms: bool| {
        let (template, _) = synthesize(features, |stack| {
            if !transforms {
                return training(stack, channel())
                    .integration_pattern(pattern)
                    .build();
            }
            let source = TransformS3DataSource::new("s3://in/put");
            let input = TransformInput::new(TransformDataSource::new(source));
            let output = TransformOutput::new("s3://out/put");
            SageMakerCreateTransformJob::new(stack, "Transform", "job", "model", input, output)
                .integration_pattern(pattern)
                .build()
        });
        let statements = statements(&template, "MachineRoleDefaultPolicy");
        statements
            .iter()
            .position(|statement| statement["Action"] == "sagemaker:AddTags")
    };
    let version_2 = [Feature::Version2];
    assert_eq!(allowed(&[], RunJob, false), None);
    assert_eq!(allowed(&version_2, RequestResponse, false), Some(2));
    assert_eq!(allowed(&version_2, RunJob, false), Some(2));
    assert_eq!(allowed(&version_2, RequestResponse, true), None);
    assert_eq!(allowed(&version_2, RunJob, true), Some(4));
}

#[test]
fn a_pipeline_of_containers_is_written_as_aws_reads_it() {
    let (template, parameters) = synthesize(&[], |stack| {
        let repository = Repository::new(stack, "Images");
        let image = DockerImage::from_ecr_repository(&repository, "latest");
        let container = |name: &str| {
            let options = ContainerDefinitionOptions::new()
                .container_host_name(name)
                .image(image.clone())
                .environment_variables(TaskInput::from_object(object! {"LOG": "debug"}));
            ContainerDefinition::new(options)
        };
        let vpc = Vpc::new(stack, "Vpc");
        SageMakerCreateModel::new(stack, "Model", "MyModel", container("first"))
            .containers([container("second")])
            .vpc(&vpc)
            .enable_network_isolation(true)
            .build()
    });
    assert_eq!(parameters["PrimaryContainer"]["ContainerHostname"], "first");
    let second = &parameters["Containers"][0];
    let known = deviation("sagemaker-containers");
    assert_eq!(second["ContainerHostname"], known[0]["ContainerHostname"]);
    assert_eq!(second["Environment"], json!({"LOG": "debug"}));
    assert!(second["Image"].as_str().unwrap().ends_with(":latest"));
    assert_eq!(parameters["EnableNetworkIsolation"], true);
    assert_eq!(
        parameters["VpcConfig"]["SecurityGroupIds"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let allowed = statements(&template, "ModelSagemakerRoleDefaultPolicy");
    let pull = json!([
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
    ]);
    assert_eq!(
        actions(&allowed)[1..],
        [&pull, &json!("ecr:GetAuthorizationToken")]
    );
}

#[test]
fn an_accelerator_has_the_name_of_its_class() {
    let (template, parameters) = synthesize(&[], |stack| {
        let key = Key::new(stack, "Key");
        let accelerator = AcceleratorType::of(&AcceleratorClass::EIA2, &InstanceSize::MEDIUM);
        let variant = ProductionVariant::new("all", "model", JsonPath::string_at("$.type"))
            .accelerator_type(accelerator)
            .initial_variant_weight(0.5);
        SageMakerCreateEndpointConfig::new(stack, "Config", "MyConfig", [variant])
            .kms_key(&key)
            .tags(TaskInput::from_json_path_at("$.tags"))
            .build()
    });
    assert_eq!(
        parameters["ProductionVariants"],
        json!([{
            "InitialInstanceCount": 1,
            "InstanceType.$": "$.type",
            "ModelName": "model",
            "VariantName": "all",
            "AcceleratorType": deviation("sagemaker-accelerator"),
            "InitialVariantWeight": 0.5,
        }])
    );
    assert_eq!(parameters["Tags.$"], "$.tags");
    let key = resource(&template, "AWS::KMS::Key", "Key");
    assert!(key["KeyPolicy"].is_object());
    assert!(
        parameters["KmsKeyId"]
            .as_str()
            .unwrap()
            .starts_with("${Ref:Key")
    );
}
