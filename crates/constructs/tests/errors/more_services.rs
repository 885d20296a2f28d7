//! API Gateway, the AWS SDK, Athena, Bedrock, crawlers, HTTPS endpoints, MediaConvert and schedules. Impossible by the
//! types: an S3 location and an S3 address for one input or output of a model, numbers of retries below 0 or that are
//! not whole, methods of OAuth that are none.

use IntegrationPattern::{RunJob, WaitForTaskToken};
use stepmill::core::Problem;
use stepmill::prelude::*;

use super::{problems, refused, refused_with, unsupported};

fn rest_api(stack: &Stack) -> RestApi {
    RestApi::from_rest_api_id(stack, "Api", "abc")
}

fn rest_call(stack: &Stack) -> CallApiGatewayRestApiEndpoint {
    CallApiGatewayRestApiEndpoint::new(stack, "T", &rest_api(stack), "prod", HttpMethod::Get)
}

fn http_call(stack: &Stack) -> CallApiGatewayHttpApiEndpoint {
    CallApiGatewayHttpApiEndpoint::new(stack, "T", "abc", stack, HttpMethod::Get)
}

fn query(stack: &Stack) -> AthenaStartQueryExecution {
    AthenaStartQueryExecution::new(stack, "T", "select 1")
}

fn model(stack: &Stack) -> BedrockModel {
    BedrockModel::from_foundation_model_id(stack, "amazon.titan-text-express-v1")
}

fn ask(stack: &Stack) -> BedrockInvokeModel {
    BedrockInvokeModel::new(stack, "T", &model(stack)).body(TaskInput::from_text("hello"))
}

fn customize_as(stack: &Stack, model_name: &str, job: &str) -> BedrockCreateModelCustomizationJob {
    let bucket = Bucket::from_bucket_name(stack, "Bucket", "bucket");
    let data = || DataBucketConfiguration::new(&bucket);
    BedrockCreateModelCustomizationJob::new(
        stack,
        "T",
        &model(stack),
        model_name,
        job,
        data(),
        data(),
    )
    .hyper_parameters([("Evaluation percentage", "10")])
}

fn customize(stack: &Stack) -> BedrockCreateModelCustomizationJob {
    customize_as(stack, "model", "job")
}

fn target(stack: &Stack) -> EventBridgeSchedulerTarget {
    let role = Role::from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/r");
    EventBridgeSchedulerTarget::new("arn:aws:sqs:us-east-1:123456789012:q", &role)
}

fn plan(stack: &Stack) -> EventBridgeSchedulerCreateScheduleTask {
    planned(stack, Schedule::rate(Duration::hours(1)))
}

fn planned(stack: &Stack, schedule: Schedule) -> EventBridgeSchedulerCreateScheduleTask {
    EventBridgeSchedulerCreateScheduleTask::new(stack, "T", "n", schedule, target(stack))
}

fn aimed(
    stack: &Stack,
    target: EventBridgeSchedulerTarget,
) -> EventBridgeSchedulerCreateScheduleTask {
    let schedule = Schedule::rate(Duration::hours(1));
    EventBridgeSchedulerCreateScheduleTask::new(stack, "T", "n", schedule, target)
}

fn fetch(stack: &Stack) -> HttpInvoke {
    let login = Authorization::basic("user", "password");
    let connection = Connection::new(stack, "Connection", login);
    let (path, method) = (TaskInput::from_text("x"), TaskInput::from_text("GET"));
    HttpInvoke::new(stack, "T", "https://example.com", path, method, &connection)
}

fn convert(stack: &Stack, request: Value) -> MediaConvertCreateJob {
    MediaConvertCreateJob::new(stack, "T", request)
}

#[test]
fn patterns() {
    let callbacks = "REQUEST_RESPONSE,WAIT_FOR_TASK_TOKEN";
    unsupported(callbacks, RunJob, rest_call);
    unsupported(callbacks, RunJob, http_call);
    unsupported("REQUEST_RESPONSE,RUN_JOB", WaitForTaskToken, query);
    unsupported("REQUEST_RESPONSE", RunJob, |stack| {
        AthenaGetQueryExecution::new(stack, "T", "id")
    });
    unsupported("REQUEST_RESPONSE", RunJob, |stack| {
        AthenaGetQueryResults::new(stack, "T", "id")
    });
    unsupported("REQUEST_RESPONSE", RunJob, |stack| {
        AthenaStopQueryExecution::new(stack, "T", "id")
    });
    unsupported("REQUEST_RESPONSE", RunJob, ask);
    unsupported("REQUEST_RESPONSE,RUN_JOB", WaitForTaskToken, customize);
    unsupported("REQUEST_RESPONSE,RUN_JOB", WaitForTaskToken, |stack| {
        convert(stack, object! {"Role": "r", "Settings": "s"})
    });
    refused(
        "integration_pattern",
        "The RUN_JOB integration pattern is not supported for CallAwsService",
        |stack| {
            CallAwsService::new(stack, "T", "s3", "getObject", ["*"]).integration_pattern(RunJob)
        },
    );
}

/// The CDK ignores the pattern of these, or writes what AWS refuses.
#[test]
fn patterns_that_do_not_exist() {
    unsupported("REQUEST_RESPONSE", RunJob, |stack| {
        GlueStartCrawlerRun::new(stack, "T", "c")
    });
    unsupported("REQUEST_RESPONSE,WAIT_FOR_TASK_TOKEN", RunJob, fetch);
    unsupported("REQUEST_RESPONSE,WAIT_FOR_TASK_TOKEN", RunJob, plan);
}

#[test]
fn api_gateway() {
    let token = "Task Token is required in `headers` for WAIT_FOR_TASK_TOKEN pattern. Use JsonPath.taskToken to set the token.";
    refused("headers", token, |stack| {
        rest_call(stack).integration_pattern(WaitForTaskToken)
    });
    refused("headers", token, |stack| {
        http_call(stack).integration_pattern(WaitForTaskToken)
    });
    refused(
        "api_path",
        r#""path" must begin with a "/": 'orders'"#,
        |stack| rest_call(stack).api_path("orders"),
    );
    let found = problems(&[], |stack| drop(rest_api(stack).root()));
    let root = "root is not configured when imported using `fromRestApiId()`. Use `fromRestApiAttributes()` API instead.";
    assert_eq!(found, [(Some("root"), root.to_owned())]);
}

#[test]
fn a_rest_api_needs_a_method() {
    let stack = Stack::new(&App::new(), "Stack");
    let api = RestApi::new(&stack, "Api");
    api.root().add_resource("orders");
    let errors = stack.template().unwrap_err().0;
    let message = "The REST API doesn't contain any methods";
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].path, "Stack/Api");
    assert_eq!(errors[0].problem, Problem::Tree(message.to_owned()));
}

#[test]
fn aws_sdk() {
    refused(
        "action",
        "action must be camelCase, got: GetObject",
        |stack| CallAwsService::new(stack, "T", "s3", "GetObject", ["*"]),
    );
    let names = object! {"bucket": "b", "Key": "k", "range": "r"};
    refused(
        "parameters",
        "parameter names must be PascalCase, got: bucket, range",
        |stack| CallAwsService::new(stack, "T", "s3", "getObject", ["*"]).parameters(names),
    );
}

#[test]
fn athena() {
    let property = "execution_parameters";
    refused(
        property,
        "'executionParameters' must be a non-empty list",
        |stack| query(stack).execution_parameters(Vec::<Text>::new()),
    );
    for wrong in [String::new(), "x".repeat(1025)] {
        refused(
            property,
            "'executionParameters' items's length must be between 1 and 1024 characters",
            |stack| query(stack).execution_parameters([wrong]),
        );
    }
    let property = "result_reuse_configuration_max_age";
    refused(
        property,
        "resultReuseConfigurationMaxAge must be greater than or equal to 1 minute or be equal to 0, got 59000 ms",
        |stack| query(stack).result_reuse_configuration_max_age(Duration::seconds(59)),
    );
    refused(
        property,
        "resultReuseConfigurationMaxAge must either be 0 or between 1 and 10080 minutes, got 10081",
        |stack| query(stack).result_reuse_configuration_max_age(Duration::minutes(10_081)),
    );
    refused(
        property,
        "'90 seconds' cannot be converted into a whole number of minutes.",
        |stack| query(stack).result_reuse_configuration_max_age(Duration::seconds(90)),
    );
}

#[test]
fn bedrock_invoke_model() {
    let uri = || BedrockInvokeModelInput::s3_input_uri("s3://b/k");
    refused(
        "body",
        "Either `body` or `input` must be specified, but not both.",
        |stack| ask(stack).input(uri()),
    );
    refused(
        "body",
        "Either `body` or `input` must be specified.",
        |stack| BedrockInvokeModel::new(stack, "T", &model(stack)),
    );
    refused_with(
        &[Feature::BedrockS3UriParameters],
        "body",
        "Either `body` or `input` must be specified.",
        |stack| BedrockInvokeModel::new(stack, "T", &model(stack)).input_path("$.uri"),
    );
    let versioned = || Location {
        object_version: Some("1".into()),
        ..Location::new("b", "k")
    };
    refused(
        "input",
        "Input S3 object version is not supported.",
        |stack| {
            BedrockInvokeModel::new(stack, "T", &model(stack))
                .input(BedrockInvokeModelInput::s3_location(versioned()))
        },
    );
    refused(
        "output",
        "Output S3 object version is not supported.",
        |stack| ask(stack).output(BedrockInvokeModelOutput::s3_location(versioned())),
    );
    refused("output", "S3 Uri cannot be an empty string", |stack| {
        ask(stack).output(BedrockInvokeModelOutput::s3_output_uri(""))
    });
}

#[test]
fn bedrock_guardrail() {
    let long = "a".repeat(2049);
    let guardrails = [
        (
            Guardrail::enable("gid", 0),
            "`version` must be between 1 and 99999999, got 0.".to_owned(),
        ),
        (
            Guardrail::enable_draft("arn:aws:bedrock:us-east-1:123456789012:guardrail"),
            "Invalid ARN format. The ARN of Guradrail should have the format: \
             `arn:<partition>:bedrock:<region>:<account-id>:guardrail/<guardrail-name>`, got \
             arn:aws:bedrock:us-east-1:123456789012:guardrail."
                .to_owned(),
        ),
        (
            Guardrail::enable_draft("Gid"),
            "The id of Guardrail must contain only lowercase letters and numbers, got Gid."
                .to_owned(),
        ),
        (
            Guardrail::enable_draft(&long),
            "`guardrailIdentifier` length must be between 0 and 2048, got 2049.".to_owned(),
        ),
    ];
    for (guardrail, message) in guardrails {
        refused("guardrail", &message, |stack| {
            ask(stack).guardrail(guardrail)
        });
    }
}

#[test]
fn bedrock_customization() {
    let long = "a".repeat(64);
    refused(
        "client_request_token",
        "clientRequestToken must be between 1 and 256 characters long, got: 0.",
        |stack| customize(stack).client_request_token(""),
    );
    refused(
        "client_request_token",
        "clientRequestToken must match the pattern /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/, got: a-.",
        |stack| customize(stack).client_request_token("a-"),
    );
    refused(
        "custom_model_name",
        "customModelName must be between 1 and 63 characters long, got: 64.",
        |stack| customize_as(stack, &long, "job"),
    );
    refused(
        "custom_model_name",
        "customModelName must match the pattern /^([0-9a-zA-Z][_-]?)+$/, got: a--b.",
        |stack| customize_as(stack, "a--b", "job"),
    );
    refused(
        "job_name",
        "jobName must be between 1 and 63 characters long, got: 64.",
        |stack| customize_as(stack, "model", &long),
    );
    refused(
        "job_name",
        r"jobName must match the pattern /^[a-zA-Z0-9](-*[a-zA-Z0-9\+\-\.])*$/, got: a_b.",
        |stack| customize_as(stack, "model", "a_b"),
    );
    let tags = || vec![CustomModelTag::new("key", "value"); 201];
    refused(
        "custom_model_tags",
        "customModelTags must be between 0 and 200 items long, got: 201.",
        |stack| customize(stack).custom_model_tags(tags()),
    );
    refused(
        "job_tags",
        "jobTags must be between 0 and 200 items long, got: 201.",
        |stack| customize(stack).job_tags(tags()),
    );
    refused(
        "validation_data",
        "validationData must be between 1 and 10 items long, got: 0.",
        |stack| customize(stack).validation_data([]),
    );
    refused(
        "validation_data",
        "validationData or Evaluation percentage hyperparameter must be provided.",
        |stack| customize(stack).hyper_parameters([("epochCount", "2")]),
    );
    refused(
        "custom_model_kms_key",
        "Imported KMS key is not used as the `customModelKmsKey`.",
        |stack| {
            let arn = "arn:aws:kms:us-east-1:123456789012:key/abc";
            customize(stack).custom_model_kms_key(&Key::from_key_arn(stack, "Key", arn))
        },
    );
}

#[test]
fn bedrock_customization_in_a_network() {
    let network = |stack: &Stack, groups: usize, subnets: usize| {
        let group = SecurityGroup::from_security_group_id(stack, "Group", "sg-1");
        let subnet = Subnet::from_subnet_id(stack, "Subnet", "subnet-1");
        BedrockCreateModelCustomizationJobVpcConfig {
            security_groups: vec![group; groups],
            subnets: vec![subnet; subnets],
        }
    };
    refused(
        "vpc_config",
        "securityGroups must be between 1 and 5 items long, got: 6.",
        |stack| customize(stack).vpc_config(network(stack, 6, 1)),
    );
    refused(
        "vpc_config",
        "subnets must be between 1 and 16 items long, got: 0.",
        |stack| customize(stack).vpc_config(network(stack, 1, 0)),
    );
}

#[test]
fn http() {
    refused(
        "body",
        "Task Token is required in `headers`, `body` or `queryStringParameters` for callback. \
         Use JsonPath.taskToken to set the token.",
        |stack| fetch(stack).integration_pattern(WaitForTaskToken),
    );
    refused(
        "headers",
        "With `urlEncodingFormat`, `headers` must be an object: a header is added to them.",
        |stack| {
            fetch(stack)
                .headers(TaskInput::from_json_path_at("$.headers"))
                .url_encoding_format(URLEncodingFormat::Repeat)
        },
    );
}

#[test]
fn media_convert() {
    for (request, missing) in [
        (object! {"Settings": "s"}, "Role"),
        (object! {"Role": "r"}, "Settings"),
    ] {
        let message = format!("Stack/T is missing required property: {missing}");
        refused("create_job_request", &message, |stack| {
            convert(stack, request)
        });
    }
}

#[test]
fn schedules() {
    let both = CronOptions::new().day("1").week_day("MON");
    let schedules = [
        (
            Schedule::rate(Duration::seconds(59)),
            "Duration cannot be less than 1 minute",
        ),
        (
            Schedule::rate(Duration::seconds(90)),
            "'90 seconds' cannot be converted into a whole number of minutes.",
        ),
        (
            Schedule::cron(both),
            "Cannot supply both 'day' and 'weekDay', use at most one",
        ),
    ];
    for (schedule, message) in schedules {
        refused("schedule", message, |stack| planned(stack, schedule));
    }
    let found = problems(&[], |stack| {
        drop(planned(stack, Schedule::one_time("tomorrow")).build());
    });
    assert_eq!(found[0].0, Some("schedule"));
}

#[test]
fn schedule_targets() {
    let day = Duration::days(1);
    refused(
        "target",
        "Input must be at least 1 character long.",
        |stack| aimed(stack, target(stack).input("")),
    );
    refused(
        "target",
        "MaximumRetryAttempts must be an integer between 0 and 185, got 186",
        |stack| {
            aimed(
                stack,
                target(stack).retry_policy(RetryPolicy::new(186, day)),
            )
        },
    );
    for age in [Duration::seconds(59), Duration::seconds(86_401)] {
        refused(
            "target",
            "MaximumEventAgeInSeconds must be between 60 and 86400 seconds",
            |stack| aimed(stack, target(stack).retry_policy(RetryPolicy::new(1, age))),
        );
    }
}

#[test]
fn schedule_tasks() {
    refused(
        "start_date",
        "'startDate' must be before 'endDate'",
        |stack| {
            plan(stack)
                .start_date("2026-01-02T00:00:00Z")
                .end_date("2026-01-02T00:00:00Z")
        },
    );
    refused(
        "client_token",
        "ClientToken must be between 1 and 64 characters long. Got: 65",
        |stack| plan(stack).client_token("a".repeat(65)),
    );
    refused(
        "client_token",
        "ClientToken must consist of alphanumeric characters, dashes, and underscores only, Got: a.b",
        |stack| plan(stack).client_token("a.b"),
    );
    refused(
        "description",
        "Description must be less than 512 characters long. Got: 513",
        |stack| plan(stack).description("a".repeat(513)),
    );
    for window in [Duration::seconds(59), Duration::minutes(1441)] {
        refused(
            "flexible_time_window",
            "FlexibleTimeWindow must be between 1 and 1440 minutes",
            |stack| plan(stack).flexible_time_window(window),
        );
    }
    refused(
        "group_name",
        "GroupName must be between 1 and 64 characters long. Got: 0",
        |stack| plan(stack).group_name(""),
    );
    refused(
        "group_name",
        "GroupName must consist of alphanumeric characters, dashes, underscores, and periods only, Got: a b",
        |stack| plan(stack).group_name("a b"),
    );
    refused(
        "timezone",
        "Timezone must be between 1 and 50 characters long. Got: 0",
        |stack| plan(stack).timezone(""),
    );
    let found = problems(&[], |stack| {
        drop(plan(stack).start_date("tomorrow").build());
    });
    assert_eq!(found[0].0, Some("start_date"));
}
