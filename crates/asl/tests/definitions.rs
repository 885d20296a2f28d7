//! Whole definitions: those that AWS accepted, and broken ones with what is said about them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use stepmill_asl::model::StateMachine;
use stepmill_asl::{Options, parse, variable_references};

/// The directory of conformance cases, if there is one.
fn conformance() -> Option<PathBuf> {
    std::env::var_os("STEPMILL_CONFORMANCE").map(PathBuf::from)
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
    found.sort();
}

/// Fills the placeholders of a case with plausible text.
fn fill(text: &str) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        let (name, behind) = behind.split_once('}').unwrap();
        filled += before;
        filled += match name {
            "account" | "account2" => "123456789012",
            "region" => "us-east-1",
            name if name.starts_with("role") => "arn:aws:iam::123456789012:role/some",
            name if name.ends_with("activityArn") => {
                "arn:aws:states:us-east-1:123456789012:activity:some"
            }
            _ => "abcd1234",
        };
        rest = behind;
    }
    filled + rest
}

/// The definitions in a case that AWS accepted, with their machine type.
fn accepted(case: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut add = |definition: &Value, kind: &Value| {
        let text = match definition {
            Value::Null => return,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let kind = kind.as_str().unwrap_or("STANDARD").to_owned();
        found.push((fill(&text), kind));
    };
    add(&case["definition"], &case["type"]);
    for row in case["rows"].as_array().into_iter().flatten() {
        add(&row["definition"], &case["type"]);
    }
    for step in case["steps"].as_array().into_iter().flatten() {
        let creates = ["CreateStateMachine", "UpdateStateMachine"];
        let call = step["call"].as_str().unwrap_or_default();
        let fails = step["fails"].as_bool() == Some(true);
        if creates.contains(&call) && !fails {
            let params = &step["params"];
            add(&params["definition"], &params["type"]);
        }
    }
    found
}

fn options(kind: &str) -> Options<'static> {
    Options {
        machine_type: match kind {
            "EXPRESS" => stepmill_asl::model::StateMachineType::Express,
            _ => stepmill_asl::model::StateMachineType::Standard,
        },
        ..Options::default()
    }
}

/// What a model writes can be read, and writes the same again.
fn written_again(machine: &StateMachine, source: &str) {
    let first = machine.to_json();
    let parsed = parse(&first.to_string(), &Options::default());
    let errors: Vec<_> = parsed.errors().map(ToString::to_string).collect();
    let again = parsed
        .machine
        .unwrap_or_else(|| panic!("{source}\n{first}\n{errors:#?}"));
    assert_eq!(again.to_json(), first, "{source}");
    assert_eq!(
        variable_references(&again),
        variable_references(machine),
        "{source}"
    );
}

#[test]
fn what_aws_accepted_is_accepted() {
    let Some(directory) = conformance() else {
        return;
    };
    let mut paths = Vec::new();
    files(&directory.join("cases"), &mut paths);
    let (mut count, mut refused) = (0, Vec::new());
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
    {
        let case: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        for (text, kind) in accepted(&case) {
            count += 1;
            let parsed = parse(&text, &options(&kind));
            let errors: Vec<_> = parsed.errors().map(ToString::to_string).collect();
            let Some(machine) = parsed.machine else {
                refused.push(format!("{}: {errors:#?}", path.display()));
                continue;
            };
            written_again(&machine, &text);
        }
    }
    assert!(count > 300, "only {count} definitions");
    assert!(
        refused.is_empty(),
        "{} of {count}:\n{}",
        refused.len(),
        refused.join("\n")
    );
}

/// The `steps` of a case up to and including a `DescribeStateMachine` that tells of variables.
#[test]
fn variables_that_states_read_are_those_of_aws() {
    let Some(directory) = conformance() else {
        return;
    };
    let mut paths = Vec::new();
    files(&directory.join("cases/api/variable-references"), &mut paths);
    let mut count = 0;
    for path in &paths {
        let case: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let (definition, kind) = accepted(&case).remove(0);
        let machine = parse(&definition, &options(&kind)).machine.unwrap();
        let references: Value = variable_references(&machine)
            .into_iter()
            .map(|(state, names)| (state, Value::from(names)))
            .collect();
        for step in case["steps"].as_array().unwrap() {
            if step["call"] == "DescribeStateMachine" {
                let answer = &step["expect"][0]["value"]["variableReferences"];
                let expected = match answer {
                    Value::Null => serde_json::json!({}),
                    other => other.clone(),
                };
                assert_eq!(references, expected, "{}", path.display());
                count += 1;
            }
        }
    }
    assert!(count >= 10, "only {count} answers");
}
