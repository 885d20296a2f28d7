//! The actions over an engine, as clients see them.

#![allow(clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use stepmill_api::{Health, Operation, Operations, PageKey, Probes, ServerConfig, Services, serve};
use stepmill_engine::{Chance, Config, Engine};
use stepmill_integrations::Integrations;
use stepmill_store::Memory;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const ROLE: &str = "arn:aws:iam::000000000000:role/r";
const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:m";

struct Client {
    address: SocketAddr,
    account: &'static str,
    /// What the server lives on.
    runtime: Arc<Runtime>,
}

/// What an error was: its code and message.
type Refused = (String, String);

impl Client {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let address = runtime.block_on(async {
            let chance = Chance::new(1, [1; 32]);
            let tasks = |_| Arc::new(Integrations::new()) as Arc<dyn stepmill_engine::Tasks>;
            let store = Arc::new(Memory::new());
            let engine = Engine::open(store, tasks, Config::new(chance)).unwrap();
            let pages = PageKey::new([2; 32]);
            let well = Arc::new(|| Health::Well);
            let services = Services {
                step_functions: Arc::new(Operations::new(Arc::new(engine), pages)),
                lambda: None,
                probes: Probes {
                    health: well.clone(),
                    ready: well,
                    metrics: Arc::new(String::new),
                },
                observe: Arc::new(|_| {}),
            };
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let config = ServerConfig::default();
            tokio::spawn(serve(listener, services, config, std::future::pending()));
            address
        });
        Self {
            address,
            account: "000000000000",
            runtime: Arc::new(runtime),
        }
    }

    /// The same server for another account.
    fn of(&self, account: &'static str) -> Self {
        Self {
            address: self.address,
            account,
            runtime: Arc::clone(&self.runtime),
        }
    }

    fn call(&self, operation: &str, request: &Value) -> Result<Value, Refused> {
        let body = request.to_string();
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/x-amz-json-1.0\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/states/aws4_request\r\n\
             X-Amz-Target: AWSStepFunctions.{operation}\r\nContent-Length: {}\r\n\r\n{body}",
            self.account,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let json: Value = serde_json::from_str(body).unwrap();
        if head.starts_with("HTTP/1.1 200") {
            return Ok(json);
        }
        assert!(head.starts_with("HTTP/1.1 400"), "{head} {body}");
        let code = json["__type"].as_str().unwrap();
        let code = code.rsplit('#').next().unwrap().to_owned();
        Err((code, json["message"].as_str().unwrap().to_owned()))
    }

    fn ok(&self, operation: &str, request: &Value) -> Value {
        let answer = self.call(operation, request);
        answer.unwrap_or_else(|(code, message)| unreachable!("{operation}: {code}: {message}"))
    }

    /// The code and message of a refusal.
    fn refused(&self, operation: &str, request: &Value) -> Refused {
        let answer = self.call(operation, request);
        answer.unwrap_err()
    }

    fn create(&self, name: &str, machine_type: &str, state: &Value) -> String {
        let definition = json!({"StartAt": "S", "States": {"S": state}});
        let created = self.ok(
            "CreateStateMachine",
            &json!({
                "name": name,
                "definition": definition.to_string(),
                "roleArn": ROLE,
                "type": machine_type,
            }),
        );
        created["stateMachineArn"].as_str().unwrap().to_owned()
    }

    /// Describes an execution as soon as it has ended.
    fn ended(&self, arn: &Value) -> Value {
        loop {
            let described = self.ok("DescribeExecution", &json!({"executionArn": arn}));
            if described["status"] != "RUNNING" {
                return described;
            }
            std::thread::yield_now();
        }
    }
}

fn pass() -> Value {
    json!({"Type": "Pass", "End": true})
}

fn wait() -> Value {
    json!({"Type": "Wait", "Seconds": 1000, "End": true})
}

/// The members of an object, sorted.
fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

fn is_time(value: &Value) -> bool {
    value.as_f64().is_some_and(|seconds| seconds > 1.7e9)
}

#[test]
fn every_action_is_answered() {
    let client = Client::new();
    // What each needs besides ARNs of nothing.
    for operation in Operation::ALL {
        let request = json!({
            "name": "n", "definition": "{}", "roleArn": ROLE, "taskToken": "x", "output": "{}",
            "activityArn": "arn:aws:states:us-east-1:000000000000:activity:none",
            "stateMachineArn": MACHINE,
            "stateMachineVersionArn": format!("{MACHINE}:1"),
            "stateMachineAliasArn": format!("{MACHINE}:alias"),
            "executionArn": "arn:aws:states:us-east-1:000000000000:execution:m:none",
            "mapRunArn": "arn:aws:states:us-east-1:000000000000:mapRun:m/l:none",
            "resourceArn": MACHINE,
            "tags": [], "tagKeys": [],
            "routingConfiguration": [
                {"stateMachineVersionArn": format!("{MACHINE}:1"), "weight": 100}
            ],
        });
        let mut request = request;
        if *operation == Operation::ListExecutions {
            request.as_object_mut().unwrap().remove("mapRunArn");
        }
        if let Err((code, message)) = client.call(operation.name(), &request) {
            assert_ne!(code, "SerializationException", "{operation:?}: {message}");
            assert!(
                !message.contains("validation error"),
                "{operation:?}: {message}"
            );
        }
    }
}

#[test]
fn a_state_machine_from_creation_to_deletion() {
    let client = Client::new();
    let arn = client.create("m", "STANDARD", &pass());
    assert_eq!(arn, MACHINE);
    let described = client.ok("DescribeStateMachine", &json!({"stateMachineArn": arn}));
    assert_eq!(
        members(&described),
        [
            "creationDate",
            "definition",
            "encryptionConfiguration",
            "loggingConfiguration",
            "name",
            "roleArn",
            "stateMachineArn",
            "status",
            "tracingConfiguration",
            "type",
        ]
    );
    assert_eq!(described["status"], "ACTIVE");
    assert_eq!(described["type"], "STANDARD");
    assert_eq!(
        described["loggingConfiguration"],
        json!({"level": "OFF", "includeExecutionData": false})
    );
    assert_eq!(described["tracingConfiguration"], json!({"enabled": false}));
    assert_eq!(
        described["encryptionConfiguration"],
        json!({"type": "AWS_OWNED_KEY"})
    );
    assert!(is_time(&described["creationDate"]));
    let bare = client.ok(
        "DescribeStateMachine",
        &json!({"stateMachineArn": arn, "includedData": "METADATA_ONLY"}),
    );
    assert_eq!(bare["definition"], "{}");

    let updated = client.ok(
        "UpdateStateMachine",
        &json!({
            "stateMachineArn": arn,
            "roleArn": format!("{ROLE}2"),
            "loggingConfiguration": {
                "level": "ALL",
                "destinations": [{"cloudWatchLogsLogGroup": {
                    "logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:g:*"
                }}],
            },
            "tracingConfiguration": {"enabled": true},
            "publish": true,
            "versionDescription": "first",
        }),
    );
    assert_eq!(
        members(&updated),
        ["revisionId", "stateMachineVersionArn", "updateDate"]
    );
    let version = format!("{arn}:1");
    assert_eq!(updated["stateMachineVersionArn"], version);
    let described = client.ok("DescribeStateMachine", &json!({"stateMachineArn": version}));
    assert_eq!(described["stateMachineArn"], version);
    assert_eq!(described["description"], "first");
    assert_eq!(described["revisionId"], updated["revisionId"]);
    assert_eq!(described["tracingConfiguration"], json!({"enabled": true}));
    assert_eq!(
        described["loggingConfiguration"],
        json!({
            "level": "ALL",
            "includeExecutionData": false,
            "destinations": [{"cloudWatchLogsLogGroup": {
                "logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:g:*"
            }}],
        })
    );
    let listed = client.ok("ListStateMachines", &json!({}));
    assert_eq!(listed["stateMachines"][0]["type"], "STANDARD");
    assert_eq!(
        members(&listed["stateMachines"][0]),
        ["creationDate", "name", "stateMachineArn", "type"]
    );
    assert_eq!(
        client.ok("DeleteStateMachine", &json!({"stateMachineArn": arn})),
        json!({})
    );
    assert_eq!(
        client.ok("ListStateMachines", &json!({})),
        json!({"stateMachines": []})
    );
    let refused = client.refused("DescribeStateMachine", &json!({"stateMachineArn": arn}));
    let expected = format!("State Machine Does Not Exist: '{arn}'");
    assert_eq!(refused, ("StateMachineDoesNotExist".to_owned(), expected));
}

#[test]
fn versions_and_aliases() {
    let client = Client::new();
    let arn = client.create("m", "STANDARD", &pass());
    let version = client.ok(
        "PublishStateMachineVersion",
        &json!({"stateMachineArn": arn}),
    );
    assert_eq!(
        members(&version),
        ["creationDate", "stateMachineVersionArn"]
    );
    let version = version["stateMachineVersionArn"].clone();
    let routing = json!([{"stateMachineVersionArn": version, "weight": 100}]);
    let alias = client.ok(
        "CreateStateMachineAlias",
        &json!({"name": "prod", "description": "d", "routingConfiguration": routing}),
    );
    assert_eq!(members(&alias), ["creationDate", "stateMachineAliasArn"]);
    let alias = alias["stateMachineAliasArn"].clone();
    let described = client.ok(
        "DescribeStateMachineAlias",
        &json!({"stateMachineAliasArn": alias}),
    );
    assert_eq!(described["name"], "prod");
    assert_eq!(described["description"], "d");
    assert_eq!(described["routingConfiguration"], routing);
    assert!(is_time(&described["updateDate"]));
    let updated = client.ok(
        "UpdateStateMachineAlias",
        &json!({"stateMachineAliasArn": alias, "description": "e"}),
    );
    assert_eq!(members(&updated), ["updateDate"]);
    let listed = client.ok("ListStateMachineAliases", &json!({"stateMachineArn": arn}));
    assert_eq!(
        listed["stateMachineAliases"][0]["stateMachineAliasArn"],
        alias
    );
    let listed = client.ok("ListStateMachineVersions", &json!({"stateMachineArn": arn}));
    assert_eq!(
        listed["stateMachineVersions"][0]["stateMachineVersionArn"],
        version
    );

    let started = client.ok("StartExecution", &json!({"stateMachineArn": alias}));
    let ended = client.ended(&started["executionArn"]);
    assert_eq!(ended["stateMachineAliasArn"], alias);
    assert_eq!(ended["stateMachineVersionArn"], version);
    assert_eq!(ended["stateMachineArn"], arn);

    let (code, message) = client.refused(
        "DeleteStateMachineVersion",
        &json!({"stateMachineVersionArn": version}),
    );
    assert_eq!(code, "ConflictException");
    assert!(message.ends_with("[prod]"), "{message}");
    client.ok(
        "DeleteStateMachineAlias",
        &json!({"stateMachineAliasArn": alias}),
    );
    client.ok(
        "DeleteStateMachineVersion",
        &json!({"stateMachineVersionArn": version}),
    );
    let listed = client.ok("ListStateMachineVersions", &json!({"stateMachineArn": arn}));
    assert_eq!(listed, json!({"stateMachineVersions": []}));
}

#[test]
fn a_standard_execution() {
    let client = Client::new();
    let arn = client.create("m", "STANDARD", &pass());
    let started = client.ok(
        "StartExecution",
        &json!({"stateMachineArn": arn, "name": "e", "input": "{\"a\": 1}", "traceHeader": "t"}),
    );
    assert_eq!(members(&started), ["executionArn", "startDate"]);
    assert!(is_time(&started["startDate"]));
    let execution = &started["executionArn"];
    let ended = client.ended(execution);
    assert_eq!(
        members(&ended),
        [
            "executionArn",
            "input",
            "inputDetails",
            "name",
            "output",
            "outputDetails",
            "redriveCount",
            "redriveStatus",
            "redriveStatusReason",
            "startDate",
            "stateMachineArn",
            "status",
            "stopDate",
            "traceHeader",
        ]
    );
    assert_eq!(ended["input"], "{\"a\": 1}");
    assert_eq!(ended["output"], "{\"a\":1}");
    assert_eq!(ended["outputDetails"], json!({"included": true}));
    assert_eq!(ended["redriveStatus"], "NOT_REDRIVABLE");
    let bare = client.ok(
        "DescribeExecution",
        &json!({"executionArn": execution, "includedData": "METADATA_ONLY"}),
    );
    assert_eq!(bare["inputDetails"], json!({"included": false}));
    assert_eq!((bare.get("input"), bare.get("output")), (None, None));

    let machine = client.ok(
        "DescribeStateMachineForExecution",
        &json!({"executionArn": execution}),
    );
    assert_eq!(machine["stateMachineArn"], arn);
    assert!(is_time(&machine["updateDate"]));
    for absent in ["status", "type", "creationDate"] {
        assert_eq!(machine.get(absent), None);
    }
    let listed = client.ok("ListExecutions", &json!({"stateMachineArn": arn}));
    assert_eq!(
        members(&listed["executions"][0]),
        [
            "executionArn",
            "name",
            "redriveCount",
            "startDate",
            "stateMachineArn",
            "status",
            "stopDate",
        ]
    );
    let runs = client.ok("ListMapRuns", &json!({"executionArn": execution}));
    assert_eq!(runs, json!({"mapRuns": []}));
}

#[test]
fn history_in_pages() {
    let client = Client::new();
    let arn = client.create("m", "STANDARD", &pass());
    let started = client.ok("StartExecution", &json!({"stateMachineArn": arn}));
    let execution = started["executionArn"].clone();
    client.ended(&execution);
    let whole = client.ok("GetExecutionHistory", &json!({"executionArn": execution}));
    assert_eq!(members(&whole), ["events"]);
    let events = whole["events"].as_array().unwrap();
    assert_eq!(events.len(), 4);
    assert_eq!(events[0]["type"], "ExecutionStarted");
    assert_eq!(
        events[0]["executionStartedEventDetails"],
        json!({"input": "{}", "inputDetails": {"truncated": false}, "roleArn": ROLE})
    );
    assert!(is_time(&events[0]["timestamp"]));

    for reverse in [false, true] {
        let mut found = Vec::new();
        let mut token = Value::Null;
        loop {
            let page = client.ok(
                "GetExecutionHistory",
                &json!({
                    "executionArn": execution, "maxResults": 3, "reverseOrder": reverse,
                    "nextToken": token,
                }),
            );
            found.extend(page["events"].as_array().unwrap().clone());
            token = page["nextToken"].clone();
            if token.is_null() {
                break;
            }
            // Another page size is no other list, another order is.
            let other = json!({
                "executionArn": execution, "reverseOrder": !reverse, "nextToken": token,
            });
            let (code, message) = client.refused("GetExecutionHistory", &other);
            assert_eq!(
                (&*code, &*message),
                ("InvalidToken", "Invalid Token: 'Invalid token'")
            );
        }
        if reverse {
            found.reverse();
        }
        assert_eq!(&found, events);
    }
    let bare = client.ok(
        "GetExecutionHistory",
        &json!({"executionArn": execution, "includeExecutionData": false}),
    );
    assert_eq!(
        bare["events"][0]["executionStartedEventDetails"],
        json!({"roleArn": ROLE})
    );
    assert_eq!(
        bare["events"][1]["stateEnteredEventDetails"],
        json!({"name": "S"})
    );
}

#[test]
fn stopping_and_redriving() {
    let client = Client::new();
    let arn = client.create("m", "STANDARD", &wait());
    let started = client.ok("StartExecution", &json!({"stateMachineArn": arn}));
    let execution = started["executionArn"].clone();
    let listed = client.ok(
        "ListExecutions",
        &json!({"stateMachineArn": arn, "statusFilter": "RUNNING"}),
    );
    assert_eq!(listed["executions"][0].get("stopDate"), None);
    let stopped = client.ok(
        "StopExecution",
        &json!({"executionArn": execution, "error": "E", "cause": "C"}),
    );
    assert_eq!(members(&stopped), ["stopDate"]);
    let ended = client.ended(&execution);
    assert_eq!(ended["status"], "ABORTED");
    assert_eq!(
        (&ended["error"], &ended["cause"]),
        (&json!("E"), &json!("C"))
    );
    assert_eq!(ended["stopDate"], stopped["stopDate"]);
    assert_eq!(ended["redriveStatus"], "REDRIVABLE");
    assert_eq!(ended.get("redriveStatusReason"), None);
    let redriven = client.ok("RedriveExecution", &json!({"executionArn": execution}));
    assert_eq!(members(&redriven), ["redriveDate"]);
    let described = client.ok("DescribeExecution", &json!({"executionArn": execution}));
    assert_eq!(described["status"], "RUNNING");
    assert_eq!(described["redriveCount"], 1);
    assert_eq!(described["redriveDate"], redriven["redriveDate"]);
}

#[test]
fn a_synchronous_express_execution() {
    let client = Client::new();
    let arn = client.create("m", "EXPRESS", &pass());
    let request = json!({"stateMachineArn": arn, "name": "e", "input": "[1]"});
    let ended = client.ok("StartSyncExecution", &request);
    assert_eq!(
        members(&ended),
        [
            "billingDetails",
            "executionArn",
            "input",
            "inputDetails",
            "name",
            "output",
            "outputDetails",
            "startDate",
            "stateMachineArn",
            "status",
            "stopDate",
        ]
    );
    assert_eq!(ended["status"], "SUCCEEDED");
    assert_eq!(ended["output"], "[1]");
    assert_eq!(ended["billingDetails"]["billedMemoryUsedInMB"], 64);
    let failing = client.create(
        "f",
        "EXPRESS",
        &json!({"Type": "Fail", "Error": "E", "Cause": "C"}),
    );
    let ended = client.ok("StartSyncExecution", &json!({"stateMachineArn": failing}));
    assert_eq!(ended["status"], "FAILED");
    assert_eq!(
        (&ended["error"], &ended["cause"]),
        (&json!("E"), &json!("C"))
    );
    assert_eq!(
        (ended.get("output"), ended.get("outputDetails")),
        (None, None)
    );
    let (code, _) = client.refused("ListExecutions", &json!({"stateMachineArn": arn}));
    assert_eq!(code, "StateMachineTypeNotSupported");
}

#[test]
fn an_activity_and_its_worker() {
    let client = Client::new();
    let created = client.ok(
        "CreateActivity",
        &json!({"name": "a", "tags": [{"key": "k", "value": "v"}]}),
    );
    assert_eq!(members(&created), ["activityArn", "creationDate"]);
    let activity = created["activityArn"].clone();
    let described = client.ok("DescribeActivity", &json!({"activityArn": activity}));
    assert_eq!(
        members(&described),
        [
            "activityArn",
            "creationDate",
            "encryptionConfiguration",
            "name"
        ]
    );
    let listed = client.ok("ListActivities", &json!({}));
    assert_eq!(
        members(&listed["activities"][0]),
        ["activityArn", "creationDate", "name"]
    );
    let tags = client.ok("ListTagsForResource", &json!({"resourceArn": activity}));
    assert_eq!(tags, json!({"tags": [{"key": "k", "value": "v"}]}));

    let state = json!({"Type": "Task", "Resource": activity, "End": true});
    let arn = client.create("m", "STANDARD", &state);
    let mut results = Vec::new();
    for finish in ["SendTaskSuccess", "SendTaskFailure"] {
        let request = json!({"stateMachineArn": arn, "input": "{\"x\": 1}"});
        let started = client.ok("StartExecution", &request);
        let request = json!({"activityArn": activity, "workerName": "w"});
        let task = client.ok("GetActivityTask", &request);
        assert_eq!(task["input"], "{\"x\":1}");
        let token = task["taskToken"].clone();
        assert_eq!(
            client.ok("SendTaskHeartbeat", &json!({"taskToken": token})),
            json!({})
        );
        let mut end = json!({"taskToken": token});
        match finish {
            "SendTaskSuccess" => end["output"] = json!("7"),
            _ => end["error"] = json!("E"),
        }
        assert_eq!(client.ok(finish, &end), json!({}));
        let (code, _) = client.refused(finish, &end);
        assert_eq!(code, "TaskTimedOut");
        results.push(client.ended(&started["executionArn"]));
    }
    assert_eq!(results[0]["output"], "7");
    assert_eq!(results[1]["error"], "E");
    let (code, message) = client.refused("SendTaskHeartbeat", &json!({"taskToken": "x"}));
    assert_eq!(
        (&*code, &*message),
        ("InvalidToken", "Invalid Token: 'Invalid token'")
    );

    assert_eq!(
        client.ok("DeleteActivity", &json!({"activityArn": activity})),
        json!({})
    );
    let (code, _) = client.refused("GetActivityTask", &json!({"activityArn": activity}));
    assert_eq!(code, "ActivityDoesNotExist");
}

#[test]
fn tags() {
    let client = Client::new();
    let arn = client.create("m", "STANDARD", &pass());
    let tags = json!([{"key": "a", "value": "1"}, {"key": "b", "value": ""}]);
    let request = json!({"resourceArn": arn, "tags": tags});
    assert_eq!(client.ok("TagResource", &request), json!({}));
    let list = || client.ok("ListTagsForResource", &json!({"resourceArn": arn}));
    assert_eq!(list(), json!({"tags": tags}));
    client.ok(
        "UntagResource",
        &json!({"resourceArn": arn, "tagKeys": ["a"]}),
    );
    assert_eq!(list(), json!({"tags": [{"key": "b", "value": ""}]}));
}

#[test]
fn validation_of_definitions() {
    let client = Client::new();
    let good = json!({"StartAt": "S", "States": {"S": pass()}}).to_string();
    let validated = client.ok(
        "ValidateStateMachineDefinition",
        &json!({"definition": good}),
    );
    assert_eq!(
        validated,
        json!({"result": "OK", "diagnostics": [], "truncated": false})
    );
    let bad = json!({"StartAt": "S", "States": {"S": {"Type": "Bogus"}}}).to_string();
    let request = json!({"definition": bad, "maxResults": 1});
    let validated = client.ok("ValidateStateMachineDefinition", &request);
    assert_eq!(validated["result"], "FAIL");
    let diagnostic = &validated["diagnostics"][0];
    assert_eq!(
        members(diagnostic),
        ["code", "location", "message", "severity"]
    );
    assert_eq!(diagnostic["severity"], "ERROR");
    let (code, message) = client.refused(
        "CreateStateMachine",
        &json!({"name": "m", "definition": bad, "roleArn": ROLE}),
    );
    assert_eq!(code, "InvalidDefinition");
    assert!(
        message.starts_with("Invalid State Machine Definition: '"),
        "{message}"
    );
}

#[test]
fn lists_go_on_where_they_stopped() {
    let client = Client::new();
    for number in 0..5 {
        client.create(&format!("m{number}"), "STANDARD", &pass());
    }
    let mut names = Vec::new();
    let mut token = Value::Null;
    loop {
        let request = json!({"maxResults": 2, "nextToken": token});
        let page = client.ok("ListStateMachines", &request);
        let machines = page["stateMachines"].as_array().unwrap();
        assert!(machines.len() <= 2);
        names.extend(machines.iter().map(|machine| machine["name"].clone()));
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
        // Good for this list of this caller only.
        let request = json!({"nextToken": token});
        let (code, _) = client.refused("ListActivities", &request);
        assert_eq!(code, "InvalidToken");
        let (code, _) = client
            .of("111111111111")
            .refused("ListStateMachines", &request);
        assert_eq!(code, "InvalidToken");
    }
    assert_eq!(names, ["m0", "m1", "m2", "m3", "m4"]);
    let (code, _) = client.refused("ListStateMachines", &json!({"nextToken": "x"}));
    assert_eq!(code, "InvalidToken");
    let stranger = client.of("111111111111");
    assert_eq!(
        stranger.ok("ListStateMachines", &json!({})),
        json!({"stateMachines": []})
    );
}

#[test]
fn which_executions_are_listed() {
    let client = Client::new();
    let arn = client.create("m", "STANDARD", &wait());
    client.ok("StartExecution", &json!({"stateMachineArn": arn}));
    let count = |filter: Value| {
        let mut request = json!({"stateMachineArn": arn});
        for (name, value) in filter.as_object().unwrap() {
            request[name] = value.clone();
        }
        let listed = client.ok("ListExecutions", &request);
        listed["executions"].as_array().unwrap().len()
    };
    assert_eq!(count(json!({})), 1);
    assert_eq!(count(json!({"statusFilter": "RUNNING"})), 1);
    assert_eq!(count(json!({"statusFilter": "FAILED"})), 0);
    assert_eq!(count(json!({"redriveFilter": "REDRIVEN"})), 0);
    assert_eq!(count(json!({"redriveFilter": "NOT_REDRIVEN"})), 1);
    let run = "arn:aws:states:us-east-1:000000000000:mapRun:m/l:r";
    for (request, code) in [
        (json!({}), "ValidationException"),
        (
            json!({"stateMachineArn": arn, "mapRunArn": run}),
            "ValidationException",
        ),
        (
            json!({"stateMachineArn": arn, "statusFilter": "PENDING_REDRIVE"}),
            "ValidationException",
        ),
        (json!({"mapRunArn": run}), "ResourceNotFound"),
        (json!({"mapRunArn": arn}), "InvalidArn"),
        (json!({"stateMachineArn": "nonsense"}), "InvalidArn"),
    ] {
        assert_eq!(
            client.refused("ListExecutions", &request).0,
            code,
            "{request}"
        );
    }
}

#[test]
fn there_are_no_map_runs() {
    let client = Client::new();
    for operation in ["DescribeMapRun", "UpdateMapRun"] {
        for (arn, code) in [
            (
                "arn:aws:states:us-east-1:000000000000:mapRun:m/l:r",
                "ResourceNotFound",
            ),
            (MACHINE, "InvalidArn"),
            ("x", "InvalidArn"),
        ] {
            let (refused, _) = client.refused(operation, &json!({"mapRunArn": arn}));
            assert_eq!(refused, code, "{operation} {arn}");
        }
    }
    let execution = "arn:aws:states:us-east-1:000000000000:execution:m:e";
    let (code, _) = client.refused("ListMapRuns", &json!({"executionArn": execution}));
    assert_eq!(code, "ExecutionDoesNotExist");
}

#[test]
fn single_states() {
    let client = Client::new();
    let state = json!({"Type": "Pass", "Parameters": {"b.$": "$.a"}, "Next": "T"}).to_string();
    let answer = client.ok(
        "TestState",
        &json!({"definition": state, "input": "{\"a\": 1}", "inspectionLevel": "DEBUG"}),
    );
    assert_eq!(
        members(&answer),
        ["inspectionData", "nextState", "output", "status"]
    );
    assert_eq!(answer["status"], "SUCCEEDED");
    assert_eq!(answer["nextState"], "T");
    let output: Value = serde_json::from_str(answer["output"].as_str().unwrap()).unwrap();
    assert_eq!(output, json!({"b": 1}));
    assert_eq!(answer["inspectionData"]["input"], "{\"a\": 1}");
    let state = json!({"Type": "Fail", "Error": "E"}).to_string();
    let answer = client.ok("TestState", &json!({"definition": state}));
    assert_eq!(answer, json!({"status": "FAILED", "error": "E"}));
    let (code, _) = client.refused("TestState", &json!({"definition": "x"}));
    assert_eq!(code, "InvalidDefinition");
}
