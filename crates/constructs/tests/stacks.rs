//! Several stacks: what they take from one another, and in which order they are deployed.

#![allow(clippy::unwrap_used, clippy::panic)] // a helper that fails fails its test

extern crate stepmill_constructs as stepmill;

use serde_json::{Value as Json, json};
use stepmill::prelude::*;

fn read(directory: &tempfile::TempDir, name: &str) -> Json {
    let text = std::fs::read_to_string(directory.path().join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn what_one_takes_from_another_is_exported_whichever_is_first() {
    for queues_first in [true, false] {
        let app = App::new();
        let stack = |name: &str| Stack::new(&app, name);
        let (queues, orders) = if queues_first {
            let queues = stack("Queues");
            (queues, stack("Orders"))
        } else {
            let orders = stack("Orders");
            (stack("Queues"), orders)
        };
        let queue = Queue::new(&queues, "Queue");
        Output::new(&queues, "Own", "text");
        Output::new(&orders, "Arn", queue.queue_arn());
        let export = "ExportsOutputFnGetAttQueue4A7E3555Arn15A7202E";
        let outputs = json!({
            "Own": {"Value": "text"},
            export: {
                "Value": {"Fn::GetAtt": ["Queue4A7E3555", "Arn"]},
                "Export": {"Name": format!("Queues:{export}")},
            },
        });
        // Also when the stack is asked for alone.
        assert_eq!(queues.template().unwrap().body["Outputs"], outputs);
        assert_eq!(
            orders.template().unwrap().body["Outputs"]["Arn"]["Value"],
            json!({"Fn::ImportValue": format!("Queues:{export}")})
        );
        let out = tempfile::tempdir().unwrap();
        app.synth(out.path()).unwrap();
        assert_eq!(read(&out, "Queues.template.json")["Outputs"], outputs);
        let manifest = read(&out, "manifest.json");
        assert_eq!(
            manifest["artifacts"]["Orders"]["dependencies"],
            json!(["Queues"])
        );
        assert_eq!(manifest["artifacts"]["Queues"]["dependencies"], Json::Null);
    }
}

#[test]
fn a_version_is_exported_under_its_own_name() {
    let app = App::new();
    let (functions, orders) = (Stack::new(&app, "Functions"), Stack::new(&app, "Orders"));
    let code = Code::from_inline("exports.handler = async (event) => event;");
    let function = Function::new(
        &functions,
        "Fn",
        &Runtime::NODEJS_22_X,
        "index.handler",
        code,
    );
    Output::new(
        &orders,
        "Version",
        function.current_version().function_arn(),
    );
    let body = functions.template().unwrap().body;
    let exported = &body["Outputs"]
        .as_object()
        .unwrap()
        .values()
        .next()
        .unwrap()["Value"]["Ref"];
    assert_eq!(
        body["Resources"][exported.as_str().unwrap()]["Type"],
        "AWS::Lambda::Version"
    );
}

#[test]
fn one_can_wait_for_another() {
    let app = App::new();
    let (first, second) = (Stack::new(&app, "First"), Stack::new(&app, "Second"));
    second.add_dependency(&first);
    let out = tempfile::tempdir().unwrap();
    app.synth(out.path()).unwrap();
    let manifest = read(&out, "manifest.json");
    assert_eq!(
        manifest["artifacts"]["Second"]["dependencies"],
        json!(["First"])
    );
}

#[test]
fn stacks_that_need_one_another_are_refused() {
    let app = App::new();
    let stacks = ["A", "B", "C"].map(|name| Stack::new(&app, name));
    for (index, stack) in stacks.iter().enumerate() {
        let queue = Queue::new(stack, "Queue");
        Output::new(&stacks[(index + 1) % 3], "Arn", queue.queue_arn());
    }
    let errors = app.templates().unwrap_err().to_string();
    let message = "it depends on itself: stacks that need one another cannot be deployed (A, B, C)";
    assert_eq!(
        errors,
        ["A", "B", "C"]
            .map(|name| format!("{name}: {message}"))
            .join("\n")
    );
}

#[test]
fn nothing_is_taken_from_elsewhere() {
    let app = App::new();
    let here = Stack::with_environment(&app, "Here", Environment::new("1", "eu-central-1"));
    let there = Stack::with_environment(&app, "There", Environment::new("1", "us-east-1"));
    Output::new(&here, "Arn", Queue::new(&there, "Queue").queue_arn());
    let errors = app.templates().unwrap_err().to_string();
    assert_eq!(
        errors,
        "Here: Stack \"Here\" cannot consume a cross reference from stack \"There\". Cross stack references are only \
         supported for stacks deployed to the same environment or between nested stacks and their parent stack"
    );
}

#[test]
fn names() {
    for name in ["", "1st", "a_b", "../a", "ä"] {
        let app = App::new();
        Stack::new(&app, name);
        let errors = app.templates().unwrap_err().to_string();
        let message = format!(
            "{name}: Stack name must match the regular expression: /^[A-Za-z][A-Za-z0-9-]*$/, got '{name}'"
        );
        assert_eq!(errors, message);
    }
}
