//! State machines, activities, and the tasks of SNS, SQS and Step Functions.

use stepmill::prelude::*;

super::examples![
    machine_props,
    machine_encryption,
    sns_fifo,
    activity_params,
    jsonata_sqs
];

fn machine_props(stack: &Stack) {
    StateMachine::new(stack, "Machine", Pass::new(stack, "P"))
        .comment("about")
        .definition_substitutions([("a", "b")])
        .removal_policy(RemovalPolicy::Retain);
}

fn machine_encryption(stack: &Stack) {
    let key = Key::new(stack, "K");
    let encryption = CustomerManagedEncryptionConfiguration::new(&key)
        .kms_data_key_reuse_period_seconds(Duration::seconds(75));
    StateMachine::new(stack, "Machine", Pass::new(stack, "P")).encryption_configuration(encryption);
}

fn sns_fifo(stack: &Stack) {
    let topic = Topic::new(stack, "Topic").name("t.fifo").fifo(true);
    let publish = SnsPublish::new(stack, "T", &topic, TaskInput::from_text("m"))
        .message_group_id("g")
        .message_deduplication_id("d");
    StateMachine::new(stack, "Machine", publish);
}

fn activity_params(stack: &Stack) {
    let activity = Activity::new(stack, "Activity");
    let parameters = object! {"a": 1, "b": JsonPath::string_at("$.b")};
    let invoke = StepFunctionsInvokeActivity::new(stack, "T", &activity).parameters(parameters);
    StateMachine::new(stack, "Machine", invoke);
}

fn jsonata_sqs(stack: &Stack) {
    let body = TaskInput::from_text("{% $states.input %}");
    let send = SqsSendMessage::new(stack, "T", &Queue::new(stack, "Queue"), body).jsonata();
    StateMachine::new(stack, "Machine", send);
}
