//! Where services are, and what is said when nothing says it.

use std::time::Instant;

use serde_json::json;
use stepmill_integrations::can_be_repeated;
use stepmill_integrations::project::{AwsSettings, Project};

use crate::{call, failed, impossible, integrations};

#[tokio::test]
async fn without_any_word_of_aws_a_task_fails_at_once_and_says_what_to_do() {
    let nowhere = integrations(AwsSettings::default(), &[]);
    let begun = Instant::now();
    let message = json!({ "QueueUrl": "https://sqs/q", "MessageBody": "x" });
    for resource in ["sqs:sendMessage", "aws-sdk:sqs:sendMessage"] {
        let reason = impossible(&nowhere, resource, message.clone()).await;
        for part in [
            resource,
            "AWS_REGION",
            "AWS_ENDPOINT_URL",
            "[aws] endpoint",
            "'Do it'",
        ] {
            assert!(reason.contains(part), "{part}: {reason}");
        }
    }
    assert!(begun.elapsed().as_secs() < 1);
    let reason = impossible(&nowhere, "lambda:invoke", json!({ "FunctionName": "f" })).await;
    assert!(
        reason.contains("[lambda.functions.NAME]") && reason.contains("[aws]"),
        "{reason}"
    );
}

#[tokio::test]
async fn credentials_that_are_nowhere_are_named() {
    let variables = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let nobody = integrations(AwsSettings::default(), &variables);
    let reason = impossible(&nobody, "aws-sdk:sqs:listQueues", json!({})).await;
    assert!(reason.contains("AWS_ACCESS_KEY_ID"), "{reason}");
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_is_an_error_that_can_be_caught() {
    let text = "[aws.endpoints]\nevents = \"http://127.0.0.1:1\"\n";
    let project = Project::parse(text, "stepmill.toml".as_ref()).unwrap();
    let variables = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_MAX_ATTEMPTS", "1"),
    ];
    let tasks = integrations(project.settings.aws, &variables);
    // Both names of a service are the service.
    for (resource, name) in [
        ("events:putEvents", "EventBridge.SdkClientException"),
        (
            "aws-sdk:eventbridge:putEvents",
            "EventBridge.SdkClientException",
        ),
    ] {
        let (error, cause) = failed(&tasks, resource, json!({ "Entries": [] })).await;
        assert_eq!(error, name);
        assert!(
            cause.starts_with("Unable to execute HTTP request: "),
            "{cause}"
        );
    }
}

#[test]
fn calls_that_take_a_token_can_be_repeated() {
    for (resource, can) in [
        ("athena:startQueryExecution", true),
        ("ecs:runTask", true),
        ("aws-sdk:athena:startQueryExecution", true),
        ("sqs:sendMessage", false),
        ("aws-sdk:s3:putObject", false),
        ("apigateway:invoke", false),
    ] {
        assert_eq!(
            can_be_repeated(&call(resource, &json!({})).resource),
            can,
            "{resource}"
        );
    }
}

#[test]
fn settings_that_mean_nothing_are_refused() {
    for (text, wrong) in [
        ("[aws]\nendpoint = \"localhost\"", "'localhost' is no URL"),
        (
            "[aws.endpoints]\nsqss = \"http://a\"",
            "'sqss' is no service",
        ),
        ("[aws]\nregoin = \"x\"", "unknown field `regoin`"),
    ] {
        let error = Project::parse(text, "stepmill.toml".as_ref()).unwrap_err();
        assert!(error.to_string().contains(wrong), "{error}");
    }
}
