//! TestState, told in data: `data/test-state/NAME.json` holds requests, `NAME.txt` beside it what is
//! answered. `UPDATE_EXPECT=1` writes the answers anew; read what changed before you keep it.
//!
//! A file is `{"about", "request"?, "tasks"?, "cases": {name: request}}`. What `request` has is part
//! of every case that does not say otherwise. Parameters that are JSON texts in the API may be
//! values. `tasks` says what tasks come to, by the state's name:
//! `{"result": JSON}` or `{"error": NAME}`.
#![allow(clippy::unwrap_used, clippy::panic)] // what helps a test may fail it

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use serde_json::{Map, Value, json};
use stepmill_engine::test_state::{TestStateRequest, TestStateResult, test_state};
use stepmill_engine::{Caller, Clock, Error, Tasks};
use stepmill_integrations::{Call, Outcome, Progress};

/// Parameters that are JSON texts.
const TEXTS: [&str; 4] = ["definition", "input", "variables", "context"];

fn run(request: Value, tasks: &dyn Tasks) -> Result<TestStateResult, Error> {
    let request: TestStateRequest = serde_json::from_value(request).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let (caller, clock) = (Caller::default(), Clock::skipping());
    runtime.block_on(can_move(test_state(&request, &caller, tasks, &clock)))
}

/// A server moves what it waits for from thread to thread.
fn can_move<T>(future: impl Future<Output = T> + Send) -> impl Future<Output = T> {
    future
}

fn into_text(value: &mut Value) {
    if !value.is_string() {
        *value = Value::String(value.to_string());
    }
}

/// The request of a case with its values made texts.
fn request(common: &Value, case: &Value) -> Value {
    let mut request: Map<String, Value> = common.as_object().cloned().unwrap_or_default();
    request.extend(case.as_object().unwrap().clone());
    for (name, value) in &mut request {
        if TEXTS.contains(&name.as_str()) {
            into_text(value);
        }
    }
    for (object, name) in [
        ("mock", "result"),
        ("stateConfiguration", "mapItemReaderData"),
    ] {
        if let Some(value) = request
            .get_mut(object)
            .and_then(|object| object.get_mut(name))
        {
            into_text(value);
        }
    }
    Value::Object(request)
}

/// What the tasks of states come to, by the state's name.
struct Told(Value);

impl Tasks for Told {
    fn run<'a>(
        &'a self,
        call: &'a Call,
        _: &'a (dyn Fn(Progress) + Sync),
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>> {
        let told = &self.0[&call.state];
        let outcome = match (told.get("result"), told.get("error")) {
            (Some(result), _) => Outcome::Succeeded(result.to_string()),
            (_, Some(error)) => Outcome::failed(error.as_str().unwrap(), "c"),
            _ => Outcome::Impossible(format!("nothing answers {}", call.resource)),
        };
        Box::pin(async { outcome })
    }
}

/// An answer, a member to a line.
fn shown(answer: Result<TestStateResult, Error>) -> String {
    let mut text = String::new();
    let result = match answer {
        Ok(result) => serde_json::to_value(result).unwrap(),
        Err(error) => return format!("{:?}: {}\n", error.code, error.message),
    };
    for (name, value) in result.as_object().unwrap() {
        match value {
            Value::Object(members) => {
                for (member, value) in members {
                    let value = value.as_str().map_or(value.to_string(), str::to_owned);
                    writeln!(text, "  {member}: {value}").unwrap();
                }
            }
            value => writeln!(text, "{name}: {}", value.as_str().unwrap()).unwrap(),
        }
    }
    text
}

fn run_file(path: &Path) -> String {
    let file: Value = serde_json::from_str(&fs::read_to_string(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = format!("{}\n", file["about"].as_str().unwrap());
    for (name, case) in file["cases"].as_object().unwrap() {
        let answer = run(
            request(&file["request"], case),
            &Told(file["tasks"].clone()),
        );
        write!(text, "\n## {name}\n{}", shown(answer)).unwrap();
    }
    text
}

#[test]
fn answers_are_as_told() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/test-state");
    let mut files: Vec<PathBuf> = fs::read_dir(data)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = String::new();
    for file in files {
        let found = run_file(&file);
        let beside = file.with_extension("txt");
        if update {
            fs::write(&beside, found).unwrap();
        } else if fs::read_to_string(&beside).unwrap_or_default() != found {
            writeln!(wrong, "{}: {found}", beside.display()).unwrap();
        }
    }
    assert!(
        wrong.is_empty(),
        "{wrong}UPDATE_EXPECT=1 writes the answers anew"
    );
}

#[test]
fn the_default_context_is_that_of_an_express_execution() {
    let asked = json!({
        "definition": {
            "Type": "Task",
            "QueryLanguage": "JSONata",
            "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
            "Output": "{% $states.context %}",
            "End": true
        },
        "roleArn": "arn:aws:iam::000000000000:role/tester",
        "input": {"x": 1},
        "mock": {"result": 1}
    });
    let result = run(request(&Value::Null, &asked), &Told(Value::Null)).unwrap();
    let context: Value = serde_json::from_str(&result.output.unwrap()).unwrap();
    let (execution, machine) = (&context["Execution"], &context["StateMachine"]);
    let name = execution["Name"].as_str().unwrap();
    let machine_name = machine["Name"].as_str().unwrap();
    assert_eq!(
        execution["Id"],
        format!("arn:aws:states:us-east-1:000000000000:express:{machine_name}:{name}")
    );
    assert_eq!(
        machine["Id"],
        format!("arn:aws:states:us-east-1:000000000000:stateMachine:{machine_name}")
    );
    assert_eq!(
        execution["RoleArn"],
        "arn:aws:iam::000000000000:role/tester"
    );
    assert_eq!(execution["Input"], json!({"x": 1}));
    assert_eq!(execution.get("RedriveCount"), None);
    assert_eq!(context["State"]["Name"], "StateName");
    assert_eq!(context["State"]["RetryCount"], 0);
}

#[test]
fn deep_and_broken_texts_are_refused() {
    let deep = "[".repeat(100_000);
    let pass = json!({"Type": "Pass", "End": true}).to_string();
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
        "End": true
    });
    for asked in [
        json!({"definition": deep}),
        json!({"definition": format!("{pass}}},\"x\":{pass}")}),
        json!({"definition": pass, "input": deep}),
        json!({"definition": pass, "variables": deep}),
        json!({"definition": task.to_string(), "mock": {"result": deep}}),
        json!({"definition": task.to_string(), "mock": {"result": "1"}, "context": deep}),
    ] {
        assert!(run(asked, &Told(Value::Null)).is_err());
    }
}
