//! State machines and what is around them, against templates that `tests/data/cdk/surroundings.js` had the CDK make.

use serde_json::Value as Json;
use stepmill::prelude::*;
use stepmill::value::flatten;

use crate::difference::differences;

const ARN: &str = "arn:aws:states:eu-central-1:123456789012:stateMachine:orders";

/// A stack of the CDK and what makes it here.
type Case = (&'static str, fn(&Stack));

const CASES: &[Case] = &[
    ("machine", machine),
    ("machine_untraced", machine_untraced),
    ("machine_with_role", machine_with_role),
    ("machine_with_imported_role", machine_with_imported_role),
    ("machine_grants", machine_grants),
    ("imported_machine_grants", imported_machine_grants),
    ("start_execution_and_wait", start_execution_and_wait),
    ("activity", activity),
    ("queue", queue),
    ("topic", topic),
    ("table", table),
    ("bucket", bucket),
    ("key", key),
    ("events_and_logs", events_and_logs),
    ("roles", roles),
];

/// What only version 2 has.
const SECOND: &[Case] = &[
    ("machine_key", machine_key),
    ("activity_key", activity_key),
    ("machine_of_text", machine_of_text),
    ("machine_of_file", machine_of_file),
    ("start_execution_in_jsonata", start_execution_in_jsonata),
    ("encrypted_queue_task", encrypted_queue_task),
];

#[test]
fn surroundings_are_those_of_version_1() {
    let golden = serde_json::from_str(include_str!("../data/cdk/surroundings-1.json")).unwrap();
    let report = compare(&golden, &[], CASES);
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn surroundings_are_those_of_version_2() {
    let golden = serde_json::from_str(include_str!("../data/cdk/surroundings-2.json")).unwrap();
    let cases = [CASES, SECOND].concat();
    let report = compare(&golden, &[Feature::Version2], &cases);
    assert!(report.is_empty(), "\n{report}");
}

fn compare(golden: &Json, features: &[Feature], cases: &[Case]) -> String {
    let app = || features.iter().copied().fold(App::new(), App::feature);
    let only = std::env::var("CASE").unwrap_or_default();
    let mut report = String::new();
    let mut check = |name: &str, stack: &Stack| {
        if !name.starts_with(&only) {
            return;
        }
        let (mut ours, mut cdk) = (stack.template().unwrap().body, golden[name].clone());
        normalise(&mut ours);
        normalise(&mut cdk);
        let mut found = Vec::new();
        differences("", &ours, &cdk, &mut found);
        if !found.is_empty() {
            report += &format!("{name}\n  {}\n", found.join("\n  "));
        }
    };
    for (name, build) in cases {
        let stack = Stack::new(&app(), "Stack");
        build(&stack);
        check(name, &stack);
    }
    let stack = Stack::new(&app().feature(Feature::MinimizePolicies), "Stack");
    minimized(&stack);
    check("minimized", &stack);
    let app = app();
    let (first, other) = (Stack::new(&app, "First"), Stack::new(&app, "Other"));
    two_stacks(&first, &other);
    check("two_stacks_first", &first);
    check("two_stacks_other", &other);
    report
}

/// Definitions as JSON, so that the order of members does not matter; what regions there are is the catalog's matter, and a
/// list of one resource is that one.
fn normalise(template: &mut Json) {
    template.as_object_mut().unwrap().remove("Mappings");
    let resources = template["Resources"].as_object_mut().unwrap();
    for resource in resources.values_mut() {
        let statements = resource.pointer_mut("/Properties/PolicyDocument/Statement");
        for statement in statements
            .and_then(Json::as_array_mut)
            .into_iter()
            .flatten()
        {
            if let Some([one]) = statement["Resource"].as_array().map(Vec::as_slice) {
                statement["Resource"] = one.clone();
            }
        }
        for text in ["DefinitionString", "PolicyDocument"] {
            let Some(text) = resource.pointer_mut(&format!("/Properties/{text}")) else {
                continue;
            };
            if let Ok(json) = serde_json::from_str(&flatten(text)) {
                *text = json;
            }
        }
    }
}

fn service(name: &str) -> Principal {
    Principal::service(format!("{name}.amazonaws.com"))
}

fn role(stack: &Stack) -> Role {
    Role::new(stack, "Role", service("lambda"))
}

fn pass(stack: &Stack) -> Pass {
    Pass::new(stack, "P")
}

fn send(stack: &Stack, queue: &Queue) -> SqsSendMessage {
    SqsSendMessage::new(stack, "T", queue, TaskInput::from_text("m"))
}

fn machine(stack: &Stack) {
    let topic = Topic::new(stack, "Topic");
    let publish = SnsPublish::new(stack, "T", &topic, TaskInput::from_text("m"));
    let logs = LogOptions::default()
        .destination(&LogGroup::new(stack, "Logs"))
        .include_execution_data(true)
        .level(LogLevel::All);
    StateMachine::new(stack, "M", publish)
        .tracing_enabled(true)
        .logs(logs)
        .state_machine_name("orders")
        .state_machine_type(StateMachineType::Express)
        .timeout(Duration::minutes(5));
}

fn machine_untraced(stack: &Stack) {
    StateMachine::new(stack, "M", pass(stack)).tracing_enabled(false);
}

fn machine_with_role(stack: &Stack) {
    let role = role(stack);
    let queue = Queue::new(stack, "Queue");
    role.add_to_policy(Statement::allow(["s3:GetObject"], ["*"]));
    StateMachine::with_role(stack, "M", send(stack, &queue), &role);
}

fn machine_with_imported_role(stack: &Stack) {
    let arn = "arn:aws:iam::123456789012:role/teams/orders";
    let role = Role::from_role_arn(stack, "Role", arn);
    let queue = Queue::new(stack, "Queue");
    StateMachine::with_role(stack, "M", send(stack, &queue), &role);
}

fn machine_grants(stack: &Stack) {
    let role = role(stack);
    let machine = StateMachine::new(stack, "M", pass(stack));
    machine.grant_start_execution(&role);
    machine.grant_start_sync_execution(&role);
    machine.grant_read(&role);
    machine.grant_task_response(&role);
    machine.grant_execution(&role, &["states:GetExecutionHistory"]);
    machine.grant(
        &role,
        &["states:DescribeStateMachine", "states:ListExecutions"],
    );
}

fn imported_machine_grants(stack: &Stack) {
    let machine = StateMachine::from_state_machine_arn(stack, "M", ARN);
    machine.grant_read(&role(stack));
}

fn start_execution_and_wait(stack: &Stack) {
    let child = StateMachine::new(stack, "Child", pass(stack));
    let imported = StateMachine::from_state_machine_arn(stack, "Imported", ARN);
    let start = |id, machine| {
        StepFunctionsStartExecution::new(stack, id, machine)
            .integration_pattern(IntegrationPattern::RunJob)
            .input(TaskInput::from_object(object! {"a": 1}))
            .associate_with_parent(true)
    };
    let chain = start("T", &child).next(start("U", &imported));
    StateMachine::new(stack, "M", chain);
}

fn activity(stack: &Stack) {
    let id = "An activity of which the id is so long that it does not fit into a name";
    let activity = Activity::new(stack, id);
    activity.grant(&role(stack), &["states:GetActivityTask"]);
    let imported = Activity::from_activity_name(stack, "Imported", "pack");
    let invoke = StepFunctionsInvokeActivity::new(stack, "T", &imported);
    StateMachine::new(stack, "M", invoke);
}

fn queue(stack: &Stack) {
    let key = Key::new(stack, "Key");
    let dead = Queue::new(stack, "Dead").name("dead.fifo");
    let queue = Queue::new(stack, "Queue")
        .encryption_master_key(&key)
        .content_based_deduplication(true)
        .visibility_timeout(Duration::seconds(30))
        .dead_letter_queue(&dead, 3);
    let role = role(stack);
    queue.grant_send_messages(&role);
    queue.grant_consume_messages(&role);
    queue.grant_purge(&service("events"));
}

fn topic(stack: &Stack) {
    let arn = "arn:aws:kms:eu-central-1:123456789012:key/1234";
    let topic = Topic::new(stack, "Topic")
        .name("orders")
        .display_name("Orders")
        .fifo(true)
        .content_based_deduplication(true)
        .master_key(&Key::from_key_arn(stack, "Key", arn));
    topic.grant_publish(&role(stack));
    topic.grant_publish(&service("events"));
    topic.grant_publish(&Principal::account("123456789012"));
}

fn table(stack: &Stack) {
    let table = Table::new(stack, "Table", "id", AttributeType::String)
        .sort_key("at", AttributeType::Number)
        .billing_mode(BillingMode::PayPerRequest)
        .removal_policy(RemovalPolicy::Destroy);
    let role = role(stack);
    table.grant_read_data(&role);
    table.grant_write_data(&role);
    table.grant_read_write_data(&role);
    table.grant_full_access(&role);
    table.grant(&role, &["dynamodb:Query"]);
}

fn bucket(stack: &Stack) {
    let key = Key::new(stack, "Key");
    key.add_alias("orders");
    let bucket = Bucket::new(stack, "Bucket")
        .encryption_key(&key)
        .versioned(true);
    let role = role(stack);
    bucket.grant_read(&role, "*");
    bucket.grant_write(&role, "in/*");
    bucket.grant_put(&role, "put/*");
    bucket.grant_delete(&role, "gone/*");
    bucket.grant_read_write(&role, "both/*");
    bucket.grant_read(&service("glue"), "glue/*");
    let imported = Bucket::from_bucket_name(stack, "Imported", "orders");
    imported.grant_read(&role, "*");
    Output::new(stack, "Url", imported.url_for_object("a/b"));
    Output::new(stack, "S3Url", bucket.s3_url_for_object("/a"));
}

fn key(stack: &Stack) {
    let key = Key::new(stack, "Key")
        .description("orders")
        .enable_key_rotation(true)
        .pending_window(Duration::days(7));
    let trusting = Key::new(stack, "Trusting").trust_account_identities(true);
    let role = role(stack);
    for key in [key, trusting] {
        key.grant_decrypt(&role);
        key.grant_encrypt(&role);
        key.grant_encrypt_decrypt(&service("events"));
    }
}

fn events_and_logs(stack: &Stack) {
    let role = role(stack);
    EventBus::new(stack, "Bus").grant_put_events_to(&role);
    EventBus::from_event_bus_name(stack, "Named", "orders").grant_put_events_to(&role);
    let arn = "arn:aws:events:us-east-1:123456789012:event-bus/other";
    EventBus::from_event_bus_arn(stack, "Other", arn).grant_put_events_to(&role);
    EventBus::grant_all_put_events(&role);
    let logs = LogGroup::new(stack, "Logs").retention(None);
    logs.grant_write(&role);
    logs.grant_write(&service("es"));
    LogGroup::from_log_group_name(stack, "NamedLogs", "orders").grant_write(&role);
}

fn roles(stack: &Stack) {
    let assumed_by = Principal::composite([
        service("lambda"),
        Principal::account("123456789012"),
        Principal::organization("o-1234567890"),
        Principal::web_identity("cognito-identity.amazonaws.com").when("StringEquals", "aud", "x"),
        Principal::account_root(stack).with_session_tags(),
    ]);
    let full = Role::new(stack, "Full", assumed_by)
        .external_ids(["a", "b"])
        .name("full")
        .description("everything")
        .path("/teams/orders/")
        .max_session_duration(Duration::hours(2))
        .permissions_boundary("arn:aws:iam::123456789012:policy/boundary");
    full.add_aws_managed_policy("ReadOnlyAccess");
    let statement = Statement::default()
        .sid("All")
        .not_actions(["iam:*"])
        .not_resources(["a"]);
    full.add_inline_policy("Inline", PolicyDocument::of([statement]));
    let trusting = Statement::default().actions(["sts:AssumeRole"]);
    let federated = Principal::federated("provider");
    full.add_to_trust(
        trusting
            .principal(federated)
            .principal(Principal::canonical_user("user")),
    );
    let other = Role::from_role_name(stack, "Other", "other");
    full.grant_pass_role(&other);
    full.grant_assume_role(&other);
    other.grant_pass_role(&full);
}

fn minimized(stack: &Stack) {
    let role = role(stack);
    for id in ["A", "B"] {
        Topic::new(stack, id).grant_publish(&role);
    }
    let queue = Queue::new(stack, "Queue");
    queue.grant_send_messages(&role);
    queue.grant_purge(&role);
    queue.grant_purge(&service("events"));
    queue.grant_purge(&service("lambda"));
}

fn machine_key(stack: &Stack) {
    let key = Key::new(stack, "Key");
    let logs = LogOptions::default().destination(&LogGroup::new(stack, "Logs"));
    StateMachine::new(stack, "M", pass(stack))
        .state_machine_name("orders")
        .logs(logs)
        .encryption_configuration(CustomerManagedEncryptionConfiguration::new(&key));
}

fn activity_key(stack: &Stack) {
    let key = Key::new(stack, "Key");
    let encryption = CustomerManagedEncryptionConfiguration::new(&key)
        .kms_data_key_reuse_period_seconds(Duration::minutes(1));
    let activity = Activity::new(stack, "Activity")
        .name("pack")
        .encryption_configuration(encryption);
    let invoke = StepFunctionsInvokeActivity::new(stack, "T", &activity);
    StateMachine::new(stack, "M", invoke).encryption_configuration(AwsOwnedEncryptionConfiguration);
}

fn machine_of_text(stack: &Stack) {
    let text = r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#;
    let queue = Queue::new(stack, "Queue");
    let machine = StateMachine::new(stack, "M", DefinitionBody::from_string(text))
        .definition_substitutions([("a", queue.queue_arn())]);
    machine.grant_redrive_execution(&role(stack));
    let revision = machine.state_machine_revision_id().unwrap();
    Output::new(stack, "Revision", revision);
}

fn machine_of_file(stack: &Stack) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/cdk/index.json");
    StateMachine::new(stack, "M", DefinitionBody::from_file(path));
}

fn start_execution_in_jsonata(stack: &Stack) {
    let child = StateMachine::from_state_machine_name(stack, "Child", "orders");
    let start = StepFunctionsStartExecution::new(stack, "T", &child)
        .input(TaskInput::from_object(object! {"a": "{% $a %}"}))
        .associate_with_parent(true);
    StateMachine::new(stack, "M", start).query_language(QueryLanguage::Jsonata);
}

fn encrypted_queue_task(stack: &Stack) {
    let queue = Queue::new(stack, "Queue").encryption_master_key(&Key::new(stack, "Key"));
    StateMachine::new(stack, "M", send(stack, &queue));
}

fn two_stacks(first: &Stack, other: &Stack) {
    let queue = Queue::new(first, "Queue");
    StateMachine::new(other, "M", send(other, &queue));
    Output::new(other, "Out", queue.queue_name())
        .description("the name")
        .export_name("queue");
}
