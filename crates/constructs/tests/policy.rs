//! Policies of definitions that no construct has written: what stands in parameters becomes ARNs.

// A helper that fails fails its test; parameters are made where they are given.
#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_pass_by_value)]

use serde_json::{Value as Json, json};
use stepmill_constructs::policy::of_definition;
use stepmill_constructs::prelude::*;
use stepmill_constructs::template::ResourceTypes;
use stepmill_constructs::value::Part;

/// The resources that a task's statements are about, by their first action; `aws` is the partition.
fn resources(resource: &str, parameters: &Json) -> Vec<(String, Vec<String>)> {
    let environment = Environment::new("123456789012", "us-east-1");
    let stack = Stack::with_environment(&App::new(), "Stack", environment);
    let state = json!({"Type": "Task", "Resource": resource, "Parameters": parameters});
    let definition = json!({"StartAt": "T", "States": {"T": state}});
    let policy = of_definition(&stack, &Value::from(definition), &ResourceTypes::default());
    let statements = policy.statements.iter();
    statements
        .map(|needed| about(&needed.statement.to_value()))
        .collect()
}

fn about(statement: &Value) -> (String, Vec<String>) {
    let action = texts(statement.get("Action").unwrap()).swap_remove(0);
    (action, texts(statement.get("Resource").unwrap()))
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::List(items) => items.iter().flat_map(texts).collect(),
        Value::Text(text) => vec![
            Text::join("aws", text.parts().iter().filter_map(literal))
                .as_literal()
                .unwrap()
                .to_owned(),
        ],
        other => panic!("{other:?}"),
    }
}

/// The literal parts around the partition.
fn literal(part: &Part) -> Option<String> {
    match part {
        Part::Literal(text) => Some(text.to_string()),
        _ => None,
    }
}

fn one(resource: &str, parameters: Json, action: &str) -> Vec<String> {
    let mut found = resources(resource, &parameters);
    found.retain(|(first, _)| first == action);
    assert_eq!(found.len(), 1, "{action} {found:?}");
    found.swap_remove(0).1
}

#[test]
fn parts_of_parameters_stand_in_arns() {
    let call = "arn:aws:states:::apigateway:invoke";
    let api = "abc.execute-api.eu-west-1.amazonaws.com";
    let arn = "arn:aws:execute-api:eu-west-1:123456789012:abc";
    for (parameters, end) in [
        (json!({"Method": "GET"}), "$default/GET/*"),
        (
            json!({"Method": "PUT", "Stage": "prod", "Path": "/a"}),
            "prod/PUT/a",
        ),
        (
            json!({"Method": "PUT", "Stage.$": "$.stage", "Path.$": "$.path"}),
            "*/PUT*",
        ),
    ] {
        let mut parameters = parameters;
        parameters["ApiEndpoint"] = api.into();
        let found = one(call, parameters, "execute-api:Invoke");
        assert_eq!(found, [format!("{arn}/{end}")]);
    }
    let start = "arn:aws:states:::athena:startQueryExecution";
    let put = "s3:AbortMultipartUpload";
    let to = |location: Json| json!({"ResultConfiguration": location});
    let literal = to(json!({"OutputLocation": "s3://b/k/"}));
    assert_eq!(one(start, literal, put), ["arn:aws:s3:::b/k/*"]);
    let at_run_time = to(json!({"OutputLocation.$": "$.location"}));
    assert_eq!(one(start, at_run_time, put), ["arn:aws:s3:::*"]);
    assert_eq!(one(start, to(json!({})), put), ["*"]);
}

#[test]
fn what_parameters_name_is_an_arn() {
    let invoke = "arn:aws:states:::bedrock:invokeModel";
    let parameters = json!({
        "ModelId": "amazon.titan-text-express-v1",
        "Input": {"S3Uri": "s3://b/k"},
        "GuardrailIdentifier": "gid",
    });
    assert_eq!(
        resources(invoke, &parameters),
        [
            (
                "bedrock:InvokeModel".to_owned(),
                vec![
                    "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-text-express-v1"
                        .to_owned()
                ]
            ),
            (
                "s3:GetObject".to_owned(),
                vec!["arn:aws:s3:::b/k".to_owned()]
            ),
            (
                "bedrock:ApplyGuardrail".to_owned(),
                vec!["arn:aws:bedrock:us-east-1:123456789012:guardrail/gid".to_owned()]
            ),
        ]
    );
    let query = json!({
        "ResultConfiguration": {"EncryptionConfiguration": {"KmsKey": "abc"}},
    });
    assert_eq!(
        one(
            "arn:aws:states:::athena:startQueryExecution",
            query,
            "kms:Decrypt"
        ),
        ["arn:aws:kms:us-east-1:123456789012:key/abc"]
    );
}

#[test]
fn a_connection_brings_its_secret() {
    let connection = "arn:aws:events:us-east-1:123456789012:connection/c/1";
    let parameters = json!({
        "ApiEndpoint": "https://example.com/x",
        "Method": "GET",
        "Authentication": {"ConnectionArn": connection},
    });
    let http = "arn:aws:states:::http:invoke";
    let secret = "secretsmanager:GetSecretValue";
    assert_eq!(
        one(
            http,
            parameters.clone(),
            "events:RetrieveConnectionCredentials"
        ),
        [connection]
    );
    assert_eq!(
        one(http, parameters, secret),
        ["arn:aws:secretsmanager:us-east-1:123456789012:secret:events!connection/*"]
    );
}

#[test]
fn more_is_known_of_some_actions_of_the_sdk() {
    let get = "arn:aws:states:::aws-sdk:s3:getObject";
    let parameters = json!({"Bucket": "b", "Key.$": "$.key"});
    assert_eq!(one(get, parameters, "s3:getObject"), ["arn:aws:s3:::b/*"]);
    let schedule = "arn:aws:states:::aws-sdk:scheduler:createSchedule";
    let parameters =
        json!({"Name": "n", "Target": {"RoleArn": "arn:aws:iam::123456789012:role/r"}});
    assert_eq!(
        one(schedule, parameters.clone(), "scheduler:CreateSchedule"),
        ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/n"]
    );
    assert_eq!(
        one(schedule, parameters, "iam:PassRole"),
        ["arn:aws:iam::123456789012:role/r"]
    );
}
