//! `stepmill run` on single definitions.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::Directory;

fn passing() -> Value {
    json!({"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": true}}})
}

fn failing() -> Value {
    json!({
        "StartAt": "Fan",
        "States": {"Fan": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "Good?",
                "States": {
                    "Good?": {
                        "Type": "Choice",
                        "Choices": [{"Variable": "$", "NumericLessThan": 2, "Next": "Fine"}],
                        "Default": "Broken"
                    },
                    "Fine": {"Type": "Succeed"},
                    "Broken": {"Type": "Fail", "Error": "TooLarge", "Cause": "at most 1"}
                }
            },
            "End": true
        }}
    })
}

fn waiting(seconds: u64) -> Value {
    json!({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": seconds, "End": true}}})
}

#[test]
fn the_output_alone_goes_to_standard_output() {
    let directory = Directory::new().with("pass.asl.json", passing());
    let ran = directory.run(&[
        "run",
        "pass.asl.json",
        "--input",
        "{\"b\": 1.50, \"a\": [null]}",
    ]);
    ran.expect(
        0,
        &["Pass", "succeeded", "Succeeded in", "(1 state, 4 events)"],
    );
    assert_eq!(ran.out, "{\n  \"b\": 1.5,\n  \"a\": [\n    null\n  ]\n}\n");
    assert!(!ran.err.contains('\u{1b}'), "{}", ran.err);
}

#[test]
fn input_comes_from_everywhere() {
    let directory = Directory::new()
        .with(
            "pass.asl.yaml",
            "StartAt: Pass\nStates:\n  Pass: {Type: Pass, End: true}\n",
        )
        .with("in.json", "[\"file\"]");
    assert_eq!(directory.run(&["run", "pass.asl.yaml"]).json(), json!({}));
    let ran = directory.run(&["run", "pass.asl.yaml", "--input", "@in.json"]);
    assert_eq!(ran.json(), json!(["file"]));
    let ran = directory.run_on("7", &["run", "pass.asl.yaml", "--input", "-"]);
    assert_eq!(ran.json(), json!(7));
    let ran = directory.run_with(&[("STEPMILL_INPUT", "8")], &["run", "pass.asl.yaml"]);
    assert_eq!(ran.json(), json!(8));
}

#[test]
fn settings_come_from_the_environment_too() {
    let directory = Directory::new().with("wait.asl.json", waiting(3600));
    let settings = [
        ("STEPMILL_SKIP_WAITS", "1"),
        ("STEPMILL_JSON", "true"),
        ("STEPMILL_PROGRESS", "none"),
    ];
    let ran = directory.run_with(&settings, &["run", "wait.asl.json"]);
    assert_eq!(ran.err, "");
    assert_eq!(ran.json()["status"], "SUCCEEDED");
    let ran = directory.run_with(
        &[("STEPMILL_JSON", "0")],
        &["run", "wait.asl.json", "--skip-waits"],
    );
    assert_eq!(ran.json(), json!({}));
}

#[test]
fn a_failure_says_error_cause_and_where() {
    let directory = Directory::new().with("fail.asl.json", failing());
    let ran = directory.run(&["run", "fail.asl.json", "--input", "[0, 1, 2]"]);
    ran.expect(
        1,
        &[
            "Failed after",
            "in state Broken (Fan[2]/Broken)",
            "Error  TooLarge",
            "at most 1",
        ],
    );
    assert_eq!(ran.out, "");
    let ran = directory.run(&["run", "fail.asl.json", "--input", "[0, 1, 2]", "--json"]);
    ran.expect(1, &[]);
    let report = ran.json();
    for (field, value) in [
        ("status", json!("FAILED")),
        ("error", json!("TooLarge")),
        ("cause", json!("at most 1")),
        ("state", json!("Broken")),
        ("statePath", json!("Fan[2]/Broken")),
    ] {
        assert_eq!(report[field], value, "{report:#}");
    }
    let ran = directory.run(&["run", "fail.asl.json", "--input", "[0, 1]"]);
    ran.expect(0, &["2/2 items"]);
}

#[test]
fn json_describes_the_execution() {
    let directory = Directory::new().with("pass.asl.json", passing());
    let report = directory
        .run(&["run", "pass.asl.json", "--json", "--name", "orders"])
        .json();
    let arn = report["executionArn"].as_str().unwrap();
    assert!(
        arn.starts_with("arn:aws:states:us-east-1:000000000000:execution:orders:"),
        "{arn}"
    );
    assert_eq!(report["events"], 4);
    assert_eq!(report["output"], json!({}));
    let (start, stop) = (
        report["startDate"].as_str().unwrap(),
        report["stopDate"].as_str().unwrap(),
    );
    assert!(
        start.ends_with('Z') && start.len() == 24 && start <= stop,
        "{start} {stop}"
    );
}

#[test]
fn an_express_execution_has_an_express_arn() {
    let directory = Directory::new().with("pass.asl.json", passing());
    let report = directory
        .run(&["run", "pass.asl.json", "--json", "--express"])
        .json();
    assert!(
        report["executionArn"]
            .as_str()
            .unwrap()
            .contains(":express:pass:"),
        "{report}"
    );
}

#[test]
fn waits_are_skipped_in_virtual_time() {
    let directory = Directory::new().with("wait.asl.json", waiting(86_400));
    let ran = directory.run(&["run", "wait.asl.json", "--skip-waits"]);
    ran.expect(0, &["waiting", "1d 00h", "Succeeded in 1d 00h"]);
}

#[test]
fn history_is_as_aws_gives_it() {
    let directory = Directory::new().with("fail.asl.json", failing());
    let ran = directory.run(&[
        "run",
        "fail.asl.json",
        "--input",
        "[5]",
        "--history",
        "h.json",
        "--json",
    ]);
    ran.expect(1, &[]);
    let history: Value = serde_json::from_str(&directory.read("h.json")).unwrap();
    let events = history["events"].as_array().unwrap();
    assert_eq!(json!(events.len()), ran.json()["events"]);
    let types: Vec<_> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(types.first(), Some(&"ExecutionStarted"));
    assert_eq!(types.last(), Some(&"ExecutionFailed"));
    for (event, id) in events.iter().zip(1..) {
        assert_eq!(event["id"], id);
        assert!(
            event["timestamp"].is_f64() && event["previousEventId"].is_u64(),
            "{event}"
        );
    }
}

#[test]
fn a_caught_and_a_retried_state_are_told() {
    let mocks = json!({
        "StateMachines": {"flow": {"TestCases": {"flaky": {"Call": "flaky", "Other": "down"}}}},
        "MockedResponses": {
            "flaky": {
                "0": {"Throw": {"Error": "Busy", "Cause": "later"}},
                "1": {"Return": {"ok": true}}
            },
            "down": {"0": {"Throw": {"Error": "Down", "Cause": "for good"}}}
        }
    });
    let publish = |next: &str| {
        json!({
            "Type": "Task",
            "Resource": "arn:aws:states:::sns:publish",
            "Parameters": {"TopicArn": "arn:aws:sns:us-east-1:000000000000:t", "Message": "m"},
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 30}],
            "Catch": [{"ErrorEquals": ["Down"], "Next": "End", "ResultPath": "$.error"}],
            "Next": next
        })
    };
    let flow = json!({
        "StartAt": "Call",
        "States": {"Call": publish("Other"), "Other": publish("End"), "End": {"Type": "Succeed"}}
    });
    let directory = Directory::new()
        .with("flow.asl.json", flow)
        .with("mock.json", mocks);
    let mocked = [
        "--mock",
        "mock.json",
        "--test-case",
        "flaky",
        "--skip-waits",
    ];
    let ran = directory.run(&[&["run", "flow.asl.json"], &mocked[..]].concat());
    ran.expect(
        0,
        &[
            "retrying   attempt 2 in 30.0s  Busy: later",
            "attempt 2",
            "caught",
            "Down: for good",
        ],
    );
    assert_eq!(
        ran.json(),
        json!({"ok": true, "error": {"Error": "Down", "Cause": "for good"}})
    );
    // What is not mocked cannot be called yet, and says so.
    let ran = directory.run(&["run", "flow.asl.json"]);
    ran.expect(1, &["in state Call", "--mock FILE --test-case NAME"]);
}

#[test]
fn mocks_that_do_not_fit_are_refused() {
    let directory = Directory::new()
        .with("pass.asl.json", passing())
        .with(
            "mock.json",
            json!({"StateMachines": {"other": {"TestCases": {"a": {}}}}}),
        )
        .with("bad.json", "{\n  \"Stub\": 1\n}");
    let ran = directory.run(&[
        "run",
        "pass.asl.json",
        "--mock",
        "mock.json",
        "--test-case",
        "a",
    ]);
    ran.expect(2, &["other#a", "--name NAME"]);
    let ran = directory.run(&[
        "run",
        "pass.asl.json",
        "--mock",
        "bad.json",
        "--test-case",
        "a",
    ]);
    ran.expect(2, &["unknown field `Stub`", "bad.json:2:"]);
    let ran = directory.run(&[
        "run",
        "pass.asl.json",
        "--mock",
        "no.json",
        "--test-case",
        "a",
    ]);
    ran.expect(2, &["no.json: there is no such file", "--mock"]);
}

#[test]
fn nothing_runs_if_something_is_wrong() {
    let directory = Directory::new()
        .with("pass.asl.json", passing())
        .with(
            "bad.asl.json",
            "{\"StartAt\": \"A\",\n \"States\": {\"A\": {\"Type\": \"Pass\", \"Next\": \"B\"}}}",
        )
        .with("readme.txt", "");
    for (args, said) in [
        (
            &["run", "bad.asl.json"][..],
            &[
                "MISSING_TRANSITION_TARGET",
                "bad.asl.json:2:",
                "not a valid definition",
            ][..],
        ),
        (&["run", "no.asl.json"], &["there is no such file"]),
        (
            &["run", "readme.txt"],
            &["end the name in .asl.json or .asl.yaml"],
        ),
        (&["run", "."], &["has no stepmill.toml"]),
        (
            &["run", "pass.asl.json", "--input", "{nope}"],
            &["not valid JSON", "--input:1:2"],
        ),
        (
            &["run", "pass.asl.json", "--input", "@no.json"],
            &["no.json: there is no such file"],
        ),
        (
            &["run", "pass.asl.json", "--history", "no/h.json"],
            &["no/h.json: cannot be written"],
        ),
        (
            &["run", "pass.asl.json", "--name", "a b"],
            &["cannot name a state machine"],
        ),
        (&["run"], &["<PATH>", "Usage: stepmill run"]),
    ] {
        let ran = directory.run(args);
        ran.expect(2, said);
        assert_eq!(ran.out, "", "{args:?}");
    }
}

#[test]
#[cfg(unix)]
fn an_interrupt_stops_the_execution() {
    let directory = Directory::new().with("wait.asl.json", waiting(3600));
    let mut command = directory.command(&["run", "wait.asl.json", "--json", "--history", "h.json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("waiting"));
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let told: Vec<_> = lines.map(Result::unwrap).collect();
    assert!(
        told.iter().any(|line| line.contains("Stopped after")),
        "{told:?}"
    );
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["status"], &report["state"]),
        (&json!("ABORTED"), &json!("Wait"))
    );
    assert!(directory.read("h.json").contains("ExecutionAborted"));
}
