//! States, and options that tasks of all kinds have.

use stepmill::prelude::*;

super::examples![
    state_name,
    retry_jitter,
    jsonpath_assign,
    parallel_parameters,
    timeout_path,
    fail_paths,
    custom_catch,
    credentials,
    credentials_path,
    intrinsics,
    context,
];

fn function(stack: &Stack) -> Function {
    let code = Code::from_inline("exports.handler = async (event) => event;");
    Function::new(stack, "Fn", &Runtime::NODEJS_14_X, "index.handler", code)
}

pub(super) fn invoke(stack: &Stack) -> LambdaInvoke {
    LambdaInvoke::new(stack, "T", &function(stack))
}

pub(super) fn machine(stack: &Stack, definition: impl Chainable) {
    StateMachine::new(stack, "Machine", definition);
}

fn state_name(stack: &Stack) {
    machine(stack, Pass::new(stack, "P").state_name("Shown name"));
}

fn retry_jitter(stack: &Stack) {
    let retry = Retry::all()
        .max_delay(Duration::seconds(40))
        .jitter_strategy(JitterType::Full);
    let invoke = invoke(stack).retry_on_service_exceptions(false);
    machine(stack, invoke.retry(retry));
}

fn jsonpath_assign(stack: &Stack) {
    let variables = object! {"a": JsonPath::string_at("$.Payload.a"), "b": "lit"};
    machine(stack, invoke(stack).assign(variables));
}

fn parallel_parameters(stack: &Stack) {
    let parallel = Parallel::new(stack, "Par")
        .parameters(object! {"a": JsonPath::string_at("$.a")})
        .branch(Pass::new(stack, "X"));
    machine(stack, parallel);
}

fn timeout_path(stack: &Stack) {
    let invoke = invoke(stack)
        .timeout(Timeout::at("$.t"))
        .heartbeat(Timeout::at("$.h"));
    machine(stack, invoke);
}

fn fail_paths(stack: &Stack) {
    let fail = Fail::new(stack, "F")
        .error_path("$.e")
        .cause_path(JsonPath::format("x {}", [JsonPath::string_at("$.c")]));
    machine(stack, fail);
}

fn custom_catch(stack: &Stack) {
    let json = object! {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage"};
    let custom = CustomState::new(stack, "C", json)
        .retry(Retry::on([Errors::TIMEOUT]))
        .catch(Pass::new(stack, "H"), Catch::all());
    machine(stack, custom);
}

fn credentials(stack: &Stack) {
    let role = Role::from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/r");
    machine(stack, invoke(stack).credentials(Credentials::role(&role)));
}

fn credentials_path(stack: &Stack) {
    let credentials = Credentials::role_arn_at("$.role");
    machine(stack, invoke(stack).credentials(credentials));
}

fn intrinsics(stack: &Stack) {
    let parameters = object! {
        "a": JsonPath::array_partition("$.a", 2),
        "b": JsonPath::array_contains("$.a", 1),
        "c": JsonPath::array_range(1, 9, 2),
        "d": JsonPath::array_get_item("$.a", 0),
        "e": JsonPath::array_length("$.a"),
        "f": JsonPath::array_unique("$.a"),
        "g": JsonPath::base64_encode("$.s"),
        "h": JsonPath::base64_decode("$.s"),
        "i": JsonPath::hash("$.s", "SHA-256"),
        "j": JsonPath::json_merge("$.x", "$.y"),
        "k": JsonPath::math_random(1, 5),
        "l": JsonPath::math_add("$.n", 2),
        "m": JsonPath::string_split("$.s", ","),
        "n": JsonPath::uuid(),
    };
    machine(stack, Pass::new(stack, "P").parameters(parameters));
}

fn context(stack: &Stack) {
    let parameters = object! {
        "a": JsonPath::execution_id(),
        "b": JsonPath::execution_input(),
        "c": JsonPath::execution_name(),
        "d": JsonPath::execution_role_arn(),
        "e": JsonPath::execution_start_time(),
        "f": JsonPath::state_entered_time(),
        "g": JsonPath::state_name(),
        "h": JsonPath::state_retry_count(),
        "i": JsonPath::state_machine_id(),
        "j": JsonPath::state_machine_name(),
    };
    machine(stack, Pass::new(stack, "P").parameters(parameters));
}
