//! Every property of the tasks of Batch, CodeBuild, DynamoDB, EventBridge, Glue and SQS stands where the service wants it,
//! and resources that they are about have their defaults.

#![allow(clippy::unwrap_used)]

extern crate stepmill_constructs as stepmill;

use serde_json::{Value as Json, json};
use stepmill::prelude::*;
use stepmill::value::flatten;

/// The template's resources of a type, with what is only known at deployment as text.
fn of_type(template: &Json, kind: &str) -> Vec<Json> {
    let resources = template["Resources"].as_object().unwrap().values();
    let of_type = resources.filter(|resource| resource["Type"] == kind);
    of_type
        .map(|resource| flat(&resource["Properties"]))
        .collect()
}

fn flat(value: &Json) -> Json {
    match value {
        Json::Object(members) if members.len() == 1 && is_function(members) => {
            flatten(value).into()
        }
        Json::Object(members) => {
            let members = members.iter();
            Json::Object(
                members
                    .map(|(name, value)| (name.clone(), flat(value)))
                    .collect(),
            )
        }
        Json::Array(items) => items.iter().map(flat).collect(),
        other => other.clone(),
    }
}

fn is_function(members: &serde_json::Map<String, Json>) -> bool {
    members
        .keys()
        .all(|name| name == "Ref" || name.starts_with("Fn::"))
}

fn template(features: &[Feature], task: impl FnOnce(&Stack) -> State) -> Json {
    let app = features.iter().copied().fold(App::new(), App::feature);
    let stack = Stack::new(&app, "Stack");
    StateMachine::new(&stack, "Machine", task(&stack));
    stack.template().unwrap().body
}

/// The one task of a machine.
fn state(task: impl FnOnce(&Stack) -> State) -> Json {
    let template = template(&[], task);
    let machines = of_type(&template, "AWS::StepFunctions::StateMachine");
    let definition = machines[0]["DefinitionString"].as_str().unwrap();
    let definition: Json = serde_json::from_str(definition).unwrap();
    definition["States"]["T"].clone()
}

fn parameters(task: impl FnOnce(&Stack) -> State) -> Json {
    state(task)["Parameters"].clone()
}

/// The statements of all policies of a template.
fn statements(features: &[Feature], task: impl FnOnce(&Stack) -> State) -> Vec<Json> {
    let policies = of_type(&template(features, task), "AWS::IAM::Policy").into_iter();
    let statements = policies.flat_map(|policy| {
        policy["PolicyDocument"]["Statement"]
            .as_array()
            .unwrap()
            .clone()
    });
    statements.collect()
}

#[test]
fn a_job() {
    let task = |stack: &Stack| {
        let overrides = BatchContainerOverrides::new()
            .command(["sh", "-c", "true"])
            .environment("NAME", JsonPath::string_at("$.name"))
            .gpu_count(1)
            .instance_type("p3.2xlarge")
            .memory(Size::gibibytes(2))
            .vcpus(4);
        BatchSubmitJob::new(stack, "T", "definition", "name", "queue")
            .array_size(15)
            .attempts(3)
            .container_overrides(overrides)
            .depends_on([BatchJobDependency::new().job_id("1234").kind("N_TO_N")])
            .payload(TaskInput::from_object(
                object! {"foo": JsonPath::string_at("$.bar")},
            ))
            .timeout(Duration::hours(1))
            .build()
    };
    let expected = json!({
        "JobDefinition": "definition",
        "JobName": "name",
        "JobQueue": "queue",
        "Parameters": {"foo.$": "$.bar"},
        "ArrayProperties": {"Size": 15},
        "ContainerOverrides": {
            "Command": ["sh", "-c", "true"],
            "Environment": [{"Name": "NAME", "Value.$": "$.name"}],
            "InstanceType": "p3.2xlarge",
            "ResourceRequirements": [
                {"Type": "GPU", "Value": "1"},
                {"Type": "MEMORY", "Value": "2048"},
                {"Type": "VCPU", "Value": "4"},
            ],
        },
        "DependsOn": [{"JobId": "1234", "Type": "N_TO_N"}],
        "RetryStrategy": {"Attempts": 3},
        "Timeout": {"AttemptDurationSeconds": 3600},
    });
    assert_eq!(parameters(task), expected);
    assert_eq!(state(task).get("TimeoutSeconds"), None);
}

#[test]
fn a_timeout_of_the_service_may_be_a_path() {
    let job = state(|stack| {
        BatchSubmitJob::new(stack, "T", "definition", "name", "queue")
            .timeout(Timeout::at("$.seconds"))
            .build()
    });
    assert_eq!(
        job["Parameters"]["Timeout"],
        json!({"AttemptDurationSeconds.$": "$.seconds"})
    );
    let run = state(|stack| {
        GlueStartJobRun::new(stack, "T", "job")
            .timeout(Timeout::at("$.minutes"))
            .build()
    });
    assert_eq!(run["Parameters"]["Timeout.$"], "$.minutes");
    for state in [job, run] {
        assert_eq!(state.get("TimeoutSecondsPath"), None);
    }
}

#[test]
fn a_queue_that_is_only_known_at_run_time_is_any() {
    let found = statements(&[], |stack| {
        let queue = JsonPath::string_at("$.queue");
        BatchSubmitJob::new(stack, "T", "definition", "name", queue).build()
    });
    assert_eq!(found[0]["Action"], "batch:SubmitJob");
    assert_eq!(found[0]["Resource"], "*");
}

#[test]
fn attributes() {
    type Attribute = DynamoAttributeValue;
    let at = JsonPath::string_at;
    let cases = [
        (Attribute::from_string("text"), json!({"S": "text"})),
        (Attribute::from_string(at("$.s")), json!({"S.$": "$.s"})),
        (Attribute::from_number(-1.5), json!({"N": "-1.5"})),
        (Attribute::from_number(10), json!({"N": "10"})),
        (
            Attribute::number_from_string("12345678901234567890"),
            json!({"N": "12345678901234567890"}),
        ),
        (Attribute::from_binary("AAEC"), json!({"B": "AAEC"})),
        (
            Attribute::from_string_set(["a", "b"]),
            json!({"SS": ["a", "b"]}),
        ),
        (
            Attribute::from_string_set(at("$.ss")),
            json!({"SS.$": "$.ss"}),
        ),
        (
            Attribute::from_number_set([1.0, 2.5]),
            json!({"NS": ["1", "2.5"]}),
        ),
        (
            Attribute::number_set_from_strings(["1"]),
            json!({"NS": ["1"]}),
        ),
        (
            Attribute::from_binary_set(["AAEC"]),
            json!({"BS": ["AAEC"]}),
        ),
        (
            Attribute::from_map([("id", Attribute::from_string("1"))]),
            json!({"M": {"id": {"S": "1"}}}),
        ),
        (Attribute::map_from_json_path("$.m"), json!({"M.$": "$.m"})),
        (
            Attribute::map_from_jsonata("{% $m %}"),
            json!({"M": "{% $m %}"}),
        ),
        (
            Attribute::from_list([Attribute::from_null(true)]),
            json!({"L": [{"NULL": true}]}),
        ),
        (Attribute::list_from_json_path("$.l"), json!({"L.$": "$.l"})),
        (
            Attribute::list_from_jsonata("{% $l %}"),
            json!({"L": "{% $l %}"}),
        ),
        (Attribute::from_boolean(false), json!({"BOOL": false})),
        (
            Attribute::boolean_from_json_path("$.b"),
            json!({"BOOL.$": "$.b"}),
        ),
        (
            Attribute::boolean_from_jsonata("{% $b %}"),
            json!({"BOOL": "{% $b %}"}),
        ),
    ];
    for (attribute, expected) in cases {
        let found = parameters(|stack| {
            let table = Table::from_table_name(stack, "Table", "orders");
            DynamoGetItem::new(stack, "T", [("id", attribute)], &table).build()
        });
        assert_eq!(found["Key"]["id"], expected);
    }
}

#[test]
fn reading_an_item() {
    let found = parameters(|stack| {
        let table = Table::from_table_name(stack, "Table", "orders");
        let tags = DynamoProjectionExpression::new("Messages")
            .at_index(1)
            .with_attribute("Tags");
        let key = [("id", DynamoAttributeValue::from_string("1"))];
        DynamoGetItem::new(stack, "T", key, &table)
            .consistent_read(true)
            .expression_attribute_names([("#id", "Id")])
            .projection_expression([tags, DynamoProjectionExpression::new("#id")])
            .return_consumed_capacity(DynamoConsumedCapacity::Total)
            .build()
    });
    let expected = json!({
        "Key": {"id": {"S": "1"}},
        "TableName": "orders",
        "ConsistentRead": true,
        "ExpressionAttributeNames": {"#id": "Id"},
        "ProjectionExpression": "Messages[1].Tags,#id",
        "ReturnConsumedCapacity": "TOTAL",
    });
    assert_eq!(found, expected);
}

/// A change of each kind with everything that can be said of it.
macro_rules! changed {
    ($task:ident $(, $method:ident($value:expr))?) => {
        parameters(|stack| {
            let table = Table::from_table_name(stack, "Table", "orders");
            let key = [("id", DynamoAttributeValue::from_string("1"))];
            $task::new(stack, "T", key, &table)
                .condition_expression("attribute_exists(#id)")
                .expression_attribute_names([("#id", "Id")])
                .expression_attribute_values([(":one", DynamoAttributeValue::from_number(1))])
                .return_consumed_capacity(DynamoConsumedCapacity::Indexes)
                .return_item_collection_metrics(DynamoItemCollectionMetrics::Size)
                .return_values(DynamoReturnValues::AllOld)
                $(.$method($value))?
                .build()
        })
    };
}

#[test]
fn changing_an_item() {
    let expected = |what: &str, more: Json| {
        let mut expected = json!({
            what: {"id": {"S": "1"}},
            "TableName": "orders",
            "ConditionExpression": "attribute_exists(#id)",
            "ExpressionAttributeNames": {"#id": "Id"},
            "ExpressionAttributeValues": {":one": {"N": "1"}},
            "ReturnConsumedCapacity": "INDEXES",
            "ReturnItemCollectionMetrics": "SIZE",
            "ReturnValues": "ALL_OLD",
        });
        let more = more.as_object().unwrap().clone();
        expected.as_object_mut().unwrap().extend(more);
        expected
    };
    assert_eq!(changed!(DynamoPutItem), expected("Item", json!({})));
    assert_eq!(changed!(DynamoDeleteItem), expected("Key", json!({})));
    let more = json!({"UpdateExpression": "SET Total = :one"});
    assert_eq!(
        changed!(DynamoUpdateItem, update_expression("SET Total = :one")),
        expected("Key", more)
    );
}

#[test]
fn events() {
    let task = |stack: &Stack| {
        let bus = EventBus::from_event_bus_name(stack, "Bus", "orders");
        let detail = TaskInput::from_object(object! {"token": JsonPath::task_token()});
        let entries = [
            EventBridgePutEventsEntry::new(detail, "type", "shop").event_bus(&bus),
            EventBridgePutEventsEntry::new(TaskInput::from_text("detail"), "type", "shop"),
        ];
        EventBridgePutEvents::new(stack, "T", entries)
            .integration_pattern(IntegrationPattern::WaitForTaskToken)
            .build()
    };
    let bus = "arn:${Ref:AWS::Partition}:events:${Ref:AWS::Region}:${Ref:AWS::AccountId}:event-bus";
    let expected = json!([
        {
            "Detail": {"token.$": "$$.Task.Token"},
            "DetailType": "type",
            "EventBusName": format!("{bus}/orders"),
            "Source": "shop",
        },
        {"Detail": "detail", "DetailType": "type", "Source": "shop"},
    ]);
    assert_eq!(parameters(task)["Entries"], expected);
    let statements = statements(&[], task);
    assert_eq!(
        statements[0]["Resource"],
        json!([format!("{bus}/orders"), format!("{bus}/default")])
    );
}

#[test]
fn runs_of_glue_jobs() {
    let task = |stack: &Stack| {
        GlueStartJobRun::new(stack, "T", JsonPath::string_at("$.job"))
            .integration_pattern(IntegrationPattern::RunJob)
            .security_configuration("secure")
            .worker_configuration(WorkerConfigurationProperty::new(WorkerType::of("G.12X"), 2))
            .build()
    };
    let expected = json!({
        "JobName.$": "$.job",
        "SecurityConfiguration": "secure",
        "WorkerType": "G.12X",
        "NumberOfWorkers": 2,
    });
    assert_eq!(parameters(task), expected);
    let statements = statements(&[], task);
    let actions = [
        "glue:StartJobRun",
        "glue:GetJobRun",
        "glue:GetJobRuns",
        "glue:BatchStopJobRun",
    ];
    assert_eq!(statements[0]["Action"], json!(actions));
    assert_eq!(
        statements[0]["Resource"],
        "arn:${Ref:AWS::Partition}:glue:${Ref:AWS::Region}:${Ref:AWS::AccountId}:job/*"
    );
}

#[test]
fn the_key_of_an_encrypted_queue() {
    let task = |stack: &Stack| {
        let arn = "arn:aws:kms:eu-central-1:111122223333:key/1234";
        let queue =
            Queue::new(stack, "Queue").encryption_master_key(&Key::from_key_arn(stack, "Key", arn));
        SqsSendMessage::new(stack, "T", &queue, TaskInput::from_text("body"))
            .delay(Duration::minutes(1))
            .message_group_id("group")
            .message_deduplication_id("id")
            .build()
    };
    let expected = json!({
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Effect": "Allow",
        "Resource": "arn:aws:kms:eu-central-1:111122223333:key/1234",
    });
    assert_eq!(statements(&[Feature::Version2], task)[1], expected);
    assert_eq!(statements(&[], task).len(), 1);
    let sent = parameters(task);
    assert_eq!(sent["DelaySeconds"], 60);
    assert_eq!(sent["MessageGroupId"], "group");
    assert_eq!(sent["MessageDeduplicationId"], "id");
}

#[test]
fn a_project_with_settings() {
    let template = template(&[Feature::Version2], |stack| {
        let spec = object! {"version": "0.2", "env": object! {"bucket": stack.region()}};
        let secret = BuildEnvironmentVariable::new("token")
            .kind(BuildEnvironmentVariableType::SecretsManager);
        let project = Project::new(stack, "Project", BuildSpec::from_object(spec))
            .compute_type(ComputeType::Large)
            .privileged(true)
            .environment_variables([("TOKEN", secret)])
            .timeout(Duration::minutes(20));
        CodeBuildStartBuild::new(stack, "T", &project).build()
    });
    let project = &of_type(&template, "AWS::CodeBuild::Project")[0];
    let expected = json!({
        "ComputeType": "BUILD_GENERAL1_LARGE",
        "EnvironmentVariables": [{"Name": "TOKEN", "Type": "SECRETS_MANAGER", "Value": "token"}],
        "Image": "aws/codebuild/standard:7.0",
        "ImagePullCredentialsType": "CODEBUILD",
        "PrivilegedMode": true,
        "Type": "LINUX_CONTAINER",
    });
    assert_eq!(project["Environment"], expected);
    assert_eq!(project["TimeoutInMinutes"], 20);
    assert_eq!(
        project["Source"]["BuildSpec"],
        "{\n  \"version\": \"0.2\",\n  \"env\": {\n    \"bucket\": \"${Ref:AWS::Region}\"\n  }\n}"
    );
}

#[test]
fn a_project_may_read_what_its_variables_name() {
    let found = statements(&[], |stack| {
        let variable = |kind, value: &str| BuildEnvironmentVariable::new(value).kind(kind);
        let parameter = |value| variable(BuildEnvironmentVariableType::ParameterStore, value);
        let secret = |value| variable(BuildEnvironmentVariableType::SecretsManager, value);
        let spec = BuildSpec::from_object(object! {"version": "0.2"});
        let project = Project::new(stack, "Project", spec).environment_variables([
            ("PARAMETER", parameter("/orders/token")),
            ("SECRET", secret("orders:token")),
            (
                "ARN",
                secret("arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop-Ab12Cd:token"),
            ),
        ]);
        CodeBuildStartBuild::new(stack, "T", &project).build()
    });
    let resources = |action: &str| {
        let statement = found.iter().find(|statement| statement["Action"] == action);
        statement.unwrap()["Resource"].clone()
    };
    let place = "${Ref:AWS::Region}:${Ref:AWS::AccountId}";
    assert_eq!(
        resources("ssm:GetParameters"),
        format!("arn:${{Ref:AWS::Partition}}:ssm:{place}:parameter/orders/token")
    );
    let secrets = [
        format!("arn:${{Ref:AWS::Partition}}:secretsmanager:{place}:secret:orders-??????"),
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop-Ab12Cd*".to_owned(),
    ];
    assert_eq!(resources("secretsmanager:GetSecretValue"), json!(secrets));
}

#[test]
fn batch_resources_with_settings() {
    let template = template(&[], |stack| {
        let container = JobDefinitionContainer::new("image")
            .command(["true"])
            .environment("A", "b")
            .gpu_count(1)
            .memory_limit_mib(512)
            .privileged(true)
            .read_only(true)
            .user("nobody")
            .vcpus(2);
        let definition = JobDefinition::new(stack, "Definition", container)
            .retry_attempts(2)
            .timeout(Duration::minutes(5));
        let resources = object! {"Type": "FARGATE", "MaxvCpus": 16};
        let environment =
            ComputeEnvironment::managed(stack, "Environment", resources).enabled(false);
        let queue = JobQueue::new(stack, "Queue", [(1, &environment)]).priority(7);
        let (definition, queue) = (definition.job_definition_arn(), queue.job_queue_arn());
        BatchSubmitJob::new(stack, "T", definition, "name", queue).build()
    });
    let definition = &of_type(&template, "AWS::Batch::JobDefinition")[0];
    let expected = json!({
        "Command": ["true"],
        "Environment": [{"Name": "A", "Value": "b"}],
        "Image": "image",
        "Privileged": true,
        "ReadonlyRootFilesystem": true,
        "User": "nobody",
        "ResourceRequirements": [
            {"Type": "VCPU", "Value": "2"},
            {"Type": "MEMORY", "Value": "512"},
            {"Type": "GPU", "Value": "1"},
        ],
    });
    assert_eq!(definition["ContainerProperties"], expected);
    assert_eq!(definition["RetryStrategy"], json!({"Attempts": 2}));
    assert_eq!(
        definition["Timeout"],
        json!({"AttemptDurationSeconds": 300})
    );
    let environment = &of_type(&template, "AWS::Batch::ComputeEnvironment")[0];
    assert_eq!(environment["Type"], "MANAGED");
    assert_eq!(environment["State"], "DISABLED");
    assert_eq!(environment["ComputeResources"]["MaxvCpus"], 16);
    assert_eq!(of_type(&template, "AWS::Batch::JobQueue")[0]["Priority"], 7);
}
