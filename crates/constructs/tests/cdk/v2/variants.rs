//! Options that no recorded example has: of API Gateway, the AWS SDK, Athena, Bedrock, HTTPS endpoints and schedules.

use stepmill::prelude::*;

super::examples![
    api_gateway_rest_everything,
    api_gateway_no_auth,
    api_gateway_http_stage,
    aws_sdk_callback,
    athena_everything,
    athena_results,
    bedrock_everything,
    bedrock_paths,
    bedrock_uris: [BedrockS3UriParameters],
    bedrock_customize_everything,
    bedrock_own_role,
    http_oauth,
    http_api_key,
    http_jsonata,
    http_path,
    schedule_everything,
    schedule_once,
    schedule_days,
];

fn machine(stack: &Stack, definition: impl Chainable) {
    StateMachine::new(stack, "Machine", definition);
}

fn titan(stack: &Stack) -> BedrockModel {
    BedrockModel::from_foundation_model_id(stack, "amazon.titan-text-express-v1")
}

fn role(stack: &Stack) -> Role {
    Role::from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/r")
}

fn rest_call(stack: &Stack, method: HttpMethod) -> CallApiGatewayRestApiEndpoint {
    let api = RestApi::from_rest_api_id(stack, "Api", "abc");
    CallApiGatewayRestApiEndpoint::new(stack, "T", &api, "prod", method)
}

fn api_gateway_rest_everything(stack: &Stack) {
    let headers = object! {"X-A": JsonPath::array([JsonPath::string_at("$.a")])};
    let call = rest_call(stack, HttpMethod::Post)
        .api_path("/orders")
        .headers(TaskInput::from_object(headers))
        .query_parameters(TaskInput::from_object(object! {"q": ["1"]}))
        .request_body(TaskInput::from_json_path_at("$.body"))
        .auth_type(AuthType::IamRole);
    machine(stack, call);
}

fn api_gateway_no_auth(stack: &Stack) {
    machine(
        stack,
        rest_call(stack, HttpMethod::Get).auth_type(AuthType::NoAuth),
    );
}

fn api_gateway_http_stage(stack: &Stack) {
    let call = CallApiGatewayHttpApiEndpoint::new(stack, "T", "abc", stack, HttpMethod::Delete)
        .stage_name("live")
        .api_path("/orders/1")
        .auth_type(AuthType::ResourcePolicy);
    machine(stack, call);
}

fn aws_sdk_callback(stack: &Stack) {
    let parameters = object! {"Output": "x", "TaskToken": JsonPath::task_token()};
    let call = CallAwsService::new(stack, "T", "sfn", "sendTaskSuccess", ["*"])
        .parameters(parameters)
        .integration_pattern(IntegrationPattern::WaitForTaskToken);
    machine(stack, call);
}

fn athena_everything(stack: &Stack) {
    let context = QueryExecutionContext::new()
        .catalog_name("cat")
        .database_name("db");
    let query = AthenaStartQueryExecution::new(stack, "T", "select 1")
        .client_request_token("token")
        .query_execution_context(context)
        .result_configuration(ResultConfiguration::new().output_location(Location::new("b", "k")))
        .work_group("wg")
        .result_reuse_configuration_max_age(Duration::minutes(0))
        .integration_pattern(IntegrationPattern::RunJob);
    machine(stack, query);
}

fn athena_results(stack: &Stack) {
    let results = AthenaGetQueryResults::new(stack, "T", "id")
        .next_token(JsonPath::string_at("$.next"))
        .max_results(10);
    machine(stack, results);
}

fn bedrock_everything(stack: &Stack) {
    let guardrail = "arn:aws:bedrock:us-east-1:123456789012:guardrail/abc";
    let invoke = BedrockInvokeModel::new(stack, "T", &titan(stack))
        .body(TaskInput::from_object(object! {"x": 1}))
        .accept("a/b")
        .content_type("c/d")
        .guardrail(Guardrail::enable_draft(guardrail))
        .trace_enabled(false);
    machine(stack, invoke);
}

fn bedrock_paths(stack: &Stack) {
    let invoke = BedrockInvokeModel::new(stack, "T", &titan(stack))
        .input_path("$.in")
        .output_path("$.out");
    machine(stack, invoke);
}

fn bedrock_uris(stack: &Stack) {
    let uri = JsonPath::string_at;
    let invoke = BedrockInvokeModel::new(stack, "T", &titan(stack))
        .input(BedrockInvokeModelInput::s3_input_uri(uri("$.in")))
        .output(BedrockInvokeModelOutput::s3_output_uri(uri("$.out")))
        .input_path("$.x");
    machine(stack, invoke);
}

fn bedrock_customize_everything(stack: &Stack) {
    let bucket = Bucket::from_bucket_name(stack, "Bucket", "bucket");
    let training = DataBucketConfiguration::new(&bucket);
    let output = DataBucketConfiguration::new(&bucket).path("out");
    let model = titan(stack);
    let network = BedrockCreateModelCustomizationJobVpcConfig {
        security_groups: vec![SecurityGroup::from_security_group_id(stack, "G", "sg-1")],
        subnets: vec![Subnet::from_subnet_id(stack, "N", "subnet-1")],
    };
    let job =
        BedrockCreateModelCustomizationJob::new(stack, "T", &model, "cm", "jn", training, output)
            .custom_model_tags([CustomModelTag::new("a", "b")])
            .job_tags([CustomModelTag::new("c", "d")])
            .hyper_parameters([("Evaluation percentage", "10")])
            .role(&role(stack))
            .vpc_config(network);
    machine(stack, job);
}

fn bedrock_own_role(stack: &Stack) {
    let data = |name: &str| {
        DataBucketConfiguration::new(&Bucket::from_bucket_name(stack, name, name)).path("p")
    };
    let (training, output) = (data("training"), data("output"));
    let subnet = |id: &str, subnet: &str| Subnet::from_subnet_id(stack, id, subnet);
    let network = BedrockCreateModelCustomizationJobVpcConfig {
        security_groups: vec![SecurityGroup::from_security_group_id(stack, "G", "sg-1")],
        subnets: vec![subnet("N", "subnet-1"), subnet("O", "subnet-2")],
    };
    let model = titan(stack);
    let job =
        BedrockCreateModelCustomizationJob::new(stack, "T", &model, "cm", "jn", training, output)
            .validation_data([data("one"), data("two")])
            .custom_model_kms_key(&Key::new(stack, "Key"))
            .vpc_config(network);
    machine(stack, job);
}

fn fetch_with(stack: &Stack, connection: &Connection) -> HttpInvoke {
    let (path, method) = (TaskInput::from_text("x"), TaskInput::from_text("GET"));
    HttpInvoke::new(
        stack,
        "T",
        "https://api.example.com",
        path,
        method,
        connection,
    )
}

fn http_oauth(stack: &Stack) {
    let login = "https://login.example.com";
    let login = Authorization::oauth(login, HttpMethod::Post, "id", "secret");
    let header = object! {"Key": "a", "Value": "b", "IsValueSecret": false};
    let connection = Connection::new(stack, "Connection", login)
        .invocation_http_parameters(object! {"HeaderParameters": [header]});
    machine(stack, fetch_with(stack, &connection));
}

fn http_api_key(stack: &Stack) {
    let key = Authorization::api_key("X-Key", "secret");
    let connection = Connection::new(stack, "Connection", key).property("Description", "d");
    machine(stack, fetch_with(stack, &connection));
}

fn fetch(stack: &Stack, path: TaskInput) -> HttpInvoke {
    let arn = "arn:aws:events:us-east-1:123456789012:connection/c/1";
    let secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:x";
    let connection = Connection::from_connection_attributes(stack, "C", arn, "c", secret);
    let (root, method) = ("https://api.example.com", TaskInput::from_text("GET"));
    HttpInvoke::new(stack, "T", root, path, method, &connection)
}

fn http_jsonata(stack: &Stack) {
    let path = TaskInput::from_text("{% $states.input.path %}");
    machine(stack, fetch(stack, path).jsonata());
}

fn http_path(stack: &Stack) {
    let path = TaskInput::from_json_path_at("$.path");
    machine(
        stack,
        fetch(stack, path).url_encoding_format(URLEncodingFormat::Default),
    );
}

fn target(stack: &Stack) -> EventBridgeSchedulerTarget {
    EventBridgeSchedulerTarget::new("arn:aws:sqs:us-east-1:123456789012:q", &role(stack))
}

fn schedule_everything(stack: &Stack) {
    let mondays = CronOptions::new().minute("0").hour("9-17").week_day("MON");
    let dead = "arn:aws:sqs:us-east-1:123456789012:dead";
    let target = target(stack).dead_letter_queue(&Queue::from_queue_arn(stack, "Dead", dead));
    let key = "arn:aws:kms:us-east-1:123456789012:key/abc";
    let schedule = Schedule::cron(mondays);
    let create = EventBridgeSchedulerCreateScheduleTask::new(stack, "T", "n", schedule, target)
        .client_token("tk")
        .description("d")
        .start_date("2026-01-01T00:00:00Z")
        .end_date("2026-12-31T01:02:03.004Z")
        .group_name("g")
        .timezone("Europe/Berlin")
        .enabled(false)
        .kms_key(&Key::from_key_arn(stack, "Key", key));
    machine(stack, create);
}

fn schedule_once(stack: &Stack) {
    let (name, target) = (JsonPath::string_at("$.name"), target(stack));
    let schedule = Schedule::one_time("2026-12-24T18:00:00");
    let create = EventBridgeSchedulerCreateScheduleTask::new(stack, "T", name, schedule, target);
    machine(stack, create);
}

fn schedule_days(stack: &Stack) {
    let schedule = Schedule::rate(Duration::days(2));
    let target = target(stack);
    let create = EventBridgeSchedulerCreateScheduleTask::new(stack, "T", "n", schedule, target);
    machine(stack, create);
}
