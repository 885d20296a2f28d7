//! Requests read by the API's model: `data/requests.json`, and what has to be computed.

#![allow(clippy::unwrap_used)]

use serde::Deserialize;
use serde_json::{Map, Value, json};
use stepmill_api::{Model, Operation, Refusal};

#[derive(Deserialize)]
struct Case {
    operation: String,
    body: String,
    reads: Option<Map<String, Value>>,
    /// AWS's text, empty if it has none.
    unreadable: Option<String>,
    violates: Option<String>,
}

#[test]
fn cases() {
    let model = Model::load().unwrap();
    let cases: Vec<Case> = serde_json::from_str(include_str!("data/requests.json")).unwrap();
    assert!(cases.len() > 30);
    for case in cases {
        let operation = Operation::named(&case.operation).unwrap();
        let expected = match (case.reads, case.unreadable, case.violates) {
            (Some(request), None, None) => Ok(request),
            (None, Some(text), None) => Err(Refusal::Serialization(
                Some(text).filter(|text| !text.is_empty()),
            )),
            (None, None, Some(text)) => Err(Refusal::Validation(text)),
            _ => unreachable!("a case has one expectation: {}", case.body),
        };
        let read = model.read(operation, case.body.as_bytes());
        assert_eq!(read, expected, "{} {}", case.operation, case.body);
    }
}

#[test]
fn every_operation_has_its_name_and_input() {
    let model = Model::load().unwrap();
    assert_eq!(Operation::ALL.len(), 37);
    for operation in Operation::ALL {
        assert_eq!(Operation::named(operation.name()), Some(*operation));
        // Each either needs something or takes an empty request.
        match model.read(*operation, b"{}") {
            Ok(request) => assert!(request.is_empty()),
            Err(Refusal::Validation(text)) => assert!(text.contains("must not be null"), "{text}"),
            Err(other) => unreachable!("{operation:?}: {other}"),
        }
    }
    assert_eq!(Operation::named("startExecution"), None);
    assert_eq!(Operation::named(""), None);
}

#[test]
fn bodies_that_are_no_text_are_unreadable() {
    let model = Model::load().unwrap();
    for body in [
        &b"\xff"[..],
        b"{\"nextToken\": \"\xff\"}",
        b"{\"ignored\": \"\xc3\x28\"}",
        b"\xef\xbb\xbf{}",
        b"{\0}",
    ] {
        let read = model.read(Operation::ListActivities, body);
        assert_eq!(read, Err(Refusal::Serialization(None)), "{body:?}");
    }
}

#[test]
fn lengths_are_of_characters() {
    let model = Model::load().unwrap();
    for letter in ["a", "é", "€", "😀"] {
        let name = |length| {
            let body = json!({"stateMachineArn": "a", "name": letter.repeat(length)});
            model.read(Operation::StartExecution, body.to_string().as_bytes())
        };
        assert!(name(1).is_ok(), "{letter}");
        assert!(name(80).is_ok(), "{letter}");
        let Err(Refusal::Validation(text)) = name(81) else {
            unreachable!("81 characters are too many");
        };
        assert!(text.ends_with("less than or equal to 80"), "{text}");
    }
}

#[test]
fn hostile_bodies_are_refused_with_short_texts() {
    let model = Model::load().unwrap();
    let deep = format!("{{\"x\":{}", "[".repeat(1_000_000));
    let many = format!(
        "{{\"resourceArn\":\"a\",\"tags\":[{}{{}}]}}",
        "{},".repeat(1_000_000)
    );
    let long = json!({"nextToken": "x".repeat(3_000_000)}).to_string();
    let wrong = json!({"resourceArn": "a", "tagKeys": vec![""; 1000]}).to_string();
    for (operation, body) in [
        (Operation::ListActivities, &deep),
        (Operation::TagResource, &many),
        (Operation::ListActivities, &long),
        (Operation::UntagResource, &wrong),
    ] {
        let refusal = model.read(operation, body.as_bytes()).unwrap_err();
        let text = match refusal {
            Refusal::Serialization(text) => text.unwrap_or_default(),
            Refusal::Validation(text) => text,
        };
        assert!(text.len() < 32_000, "{operation:?}: {} bytes", text.len());
    }
}

#[test]
fn sensitive_values_are_not_repeated() {
    let model = Model::load().unwrap();
    let secret = "hunter2".repeat(50_000);
    for (operation, body) in [
        (
            Operation::SendTaskSuccess,
            json!({"taskToken": secret, "output": secret}),
        ),
        (
            Operation::StartExecution,
            json!({"stateMachineArn": "a", "input": secret}),
        ),
        (
            Operation::TestState,
            json!({"definition": "", "mock": {"result": secret}}),
        ),
    ] {
        let Err(Refusal::Validation(text)) = model.read(operation, body.to_string().as_bytes())
        else {
            unreachable!("too long");
        };
        assert!(!text.contains("hunter2"), "{text}");
        assert!(text.contains("Value at "), "{text}");
    }
}
