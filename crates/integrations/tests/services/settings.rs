//! Where services are, and what is said when nothing says it.

use std::time::Instant;

use serde_json::{Value, json};
use stepmill_integrations::project::{AwsSettings, Project};
use stepmill_integrations::{Outcome, can_be_repeated};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::{call, failed, impossible, integrations, run};

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
    // An endpoint of another service says nothing of this one.
    let text = "[aws]\nassume_roles = true\nendpoints.sns = 'http://127.0.0.1:1'\n";
    let project = Project::parse(text, "stepmill.toml".as_ref()).unwrap();
    let elsewhere = integrations(project.settings.aws, &[]);
    let reason = impossible(&elsewhere, "sqs:sendMessage", message).await;
    assert!(reason.contains("endpoints = { sqs = \"URL\" }"), "{reason}");
    // Who names only endpoints has no machine of AWS's that could have credentials.
    let reason = impossible(&elsewhere, "aws-sdk:sns:listTopics", json!({})).await;
    assert!(reason.contains("AWS_ACCESS_KEY_ID"), "{reason}");
    assert!(!reason.contains("metadata service"), "{reason}");
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
async fn a_profile_that_does_not_exist_is_named() {
    let settings = AwsSettings {
        profile: Some("nobody".to_owned()),
        ..AwsSettings::default()
    };
    let tasks = integrations(settings, &[]);
    let reason = impossible(&tasks, "aws-sdk:sqs:listQueues", json!({})).await;
    assert!(reason.contains("there is no profile nobody"), "{reason}");
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

/// Answers one request with an empty object, and gives the request.
pub(crate) async fn answer(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let request = request(&mut stream).await;
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    stream.write_all(answer).await.unwrap();
    request
}

/// A request.
pub(crate) async fn request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let mut part = [0; 4096];
        let length = stream.read(&mut part).await.unwrap();
        assert!(length > 0, "{request:?}");
        request.extend_from_slice(&part[..length]);
        if let Some(text) = complete(&request) {
            return text;
        }
    }
}

/// The request, if all of its body is there.
fn complete(request: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(request);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let (_, length) = head.split_once("content-length: ")?;
    let length: usize = length.lines().next()?.parse().ok()?;
    (body.len() >= length).then(|| text.to_string())
}

#[tokio::test]
async fn the_same_call_has_the_same_token_and_goes_to_the_state_machines_region() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let settings = AwsSettings {
        endpoint: Some(url.parse().unwrap()),
        ..AwsSettings::default()
    };
    let variables = [
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_REGION", "us-west-2"),
    ];
    let tasks = integrations(settings, &variables);
    let query = json!({ "QueryString": "SELECT 1" });
    let first = call("athena:startQueryExecution", &query);
    let mut other = first.clone();
    other.task = 9;
    let mut tokens = Vec::new();
    for call in [&first, &first, &other] {
        let (request, outcome) = tokio::join!(answer(&listener), run(&tasks, call));
        assert!(matches!(outcome, Outcome::Succeeded(_)), "{outcome:?}");
        assert!(
            request.contains("/eu-west-1/athena/aws4_request"),
            "{request}"
        );
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["QueryString"], "SELECT 1");
        tokens.push(body["ClientRequestToken"].as_str().unwrap().to_owned());
    }
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[0], tokens[2]);
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
        ("http:invoke", false),
        ("eks:call", false),
        ("eks:runJob.sync", false),
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
