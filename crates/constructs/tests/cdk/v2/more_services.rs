//! Athena, the AWS SDK, Bedrock, crawlers, HTTPS endpoints, MediaConvert and schedules.

use stepmill::prelude::*;

super::examples![
    athena_params,
    aws_sdk_extra,
    bedrock_customize,
    bedrock_invoke,
    bedrock_invoke_s3,
    glue_crawler,
    http_invoke,
    mediaconvert,
    scheduler,
];

fn machine(stack: &Stack, definition: impl Chainable) {
    StateMachine::new(stack, "Machine", definition);
}

fn titan(stack: &Stack) -> BedrockModel {
    BedrockModel::from_foundation_model_id(stack, "amazon.titan-text-express-v1")
}

fn athena_params(stack: &Stack) {
    let query = AthenaStartQueryExecution::new(stack, "T", "select ?")
        .execution_parameters(["1"])
        .result_reuse_configuration_max_age(Duration::hours(1));
    machine(stack, query);
}

fn aws_sdk_extra(stack: &Stack) {
    let decrypt = Statement::allow(["kms:Decrypt"], ["*"]);
    let get = CallAwsService::new(stack, "T", "s3", "getObject", ["*"])
        .additional_iam_statements([decrypt]);
    machine(stack, get);
}

fn bedrock_invoke(stack: &Stack) {
    let body = object! {"inputText": JsonPath::string_at("$.p")};
    let invoke =
        BedrockInvokeModel::new(stack, "T", &titan(stack)).body(TaskInput::from_object(body));
    machine(stack, invoke);
}

fn bedrock_invoke_s3(stack: &Stack) {
    let (input, output) = (Location::new("b", "k"), Location::new("o", "k2"));
    let invoke = BedrockInvokeModel::new(stack, "T", &titan(stack))
        .input(BedrockInvokeModelInput::S3Location(input))
        .output(BedrockInvokeModelOutput::S3Location(output))
        .guardrail(Guardrail::enable("gid", 1))
        .trace_enabled(true);
    machine(stack, invoke);
}

fn bedrock_customize(stack: &Stack) {
    let data = |id: &str, bucket: &str, path: &str| {
        DataBucketConfiguration::new(&Bucket::from_bucket_name(stack, id, bucket)).path(path)
    };
    let training = data("In", "in-bucket", "q");
    let output = data("Out", "out-bucket", "p");
    let model = titan(stack);
    let job =
        BedrockCreateModelCustomizationJob::new(stack, "T", &model, "cm", "jn", training, output);
    let job = job
        .validation_data([data("Val", "val-bucket", "v")])
        .client_request_token("tk")
        .customization_type(CustomizationType::FineTuning)
        .hyper_parameters([("epochCount", "2")])
        .integration_pattern(IntegrationPattern::RunJob);
    machine(stack, job);
}

fn glue_crawler(stack: &Stack) {
    machine(stack, GlueStartCrawlerRun::new(stack, "T", "c"));
}

fn http_invoke(stack: &Stack) {
    let login = Authorization::basic("user", "password");
    let connection = Connection::new(stack, "Connection", login);
    let (path, method) = (TaskInput::from_text("v1/x"), TaskInput::from_text("POST"));
    let root = "https://api.example.com";
    let invoke = HttpInvoke::new(stack, "T", root, path, method, &connection)
        .headers(TaskInput::from_object(object! {"A": "b"}))
        .body(TaskInput::from_object(object! {"x": 1}))
        .query_string_parameters(TaskInput::from_object(
            object! {"q": JsonPath::string_at("$.q")},
        ))
        .url_encoding_format(URLEncodingFormat::Brackets);
    machine(stack, invoke);
}

fn mediaconvert(stack: &Stack) {
    let request = object! {
        "Role": "arn:aws:iam::123456789012:role/mc",
        "Settings": object! {"Inputs": Vec::<Text>::new()},
    };
    let create = MediaConvertCreateJob::new(stack, "T", request)
        .integration_pattern(IntegrationPattern::RunJob);
    machine(stack, create);
}

fn scheduler(stack: &Stack) {
    let role = Role::from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/r");
    let target = EventBridgeSchedulerTarget::new("arn:aws:sqs:us-east-1:123456789012:q", &role)
        .input("{}")
        .retry_policy(RetryPolicy::new(2, Duration::minutes(5)));
    let schedule = Schedule::rate(Duration::minutes(5));
    let create = EventBridgeSchedulerCreateScheduleTask::new(stack, "T", "n", schedule, target)
        .flexible_time_window(Duration::minutes(10))
        .action_after_completion(ActionAfterCompletion::Delete);
    machine(stack, create);
}
