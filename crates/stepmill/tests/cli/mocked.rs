//! Services that are mocked, are elsewhere, or are not there: `[mock]` and `[aws.endpoints]`.

use serde_json::{Value, json};

use crate::support::{Directory, Ran};

/// A machine that sends to SQS and then publishes to SNS; it ends with why it could not.
fn machine() -> Value {
    let task = |resource: &str, parameters: Value, next: &str| {
        json!({
            "Type": "Task",
            "Resource": format!("arn:aws:states:::{resource}"),
            "Parameters": parameters,
            "ResultPath": "$.result",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "End"}],
            "Next": next,
        })
    };
    json!({"StartAt": "Send", "States": {
        "Send": task("sqs:sendMessage", json!({"QueueUrl": "q", "MessageBody": "m"}), "Publish"),
        "Publish": task("sns:publish", json!({"TopicArn": "arn:aws:sns:us-east-1:000000000000:t", "Message": "m"}), "End"),
        "End": {"Type": "Succeed"},
    }})
}

/// A project whose SQS is mocked and whose SNS is where nobody answers, as SQS is.
fn project(mock: &str) -> Directory {
    let mocks = json!({
        "StateMachines": {"orders": {"TestCases": {
            "Sends": {"Send": "sent"},
            "Refuses": {"Send": "full"},
        }}},
        "MockedResponses": {
            "sent": {"0": {"Return": {"MessageId": "1"}}},
            "full": {"0": {"Throw": {"Error": "SQS.Full"}}},
        },
    });
    let settings = format!(
        "definition = 'orders.asl.json'\nname = 'orders'\n[aws]\nendpoints = {{ sqs = 'http://127.0.0.1:1', \
         sns = 'http://127.0.0.1:1' }}\n{mock}\n"
    );
    Directory::new()
        .with("orders.asl.json", machine())
        .with("other.asl.json", machine())
        .with("mock.json", mocks)
        .with("stepmill.toml", settings)
}

const KEYS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_MAX_ATTEMPTS", "1"),
];

#[test]
fn a_run_is_mocked_as_the_project_says() {
    let both = project("[mock]\nfile = 'mock.json'\ntest_case = 'Sends'");
    let error = |args: &[&str]| {
        let ran = both.run_with(&KEYS, &[&["run", "."], args].concat());
        ran.json()["Error"].clone()
    };
    // What is mocked goes before an endpoint, and what is not goes to its own.
    assert_eq!(error(&[]), "SNS.SdkClientException");
    assert_eq!(error(&["--test-case", "Refuses"]), "SQS.Full");
    let ran = both.run(&["run", ".", "--test-case", "None"]);
    ran.expect(2, &["orders#Sends, orders#Refuses"]);

    // Without a test case nothing is mocked.
    let file = project("[mock]\nfile = 'mock.json'");
    let ran = file.run_with(&KEYS, &["run", "."]);
    assert_eq!(ran.json()["Error"], "SQS.SdkClientException");
    let ran = file.run(&["run", ".", "--mock", "mock.json"]);
    ran.expect(2, &["no test case is chosen", "--test-case NAME"]);
    let case = project("[mock]\ntest_case = 'Sends'");
    for verb in [
        &["run", "."][..],
        &["serve", ".", "--port", "0", "--store", "memory"],
    ] {
        case.run(verb)
            .expect(2, &["test case 'Sends'", "--mock FILE", "[mock]"]);
    }
}

#[test]
fn a_server_mocks_executions_that_name_no_test_case() {
    let directory = project("[mock]\nfile = 'mock.json'\ntest_case = 'Sends'");
    let server = directory.serve(&KEYS, &[".", "--store", "memory"]);
    let error = |machine: &str| server.run(&["start", machine, "--wait"]).json()["Error"].clone();
    assert_eq!(error("orders"), "SNS.SdkClientException");
    assert_eq!(error("orders#Refuses"), "SQS.Full");
    // A machine without the test case is not mocked.
    assert_eq!(error("other"), "SQS.SdkClientException");
    server.stop();
    let args = [
        ".",
        "--port",
        "0",
        "--store",
        "memory",
        "--test-case",
        "None",
    ];
    let ran = directory.run(&[&["serve"], &args[..]].concat());
    ran.expect(
        2,
        &["no state machine of the mock configuration has the test case \"None\""],
    );
}

#[test]
fn a_service_of_which_nothing_is_said_fails_and_says_what_to_say() {
    let directory = project("[mock]\nfile = 'mock.json'\ntest_case = 'Sends'");
    let text = directory
        .read("stepmill.toml")
        .replace("sns = 'http://127.0.0.1:1'", "");
    let directory = directory.with("stepmill.toml", text.replace(", }", " }"));
    let ran = directory.run(&["run", "."]);
    ran.expect(
        1,
        &[
            "sns:publish",
            "AWS_REGION",
            "endpoints = { sns = \"URL\" }",
            "'Publish'",
        ],
    );
}

#[test]
fn calls_are_made_as_the_machines_role_if_that_is_said() {
    let role = "the role arn:aws:iam::000000000000:role/stepmill cannot be assumed";
    let cause = |ran: &Ran| ran.json()["Cause"].as_str().unwrap().to_owned();
    let nowhere = "endpoint = 'http://127.0.0.1:1'";
    let settings = format!("definition = 'a.asl.json'\nname = 'a'\n[aws]\n{nowhere}\n");
    let directory = Directory::new()
        .with("a.asl.json", machine())
        .with("stepmill.toml", &settings);
    let plain = cause(&directory.run_with(&KEYS, &["run", "."]));
    assert!(!plain.contains("role"), "{plain}");
    let variables = [&KEYS[..], &[("STEPMILL_ASSUME_ROLES", "true")]].concat();
    let server = directory.serve(&variables, &[".", "--store", "memory"]);
    let said = cause(&server.run(&["start", "a", "--wait"]));
    assert!(said.contains(role), "{said}");
    server.stop();

    let directory = directory.with("stepmill.toml", settings + "assume_roles = true\n");
    let said = cause(&directory.run_with(&KEYS, &["run", "."]));
    assert!(said.contains(role), "{said}");
}
