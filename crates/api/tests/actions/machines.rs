//! State machines, their versions, aliases, tags and definitions.

use serde_json::{Value, json};

use crate::client::{Client, MACHINE, ROLE, is_time, members, pass};

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
