//! `stepmill serve`: what it serves, keeps, and does when it is told to stop.

use std::fs;

use serde_json::{Value, json};

use crate::support::Directory;

/// Ends its own task by calling back the server that runs it, as a worker would.
const APP: &str = r"
import json, os, time, urllib.request

def add(event, context):
    print('adding', event)
    return event['a'] + event['b']

def call_back(event, context):
    body = json.dumps({'taskToken': event['token'], 'output': json.dumps(event['value'])})
    headers = {
        'Content-Type': 'application/x-amz-json-1.0',
        'X-Amz-Target': 'AWSStepFunctions.SendTaskSuccess',
        'Authorization': 'AWS4-HMAC-SHA256 Credential=%s/20260101/%s/states/aws4_request, '
                         'SignedHeaders=host, Signature=0'
                         % (os.environ['AWS_ACCESS_KEY_ID'], os.environ['AWS_REGION']),
    }
    assert os.environ['AWS_SECRET_ACCESS_KEY']
    assert os.environ['AWS_ENDPOINT_URL_LAMBDA'] == os.environ['AWS_ENDPOINT_URL_SFN']
    url = os.environ['AWS_ENDPOINT_URL_SFN']
    urllib.request.urlopen(urllib.request.Request(url, body.encode(), headers)).read()

def sleep(event, context):
    print('sleeping')
    time.sleep(60)
";

fn calling(function: &str) -> Value {
    json!({"StartAt": "Call", "States": {"Call": {
        "Type": "Task",
        "Resource": format!("arn:aws:lambda:us-east-1:000000000000:function:{function}"),
        "End": true
    }}})
}

fn project() -> Directory {
    let called_back = json!({"StartAt": "Call", "States": {"Call": {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {
            "FunctionName": "call_back",
            "Payload": {"token.$": "$$.Task.Token", "value.$": "$"}
        },
        "TimeoutSeconds": 50,
        "End": true
    }}});
    let function = |name: &str| {
        format!(
            "[lambda.functions.{name}]\nhandler = \"app.{name}\"\ncode = \"functions\"\n\
             timeout = 60\n"
        )
    };
    let toml = format!(
        "definition = \"main.asl.json\"\nname = \"adder\"\n[lambda]\nruntime = \"python3.12\"\n{}{}{}",
        function("add"),
        function("call_back"),
        function("sleep"),
    );
    Directory::new()
        .with("p/stepmill.toml", toml)
        .with("p/main.asl.json", calling("add"))
        .with("p/back.asl.json", called_back)
        .with("p/sleeper.asl.json", calling("sleep"))
        .with("p/wait.asl.yaml", WAIT)
        .with("p/functions/app.py", APP)
}

const WAIT: &str = "StartAt: W\nStates:\n  W: {Type: Wait, Seconds: 3600, End: true}\n";

#[test]
fn one_command_serves_a_project() {
    let directory = project();
    let mut server = directory.serve(&[], &["p", "--ready-file", "ready"]);
    for said in [
        ":stateMachine:adder (created)",
        ":stateMachine:back (created)",
        "functions       add, call_back, sleep",
        "aws stepfunctions start-execution --endpoint-url http://127.0.0.1:",
    ] {
        assert!(server.said.contains(said), "{}", server.said);
    }
    assert_eq!(directory.read("ready").trim(), server.url);
    assert_eq!(directory.read("p/.stepmill/.gitignore"), "*\n");
    let ran = server.run(&[
        "start",
        "adder",
        "--input",
        "{\"a\": 1, \"b\": 2}",
        "--wait",
    ]);
    ran.expect(0, &["SUCCEEDED in "]);
    assert_eq!(ran.json(), json!(3));
    server.until("adding {'a': 1, 'b': 2}");
    let ran = server.run(&["start", "back", "--input", "[7]", "--wait"]);
    ran.expect(0, &[]);
    assert_eq!(ran.json(), json!([7]));
    server.stop();
}

#[test]
fn pages_tell_how_the_server_is() {
    let directory = Directory::new().with("a.asl.json", PASS);
    let server = directory.serve(&[], &["a.asl.json", "--store", "memory"]);
    server.run(&["start", "a", "--wait"]).expect(0, &[]);
    assert_eq!(server.get("/health").0, 200);
    assert_eq!(server.get("/ready").0, 200);
    let (status, metrics) = server.get("/metrics");
    assert_eq!(status, 200);
    for line in [
        "aws_states_executions_succeeded_total{state_machine_arn=\
         \"arn:aws:states:us-east-1:000000000000:stateMachine:a\"} 1\n",
        "stepmill_request_duration_seconds_count{action=\"StartExecution\"} 1\n",
        "aws_states_open_execution_count 0\n",
        "stepmill_recovered 1\n",
        "stepmill_store_healthy 1\n",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
}

const PASS: &str = "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Pass\", \"End\": true}}}";

#[test]
fn what_was_stored_goes_on() {
    let directory = project();
    let server = directory.serve(&[], &["p"]);
    server
        .run(&["start", "wait", "--name", "w1"])
        .expect(0, &[]);
    // Nobody else may have the store.
    let second = directory.run(&["serve", "p", "--port", "0"]);
    second.expect(2, &["is in use by", "--store DIR"]);
    let check = directory.run(&["store", "check", "p/.stepmill"]);
    check.expect(2, &["is in use by"]);
    server.stop();
    let check = directory.run(&["store", "check", "p/.stepmill"]);
    check.expect(0, &["the store is whole (1 executions"]);

    let changed = WAIT.replace("3600", "7200");
    let directory = directory.with("p/wait.asl.yaml", changed);
    let server = directory.serve(&[], &["p"]);
    assert!(
        server.said.contains(":adder (as it was)"),
        "{}",
        server.said
    );
    assert!(server.said.contains(":wait (updated)"), "{}", server.said);
    let described = server.run(&["describe", "wait:w1", "--json"]).json();
    assert_eq!(described["status"], "RUNNING");
    // As after a crash: no good order.
    drop(server);
    let server = directory.serve(&[], &["p"]);
    let described = server.run(&["describe", "wait:w1", "--json"]).json();
    assert_eq!(described["status"], "RUNNING");
}

#[test]
fn a_damaged_store_is_found() {
    let directory = project();
    let server = directory.serve(&[], &["p"]);
    for index in 0..20 {
        let name = format!("w{index}");
        server
            .run(&["start", "wait", "--name", &name])
            .expect(0, &[]);
    }
    server.stop();
    let path = directory.path("p/.stepmill/stepmill.db");
    let mut bytes = fs::read(&path).unwrap();
    let at = find(&bytes, b"sleeper").expect("the state machine's name is in the file");
    bytes[at] ^= 1;
    fs::write(&path, bytes).unwrap();
    let ran = directory.run(&["store", "check", "p/.stepmill", "--json"]);
    ran.expect(1, &[]);
    let found = ran.json();
    assert_eq!(found["whole"], false);
    assert!(!found["problems"].as_array().unwrap().is_empty(), "{found}");
    let ran = directory.run(&["store", "check", "nowhere"]);
    ran.expect(2, &["nowhere: there is no store"]);
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[test]
fn a_second_signal_ends_at_once() {
    let directory = project();
    let mut server = directory.serve(&[], &["p", "--grace", "600", "--store", "memory"]);
    server.run(&["start", "sleeper"]).expect(0, &[]);
    server.until("sleeping");
    server.terminate();
    server.until("stopping");
    server.terminate();
    let (status, _) = server.ended();
    assert_eq!(status.code(), Some(130));
}

#[test]
fn the_grace_ends_what_does_not_end_itself() {
    let directory = project();
    let mut server = directory.serve(&[], &["p", "--grace", "0"]);
    server
        .run(&["start", "sleeper", "--name", "s"])
        .expect(0, &[]);
    server.until("sleeping");
    server.stop();
    // It was broken off, and the task runs again.
    let mut server = directory.serve(&[], &["p"]);
    server.until("sleeping");
    let described = server.run(&["describe", "sleeper:s", "--json"]).json();
    assert_eq!(described["status"], "RUNNING");
    drop(server);
    let server = directory.serve(&[("STEPMILL_INTERRUPTED", "fail")], &["p"]);
    let ran = server.run(&["history", "sleeper:s", "--follow"]);
    ran.expect(1, &[]);
    assert!(ran.out.contains("States.TaskFailed"), "{}", ran.out);
}

#[test]
fn mocks_are_read_when_an_execution_starts() {
    let task = json!({"StartAt": "T", "States": {"T": {
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": "q", "MessageBody": "m"}, "End": true
    }}});
    let mocks = |value: &str| {
        json!({
            "StateMachines": {"m": {"TestCases": {"Case": {"T": "answer"}}}},
            "MockedResponses": {"answer": {"0": {"Return": value}}}
        })
    };
    let directory = Directory::new()
        .with("m.asl.json", task)
        .with("mock.json", mocks("first"));
    let variables = [("SFN_MOCK_CONFIG", "mock.json")];
    let server = directory.serve(&variables, &["m.asl.json", "--store", "memory"]);
    let start = ["start", "m#Case", "--wait"];
    assert_eq!(server.run(&start).json(), "first");
    fs::write(directory.path("mock.json"), mocks("second").to_string()).unwrap();
    assert_eq!(server.run(&start).json(), "second");
    server.run(&["start", "m#Other"]).expect(2, &["m#Case"]);
}

#[test]
fn a_log_for_programs_has_all_in_it() {
    let directory = Directory::new().with("a.asl.json", PASS);
    let args = [
        "serve",
        "--port",
        "0",
        "--store",
        "memory",
        "--log-format",
        "json",
        "a.asl.json",
    ];
    let mut command = directory.command(&args);
    let mut process = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let err = std::io::BufReader::new(process.stderr.take().unwrap());
    let line = std::io::BufRead::lines(err).next().unwrap().unwrap();
    process.kill().unwrap();
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.stdout, b"");
    let event: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(event["message"], "listening");
    assert_eq!(event["level"], "INFO");
    assert_eq!(event["machines"], 1);
    assert!(
        event["url"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:")
    );
}
