//! Batch, CodeBuild, DynamoDB, EventBridge, Glue and SQS. Impossible by the types: a projection expression that begins
//! with an index, both generations of a Glue worker's type (they are one) or neither, and items without a table.

use IntegrationPattern::{RunJob, WaitForTaskToken};
use stepmill::prelude::*;

use super::{problems, refused, unsupported};

fn job(stack: &Stack) -> BatchSubmitJob {
    BatchSubmitJob::new(stack, "T", "definition", "name", "queue")
}

fn table(stack: &Stack) -> Table {
    Table::from_table_name(stack, "Table", "orders")
}

fn key() -> [(&'static str, DynamoAttributeValue); 1] {
    [("id", DynamoAttributeValue::from_string("1"))]
}

fn event(source: &str) -> EventBridgePutEventsEntry {
    EventBridgePutEventsEntry::new(TaskInput::from_text("detail"), "type", source)
}

#[test]
fn patterns() {
    let jobs = "REQUEST_RESPONSE,RUN_JOB";
    unsupported(jobs, WaitForTaskToken, job);
    unsupported(jobs, WaitForTaskToken, |stack| {
        let project = Project::from_project_name(stack, "Project", "tests");
        CodeBuildStartBuild::new(stack, "T", &project)
    });
    unsupported(jobs, WaitForTaskToken, |stack| {
        let project = Project::from_project_name(stack, "Project", "tests");
        CodeBuildStartBuildBatch::new(stack, "T", &project)
    });
    unsupported(jobs, WaitForTaskToken, |stack| {
        GlueStartJobRun::new(stack, "T", "job")
    });
    unsupported(jobs, WaitForTaskToken, |stack| {
        GlueDataBrewStartJobRun::new(stack, "T", "job")
    });
    let callbacks = "REQUEST_RESPONSE,WAIT_FOR_TASK_TOKEN";
    unsupported(callbacks, RunJob, |stack| {
        EventBridgePutEvents::new(stack, "T", [event("orders")])
    });
    unsupported(callbacks, RunJob, |stack| {
        let body = TaskInput::from_text("body");
        SqsSendMessage::new(stack, "T", &Queue::new(stack, "Queue"), body)
    });
}

/// The CDK ignores the pattern of these.
#[test]
fn items_are_not_waited_for() {
    let requests = "REQUEST_RESPONSE";
    unsupported(requests, RunJob, |stack| {
        DynamoGetItem::new(stack, "T", key(), &table(stack))
    });
    unsupported(requests, RunJob, |stack| {
        DynamoPutItem::new(stack, "T", key(), &table(stack))
    });
    unsupported(requests, RunJob, |stack| {
        DynamoDeleteItem::new(stack, "T", key(), &table(stack))
    });
    unsupported(requests, RunJob, |stack| {
        DynamoUpdateItem::new(stack, "T", key(), &table(stack))
    });
}

#[test]
fn array_size() {
    for size in [1, 10_001] {
        let message = format!("arraySize must be between 2 and 10,000. Received {size}.");
        refused("array_size", &message, |stack| job(stack).array_size(size));
    }
}

#[test]
fn dependencies() {
    let message = "dependencies must be 20 or less. Received 21.";
    refused("depends_on", message, |stack| {
        job(stack).depends_on((0..21).map(|id| BatchJobDependency::new().job_id(id.to_string())))
    });
}

#[test]
fn attempts() {
    for attempts in [0, 11] {
        let message = format!("attempts must be between 1 and 10. Received {attempts}.");
        refused("attempts", &message, |stack| job(stack).attempts(attempts));
    }
}

#[test]
fn attempt_duration() {
    let message = "attempt duration must be greater than 60 seconds. Received 59 seconds.";
    refused("timeout", message, |stack| {
        job(stack).timeout(Duration::seconds(59))
    });
}

#[test]
fn reserved_environment_variables() {
    let message = "Invalid environment variable name: AWS_BATCH_JOB. Environment variable names starting with 'AWS_BATCH' are reserved.";
    refused("container_overrides", message, |stack| {
        let overrides = BatchContainerOverrides::new().environment("AWS_BATCH_JOB", "1");
        job(stack).container_overrides(overrides)
    });
}

#[test]
fn tags() {
    let message = "Maximum tag number of entries is 50. Received 51.";
    refused("tags", message, |stack| {
        job(stack).tags((0..51).map(|tag| (tag.to_string(), "value")))
    });
    for length in [0, 129] {
        let message = format!("Tag key size must be between 1 and 128, but got {length}.");
        refused("tags", &message, |stack| {
            job(stack).tags([("k".repeat(length), "value")])
        });
    }
    let message = "Tag value maximum size is 256, but got 257.";
    refused("tags", message, |stack| {
        job(stack).tags([("key", "v".repeat(257))])
    });
}

#[test]
fn queues_need_an_environment() {
    let found = problems(&[], |stack| {
        JobQueue::new(stack, "Queue", []);
    });
    let message = "computeEnvironments must be non-empty".to_owned();
    assert_eq!(found, [(Some("compute_environments"), message)]);
}

#[test]
fn paths_of_attributes() {
    let message = "Data JSON path values must either be exactly equal to '$' or start with '$.'";
    let wrong = [
        (
            "map_from_json_path",
            DynamoAttributeValue::map_from_json_path("path"),
        ),
        (
            "list_from_json_path",
            DynamoAttributeValue::list_from_json_path("path"),
        ),
        (
            "boolean_from_json_path",
            DynamoAttributeValue::boolean_from_json_path("path"),
        ),
    ];
    for (property, value) in wrong {
        refused(property, message, |stack| {
            DynamoGetItem::new(stack, "T", [("id", value)], &table(stack))
        });
    }
}

#[test]
fn expressions_of_attributes() {
    let message =
        "Data JSONata expression values must either be exactly start with '{%' and end with '%}'";
    let wrong = [
        (
            "map_from_jsonata",
            DynamoAttributeValue::map_from_jsonata("$map"),
        ),
        (
            "list_from_jsonata",
            DynamoAttributeValue::list_from_jsonata("{% $list"),
        ),
        (
            "boolean_from_jsonata",
            DynamoAttributeValue::boolean_from_jsonata("true %}"),
        ),
    ];
    for (property, value) in wrong {
        let inside =
            DynamoAttributeValue::from_list([DynamoAttributeValue::from_map([("id", value)])]);
        refused(property, message, |stack| {
            DynamoUpdateItem::new(stack, "T", key(), &table(stack))
                .expression_attribute_values([(":value", inside)])
        });
    }
}

#[test]
fn events() {
    let message = "Task Token is required in `entries`. Use JsonPath.taskToken to set the token.";
    refused("entries", message, |stack| {
        EventBridgePutEvents::new(stack, "T", [event("orders")])
            .integration_pattern(WaitForTaskToken)
    });
    let message = "Value for property `entries` must be a non-empty array.";
    refused("entries", message, |stack| {
        EventBridgePutEvents::new(stack, "T", [])
    });
    // Version 1 refuses `awsome` as well, which its own message does not.
    let message = "Event source cannot start with \"aws.\"";
    refused("entries", message, |stack| {
        EventBridgePutEvents::new(stack, "T", [event("orders"), event("aws.ec2")])
    });
}

#[test]
fn messages_need_the_token() {
    let message =
        "Task Token is required in `messageBody` Use JsonPath.taskToken to set the token.";
    refused("message_body", message, |stack| {
        let body = TaskInput::from_text("body");
        SqsSendMessage::new(stack, "T", &Queue::new(stack, "Queue"), body)
            .integration_pattern(WaitForTaskToken)
    });
}
