//! Lists, and what is in none.

use serde_json::{Value, json};
use stepmill_api::Operation;

use crate::client::{Client, MACHINE, ROLE, pass, wait};

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
