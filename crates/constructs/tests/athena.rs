//! What the CDK does not get right about Athena.

#![allow(clippy::unwrap_used)]

use serde_json::{Value as Json, json};
use stepmill_constructs::prelude::*;
use stepmill_constructs::value::flatten;

/// A machine of one task: the task, and the statements of the machine's role.
fn made_of(query: impl FnOnce(&Stack) -> AthenaStartQueryExecution) -> (Json, Json) {
    let environment = Environment::new("123456789012", "us-east-1");
    let stack = Stack::with_environment(&App::new(), "Stack", environment);
    StateMachine::new(&stack, "Machine", query(&stack));
    let template = stack.template().unwrap().body;
    let resources = template["Resources"].as_object().unwrap().values();
    let properties = |kind: &str| {
        let mut of_kind = resources
            .clone()
            .filter(|resource| resource["Type"] == kind);
        of_kind.next().unwrap()["Properties"].clone()
    };
    let machine = properties("AWS::StepFunctions::StateMachine");
    let definition: Json = serde_json::from_str(&flatten(&machine["DefinitionString"])).unwrap();
    let statements = &properties("AWS::IAM::Policy")["PolicyDocument"]["Statement"];
    (definition["States"]["T"].clone(), statements.clone())
}

#[test]
fn results_are_encrypted_with_a_key() {
    let arn = "arn:aws:kms:us-east-1:123456789012:key/abc";
    let (task, statements) = made_of(|stack| {
        let key = Key::from_key_arn(stack, "Key", arn);
        let encryption = EncryptionConfiguration::new(EncryptionOption::Kms).encryption_key(&key);
        let results = ResultConfiguration::new().encryption_configuration(encryption);
        AthenaStartQueryExecution::new(stack, "T", "select 1").result_configuration(results)
    });
    assert_eq!(
        task["Parameters"]["ResultConfiguration"],
        json!({"EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": arn}})
    );
    let statement = json!({
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Effect": "Allow",
        "Resource": arn,
    });
    assert!(statements.as_array().unwrap().contains(&statement));
}

#[test]
fn a_database_at_a_path_may_be_any() {
    let (task, statements) = made_of(|stack| {
        let database = JsonPath::string_at("$.database");
        AthenaStartQueryExecution::new(stack, "T", "select 1")
            .query_execution_context(QueryExecutionContext::new().database_name(database))
    });
    assert_eq!(
        task["Parameters"]["QueryExecutionContext"],
        json!({"Database.$": "$.database"})
    );
    let statements = statements.as_array().unwrap();
    let glue = statements
        .iter()
        .find(|statement| statement["Action"][0] == "glue:BatchCreatePartition");
    let database = flatten(&glue.unwrap()["Resource"][1]);
    assert!(database.ends_with(":database/*"), "{database}");
}
