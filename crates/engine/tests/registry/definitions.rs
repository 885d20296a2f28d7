//! Definitions that AWS refuses, in its words.

use stepmill_asl::model::StateMachineType;
use stepmill_asl::{Code as Finding, Severity};
use stepmill_engine::{Code, CreateStateMachine, validate_definition};

use crate::support::{World, machine, refused};

const STANDARD: StateMachineType = StateMachineType::Standard;
const EXPRESS: StateMachineType = StateMachineType::Express;

/// A machine of one state.
fn only(state: &str) -> String {
    format!(r#"{{"StartAt": "S", "States": {{"S": {state}}}}}"#)
}

#[tokio::test]
async fn an_invalid_definition_says_why() {
    let schema = "SCHEMA_VALIDATION_FAILED";
    let cases = [
        (
            STANDARD,
            r#"{"StartAt": "S"}"#.to_owned(),
            format!("{schema}: These fields are required: [States] at /"),
        ),
        (
            STANDARD,
            "{}".to_owned(),
            format!("{schema}: These fields are required: [States, StartAt] at /"),
        ),
        (
            STANDARD,
            only(r#"{"Type": "Wait", "Timestamp": "tomorrow", "End": true}"#),
            format!("{schema}: String does not match RFC3339 timestamp at /States/S/Timestamp"),
        ),
        (
            STANDARD,
            only(r#"{"Type": "Parallel", "Branches": [], "End": true}"#),
            format!("{schema}: Value cannot be empty at /States/S/Branches"),
        ),
        (
            STANDARD,
            only(
                r#"{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
                    "Parameters": {"FunctionName": "f"}, "Credentials": {}, "End": true}"#,
            ),
            format!(
                "{schema}: The field 'RoleArn' is required but was missing at \
                 /States/S/Credentials"
            ),
        ),
        (
            EXPRESS,
            only(
                r#"{"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                    "Parameters": {"QueueUrl": "q", "MessageBody": "b"}, "End": true}"#,
            ),
            format!(
                "{schema}: Express state machine does not support '.waitForTaskToken' service \
                 integration  at /States/S/Resource"
            ),
        ),
    ];
    let world = World::new();
    for (machine_type, definition, detail) in cases {
        let request = CreateStateMachine {
            definition,
            machine_type,
            ..machine("m")
        };
        let message = format!("Invalid State Machine Definition: '{detail}'");
        refused(
            world.create(request).await,
            Code::InvalidDefinition,
            &message,
        );
    }
}

#[test]
fn a_validation_tells_what_was_found() {
    let valid = only(r#"{"Type": "Succeed"}"#);
    let validation = validate_definition(&valid, STANDARD, Severity::Warning, None);
    assert!(validation.valid && validation.diagnostics.is_empty() && !validation.truncated);

    let text = "not a definition";
    let validation = validate_definition(text, STANDARD, Severity::Error, None);
    assert!(!validation.valid);
    let [found] = &validation.diagnostics[..] else {
        panic!("{:?}", validation.diagnostics);
    };
    assert_eq!(found.code, Finding::InvalidJsonDescription);
    let source = "[Source: (String)\"not a definition\"; line: 1, column: 4]";
    assert_eq!(found.location.as_deref(), Some(source));
    let expected = "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object \
                    or token 'null', 'true' or 'false')";
    assert_eq!(found.message, format!("{expected}\n at {source}"));
}

#[test]
fn warnings_are_told_if_asked_for() {
    let warned = only(r#"{"Type": "Pass", "Parameters": {"a": "$.b"}, "End": true}"#);
    let all = validate_definition(&warned, STANDARD, Severity::Warning, None);
    assert!(all.valid);
    let codes: Vec<_> = all.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(codes, [Finding::NoDollar]);
    let errors = validate_definition(&warned, STANDARD, Severity::Error, None);
    assert!(errors.valid && errors.diagnostics.is_empty() && !errors.truncated);
}

#[test]
fn at_most_so_many_are_told() {
    let fields: Vec<_> = (0..150).map(|index| format!(r#""X{index}": 1"#)).collect();
    let definition = only(&format!(r#"{{"Type": "Succeed", {}}}"#, fields.join(", ")));
    for (asked, told) in [
        (None, 100),
        (Some(0), 100),
        (Some(7), 7),
        (Some(1_000), 100),
    ] {
        let validation = validate_definition(&definition, STANDARD, Severity::Error, asked);
        assert_eq!(validation.diagnostics.len(), told);
        assert!(validation.truncated && !validation.valid);
    }
}
