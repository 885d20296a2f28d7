//! Executions.

use serde_json::{Value, json};

use crate::client::{Client, ROLE, is_time, members, pass, wait};

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
