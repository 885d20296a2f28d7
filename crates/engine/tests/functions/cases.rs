//! Calls and their answers: `tests/functions/cases/*.json`.
//!
//! A case is a list of calls. Each says what it `gives` (the members named there; others may be
//! there too, and a text after `~` is a part of one) or with which code and message it `fails`. `"Code": {"app.py": "..."}` becomes an
//! archive. After each case the registry is opened again and must answer as before.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use stepmill_engine::Caller;

use super::support::{Fixture, call, everything, zip};

#[tokio::test]
async fn all() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/functions/cases");
    let mut count = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let cases: Vec<Value> = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for case in cases {
            run(&case, &path.display().to_string()).await;
            count += 1;
        }
    }
    assert!(count > 10, "{count}");
}

async fn run(case: &Value, file: &str) {
    let fixture = Fixture::new();
    let (functions, _host) = fixture.open().await;
    let place = format!("{file}: {}", case["case"]);
    for (index, step) in case["calls"].as_array().unwrap().iter().enumerate() {
        let mut step = step.clone();
        prepare(&mut step, &fixture);
        let caller = Caller {
            account: text(&step, "account", "000000000000"),
            region: text(&step, "region", "us-east-1"),
        };
        let answer = call(&functions, &caller, &step).await;
        let place = format!("{place}, call {index} ({})", step["action"]);
        match (answer, step.get("gives"), step.get("fails")) {
            (Ok(answer), Some(expected), None) => contains(&answer, expected, &place),
            (Err(error), None, Some(expected)) => {
                let error = json!([error.code.to_string(), error.message]);
                contains(&error, expected, &place);
            }
            (Ok(answer), ..) => panic!("{place}: gives {answer}"),
            (Err(error), ..) => panic!("{place}: fails with {:?}: {error}", error.code),
        }
    }
    let caller = Caller::default();
    let seen = everything(&functions, &caller).await;
    let (again, _host) = fixture.open().await;
    assert_eq!(everything(&again, &caller).await, seen, "{place}");
}

fn text(step: &Value, name: &str, default: &str) -> String {
    step[name].as_str().unwrap_or(default).to_owned()
}

/// Makes archives of files, and paths of `DIRECTORY`.
fn prepare(step: &mut Value, fixture: &Fixture) {
    let archive = |files: &Value| {
        let files: Vec<(&str, &str)> = files
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str().unwrap()))
            .collect();
        json!(zip(&files))
    };
    let Some(body) = step.get_mut("body") else {
        return;
    };
    for place in ["/Code/files", "/files"] {
        if let Some(files) = body.pointer(place).cloned() {
            let parent = place.strip_suffix("/files").unwrap();
            let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            parent.remove("files");
            parent.insert("ZipFile".to_owned(), archive(&files));
        }
    }
    let directory = fixture.directory.path().join("project");
    if let Some(key) = body.pointer_mut("/Code/S3Key")
        && key == "DIRECTORY"
    {
        *key = json!(directory);
    }
}

/// Every member of `expected` is in `answer`; `null` stands for one that must not be there.
fn contains(answer: &Value, expected: &Value, place: &str) {
    match (answer, expected) {
        (Value::Object(answer), Value::Object(expected)) => {
            for (name, expected) in expected {
                let place = format!("{place}.{name}");
                match (answer.get(name).filter(|value| !value.is_null()), expected) {
                    (None, Value::Null) => {}
                    (Some(answer), expected) => contains(answer, expected, &place),
                    (None, _) => panic!("{place}: is not there"),
                }
            }
        }
        (Value::Array(answer), Value::Array(expected)) => {
            assert_eq!(answer.len(), expected.len(), "{place}: {answer:?}");
            for (index, (answer, expected)) in answer.iter().zip(expected).enumerate() {
                contains(answer, expected, &format!("{place}[{index}]"));
            }
        }
        (Value::String(answer), Value::String(expected)) if expected.starts_with('~') => {
            assert!(answer.contains(&expected[1..]), "{place}: {answer}");
        }
        _ => assert_eq!(answer, expected, "{place}"),
    }
}
