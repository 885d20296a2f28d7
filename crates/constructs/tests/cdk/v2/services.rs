//! Batch, CodeBuild, DynamoDB, Glue and SQS.

use stepmill::prelude::*;

super::examples![
    batch_tags,
    codebuild_batch,
    glue_worker,
    jsonata_ddb,
    jsonata_sqs
];

fn machine(stack: &Stack, definition: impl Chainable) {
    StateMachine::new(stack, "Machine", definition);
}

fn batch_tags(stack: &Stack) {
    machine(
        stack,
        BatchSubmitJob::new(stack, "T", "jd", "n", "jq").tags([("a", "b")]),
    );
}

fn codebuild_batch(stack: &Stack) {
    let project = Project::from_project_name(stack, "Project", "proj");
    let task = CodeBuildStartBuildBatch::new(stack, "T", &project)
        .integration_pattern(IntegrationPattern::RunJob)
        .environment_variables_override([("A", BuildEnvironmentVariable::new("x"))]);
    machine(stack, task);
}

fn glue_worker(stack: &Stack) {
    let task = GlueStartJobRun::new(stack, "T", "j")
        .worker_configuration(WorkerConfigurationProperty::new(WorkerType::G_1X, 2))
        .execution_class(ExecutionClass::Flex);
    machine(stack, task);
}

fn jsonata_ddb(stack: &Stack) {
    let table = Table::from_table_name(stack, "Table", "tab");
    let item = [
        ("id", DynamoAttributeValue::from_string("{% $id %}")),
        ("b", DynamoAttributeValue::boolean_from_jsonata("{% $b %}")),
    ];
    machine(
        stack,
        DynamoPutItem::new(stack, "T", item, &table).jsonata(),
    );
}

fn jsonata_sqs(stack: &Stack) {
    let queue = Queue::new(stack, "Queue");
    let body = TaskInput::from_text("{% $states.input %}");
    machine(
        stack,
        SqsSendMessage::new(stack, "T", &queue, body).jsonata(),
    );
}
