//! `stepmill run` on projects with functions.

use serde_json::{Value, json};

use crate::support::Directory;

const APP: &str = "\
import os
def handler(event, context):
    print('adding', event)
    if event['a'] < 0:
        raise ValueError('negative')
    return {'sum': event['a'] + event['b'], 'unit': os.environ['UNIT']}
";

fn project() -> Directory {
    let definition = json!({
        "StartAt": "Add",
        "States": {"Add": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:000000000000:function:add",
            "End": true
        }}
    });
    Directory::new()
        .with("p/flow.asl.json", definition)
        .with("p/input.json", json!({"a": 1, "b": 2}))
        .with("p/functions/app.py", APP)
        .with(
            "p/stepmill.toml",
            "definition = \"flow.asl.json\"\ninput = \"input.json\"\nname = \"adder\"\n\
             [lambda.functions.add]\nruntime = \"python3.12\"\nhandler = \"app.handler\"\n\
             code = \"functions\"\nenvironment = { UNIT = \"kg\" }\n",
        )
}

#[test]
fn functions_run_and_their_output_is_shown() {
    let directory = project();
    let ran = directory.run(&["run", "p"]);
    ran.expect(0, &["add │ adding {'a': 1, 'b': 2}", "Add", "succeeded"]);
    assert_eq!(ran.json(), json!({"sum": 3, "unit": "kg"}));
    let ran = directory.run(&[
        "run",
        "p/stepmill.toml",
        "--input",
        "{\"a\":2,\"b\":2}",
        "--json",
    ]);
    let report = ran.json();
    assert_eq!(report["output"]["sum"], 4);
    assert!(
        report["stateMachineArn"]
            .as_str()
            .unwrap()
            .ends_with(":stateMachine:adder")
    );
}

#[test]
fn a_functions_error_is_the_executions() {
    let ran = project().run(&["run", "p", "--input", "{\"a\":-1,\"b\":2}", "--json"]);
    ran.expect(
        1,
        &[
            "in state Add",
            "Error  ValueError",
            "\"errorMessage\": \"negative\"",
        ],
    );
    let report = ran.json();
    assert_eq!(report["error"], "ValueError");
    let cause: Value = serde_json::from_str(report["cause"].as_str().unwrap()).unwrap();
    assert_eq!(cause["errorMessage"], "negative");
}

#[test]
fn a_missing_language_is_named_with_the_function() {
    let empty = tempfile::tempdir().unwrap();
    let path = [("PATH", empty.path().to_str().unwrap())];
    let ran = project().run_with(&path, &["run", "p"]);
    ran.expect(
        2,
        &[
            "function 'add' needs python3 for its runtime python3.12",
            "install Python 3",
        ],
    );
    assert_eq!(ran.out, "");
}

#[test]
fn a_wrong_project_file_is_shown() {
    let directory = Directory::new()
        .with(
            "unknown/stepmill.toml",
            "definition = \"a.asl.json\"\nnmae = \"x\"\n",
        )
        .with("gone/stepmill.toml", "definition = \"gone.asl.json\"\n");
    directory
        .run(&["run", "unknown"])
        .expect(2, &["unknown field `nmae`", "stepmill.toml:2:1"]);
    let ran = directory.run(&["run", "gone"]);
    ran.expect(
        2,
        &["gone.asl.json: there is no such file", "`definition` of"],
    );
}
