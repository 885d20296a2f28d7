//! As whom calls are made.

use serde_json::{Value, json};
use stepmill_integrations::project::AwsSettings;
use stepmill_integrations::{Call, Integrations, Outcome};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::moto::Moto;
use crate::settings::{answer, request};
use crate::{ROLE, call, integrations, run};

const OTHER: &str = "arn:aws:iam::999999999999:role/other";

fn as_other(resource: &str, parameters: &Value) -> Call {
    Call {
        role_arn: Some(OTHER.to_owned()),
        ..call(resource, parameters)
    }
}

/// Who moto says makes a call.
async fn identity(tasks: &Integrations, role_arn: Option<&str>) -> String {
    let call = Call {
        role_arn: role_arn.map(str::to_owned),
        ..call("aws-sdk:sts:getCallerIdentity", &json!({}))
    };
    match run(tasks, &call).await {
        Outcome::Succeeded(identity) => serde_json::from_str::<Value>(&identity).unwrap()["Arn"]
            .as_str()
            .unwrap()
            .to_owned(),
        other => panic!("{other:?}"),
    }
}

fn assuming() -> AwsSettings {
    AwsSettings {
        assume_roles: Some(true),
        ..AwsSettings::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_made_as_the_task_says_and_else_as_the_settings_say() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let (plain, assuming) = (moto.integrations(), moto.with(assuming()));
    let other = "arn:aws:sts::999999999999:assumed-role/other/stepmill";
    let machine = "arn:aws:sts::123456789012:assumed-role/machine/stepmill";
    let nobody = identity(&plain, None).await;
    assert!(!nobody.contains("assumed-role"), "{nobody}");
    assert_eq!(identity(&plain, Some(OTHER)).await, other);
    assert_eq!(identity(&assuming, None).await, machine);
    assert_eq!(identity(&assuming, Some(OTHER)).await, other);
    assert_eq!(identity(&assuming, None).await, machine);
}

/// The access key that a request is signed with.
fn key(request: &str) -> &str {
    let (_, rest) = request.split_once("Credential=").unwrap();
    rest.split_once('/').unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn services_see_the_keys_of_the_role() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let settings = |aws: AwsSettings| AwsSettings {
        endpoints: [("athena".parse().unwrap(), url.parse().unwrap())].into(),
        ..aws
    };
    let query = json!({ "QueryString": "SELECT 1" });
    let plain = call("athena:startQueryExecution", &query);
    let other = as_other("athena:startQueryExecution", &query);
    let tasks = moto.with(settings(AwsSettings::default()));
    let mut keys = Vec::new();
    for call in [&plain, &other, &other] {
        let (request, outcome) = tokio::join!(answer(&listener), run(&tasks, call));
        assert!(matches!(outcome, Outcome::Succeeded(_)), "{outcome:?}");
        let has_token = request.to_lowercase().contains("x-amz-security-token: ");
        assert_eq!(has_token, call.role_arn.is_some(), "{request}");
        keys.push(key(&request).to_owned());
    }
    assert_eq!(keys[0], "test");
    // Keys that STS issues begin so; they are kept as long as they are good.
    assert!(keys[1].starts_with("ASIA"), "{keys:?}");
    assert_eq!(keys[1], keys[2]);

    let tasks = moto.with(settings(assuming()));
    let (request, _) = tokio::join!(answer(&listener), run(&tasks, &plain));
    assert!(key(&request).starts_with("ASIA"), "{request}");
    assert_ne!(key(&request), keys[1]);
}

/// Answers one request as STS does when a role does not trust the caller; gives the request.
async fn deny(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let request = request(&mut stream).await;
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
    let head = format!(
        "HTTP/1.1 403 Forbidden\r\ncontent-length: {}\r\nconnection: close",
        body.len()
    );
    stream
        .write_all(format!("{head}\r\n\r\n{body}").as_bytes())
        .await
        .unwrap();
    request
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let keys = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ];
    let tasks = |settings: AwsSettings| {
        let endpoint = Some(url.parse().unwrap());
        integrations(
            AwsSettings {
                endpoint,
                ..settings
            },
            &keys,
        )
    };
    let queues = "aws-sdk:sqs:listQueues";
    let denied = async |tasks: &Integrations, call: &Call| {
        let (request, outcome) = tokio::join!(deny(&listener), run(tasks, call));
        assert!(request.contains("AssumeRole"), "{request}");
        let Outcome::Failed { error, cause } = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(error.as_deref(), Some("States.TaskFailed"));
        cause.unwrap()
    };
    let cause = denied(
        &tasks(AwsSettings::default()),
        &as_other(queues, &json!({})),
    )
    .await;
    let text =
        format!("The role {ROLE} is not authorized to assume the task state's role, {OTHER}.");
    assert_eq!(cause, text);
    for call in [call(queues, &json!({})), as_other(queues, &json!({}))] {
        let cause = denied(&tasks(assuming()), &call).await;
        let text = format!("The state machine's role {ROLE} cannot be assumed: ");
        assert!(cause.starts_with(&text), "{cause}");
    }
}
