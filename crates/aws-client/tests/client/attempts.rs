//! Failures that pass, and those that do not.

use serde_json::json;
use stepmill_aws_client::{CallError, Client, Config, Overrides, TransportError};

use crate::responder::{HANG_UP, Responder, answer};
use crate::{call, config};

async fn list(config: Config) -> Result<stepmill_aws_client::Response, CallError> {
    call(&Client::new(config), "dynamodb", "ListTables", json!({})).await
}

#[tokio::test]
async fn a_failure_that_passes_is_tried_again() {
    let throttled = r#"{"__type":"com.x#ThrottlingException","message":"slow"}"#;
    for first in [answer(503, "", ""), answer(400, "", throttled), HANG_UP] {
        let server = Responder::new(vec![first, answer(200, "", r#"{"TableNames":["t"]}"#)]).await;
        let response = list(config(&server.url())).await.unwrap();
        assert_eq!(response.json, json!({ "TableNames": ["t"] }));
        assert_eq!((response.attempts, server.asked().len()), (2, 2));
    }
}

#[tokio::test]
async fn a_failure_that_lasts_is_not() {
    let body = r#"{"__type":"com.x#ResourceNotFoundException","message":"no","Extra":1}"#;
    let server = Responder::new(vec![answer(400, "x-amzn-RequestId: id-1\r\n", body)]).await;
    let Err(CallError::Service(error)) = list(config(&server.url())).await else {
        panic!("it was no error");
    };
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("ResourceNotFoundException", "no")
    );
    assert_eq!(error.name.as_deref(), Some("ResourceNotFoundException"));
    assert_eq!((error.status, error.attempts), (400, 1));
    assert_eq!(error.request_id.as_deref(), Some("id-1"));
    assert_eq!(error.detail, json!({ "message": "no" }));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn attempts_end() {
    let server = Responder::new(vec![answer(500, "", "")]).await;
    let Err(CallError::Service(error)) = list(config(&server.url())).await else {
        panic!("it was no error");
    };
    assert_eq!((error.code.as_str(), error.attempts), ("500", 3));
    let once = Overrides {
        attempts: Some(1),
        ..Overrides::default()
    };
    let client = Client::new(config(&server.url()));
    client
        .call("dynamodb", "ListTables", &json!({}), &once)
        .await
        .unwrap_err();
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_corrected() {
    let skewed = r#"{"__type":"InvalidSignatureException","message":"expired"}"#;
    let date = "Date: Tue, 01 Jan 2030 00:00:00 GMT\r\n";
    let server = Responder::new(vec![answer(403, date, skewed), answer(200, "", "{}")]).await;
    list(config(&server.url())).await.unwrap();
    let asked = server.asked();
    assert!(
        asked[1].contains("x-amz-date: 20300101T0000"),
        "{}",
        asked[1]
    );
    // A signature that is wrong for another reason is not tried again.
    let server = Responder::new(vec![answer(403, "", skewed)]).await;
    list(config(&server.url())).await.unwrap_err();
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn answers_are_bounded() {
    let body = "x".repeat(2000);
    let server = Responder::new(vec![answer(200, "", &body)]).await;
    let small = Config {
        response_bytes: 1000,
        ..config(&server.url())
    };
    let Err(CallError::Transport {
        source, attempts, ..
    }) = list(small).await
    else {
        panic!("it was no error");
    };
    assert_eq!(
        (source, attempts),
        (TransportError::TooLarge { limit: 1000 }, 1)
    );
    let header = format!("x: {}\r\n", "x".repeat(1_000_000));
    let server = Responder::new(vec![answer(200, &header, "{}")]).await;
    let error = list(config(&server.url())).await.unwrap_err();
    assert!(matches!(error, CallError::Transport { .. }), "{error}");
}

#[tokio::test]
async fn what_is_no_answer_of_the_service_is_said() {
    let server = Responder::new(vec![answer(200, "", "<html>")]).await;
    let error = list(config(&server.url())).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("dynamodb ListTables has answered, but with a body that is no JSON"),
        "{text}"
    );
    let server = Responder::new(vec![answer(200, "", r#"{"TableNames":"t"}"#)]).await;
    let text = list(config(&server.url())).await.unwrap_err().to_string();
    assert!(text.contains("TableNames is not an array"), "{text}");
}

#[tokio::test]
async fn nobody_there_is_said_with_the_endpoint() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = list(config(&url)).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("dynamodb at {url} cannot be called: ")),
        "{text}"
    );
    assert!(
        text.contains("refused") && text.ends_with("(attempts: 3)"),
        "{text}"
    );
}

#[tokio::test]
async fn secrets_are_in_no_error() {
    let server = Responder::new(vec![answer(403, "", "{}")]).await;
    let config = config(&server.url());
    let shown = format!("{config:?}");
    let error = list(config).await.unwrap_err();
    for text in [shown, error.to_string(), format!("{error:?}")] {
        assert!(!text.contains("s3cret"), "{text}");
    }
    assert!(server.asked()[0].contains("Credential=AKIDEXAMPLE/"));
}
