//! The JSONata project's own test suite, version 2.0.6, run against [`Expression`].
//!
//! `STEPMILL_JSONATA_SUITE` names a directory with `cases-2.0.6.jsonl`, one case a line: `id`,
//! `expr`, `bindings`, `data` (absent: no document), `unordered`, and `kind` with what it expects.
//! Without the variable nothing runs. `data/jsonata/known-failures.txt` lists the cases that fail,
//! each with its reason; any other failure, and a listed case that passes, fails the test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};
use stepmill_asl::World;
use stepmill_asl::jsonata::{Bindings, EvaluationError, Expression};

const KNOWN: &str = include_str!("data/jsonata/known-failures.txt");

#[test]
fn official_suite() {
    let Ok(directory) = std::env::var("STEPMILL_JSONATA_SUITE") else {
        println!("STEPMILL_JSONATA_SUITE is not set: the official suite is skipped");
        return;
    };
    let known: BTreeMap<&str, &str> = KNOWN
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .map(|line| {
            line.split_once(char::is_whitespace)
                .expect("an id and a reason")
        })
        .collect();
    let text = std::fs::read_to_string(Path::new(&directory).join("cases-2.0.6.jsonl"))
        .expect("the suite's cases");
    let (mut total, mut passed, mut wrong) = (0, 0, Vec::new());
    for line in text.lines().filter(|line| !line.is_empty()) {
        // The id comes first; what follows may be no JSON for Rust, whose texts hold no half
        // surrogate pairs.
        let id = line.split('"').nth(3).expect("an id");
        total += 1;
        let outcome = serde_json::from_str(line)
            .map_err(|error| error.to_string())
            .and_then(|case| check(&case));
        passed += usize::from(outcome.is_ok());
        match (outcome, known.get(id)) {
            (Err(why), None) => wrong.push(format!("{id}: {why}")),
            (Ok(()), Some(_)) => {
                wrong.push(format!("{id}: passes, but is listed as a known failure"));
            }
            _ => {}
        }
    }
    println!(
        "{passed} of {total} cases pass, {} failures are known",
        known.len()
    );
    assert!(
        wrong.is_empty(),
        "{} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn check(case: &Value) -> Result<(), String> {
    let source = case["expr"].as_str().expect("an expression");
    let outcome = evaluate(source, case);
    if source.contains("$eval(") {
        assert!(outcome.is_err(), "$eval works: {source}");
        return Err("$eval does not exist".to_owned());
    }
    match (case["kind"].as_str().expect("a kind"), outcome) {
        ("result", Ok(value)) => {
            let expected = &case["result"];
            if same(&value, expected, case["unordered"] == true) {
                Ok(())
            } else {
                Err(format!("expected {expected}, is {value}"))
            }
        }
        ("undef", Err(Failure::Evaluation(EvaluationError::Undefined))) => Ok(()),
        ("code", Err(failure)) => {
            let code = failure.code();
            let expected = case["code"].as_str().unwrap_or_default();
            if code == expected {
                Ok(())
            } else {
                Err(format!("expected {expected}, is {failure:?}"))
            }
        }
        (kind, outcome) => Err(format!(
            "expected {kind} {} {}, is {outcome:?}",
            case["result"], case["code"]
        )),
    }
}

#[derive(Debug)]
enum Failure {
    Parse(stepmill_asl::jsonata::ParseError),
    Evaluation(EvaluationError),
}

impl Failure {
    fn code(&self) -> &str {
        match self {
            Self::Parse(error) => &error.code,
            Self::Evaluation(EvaluationError::Failed { code, .. }) => code,
            Self::Evaluation(EvaluationError::StackOverflow | EvaluationError::TimedOut) => "U1001",
            Self::Evaluation(_) => "",
        }
    }
}

fn evaluate(source: &str, case: &Value) -> Result<Value, Failure> {
    let expression = Expression::parse(source).map_err(Failure::Parse)?;
    let none = Map::new();
    let mut bindings = Bindings::new();
    for (name, value) in case["bindings"].as_object().unwrap_or(&none) {
        bindings = bindings.variable(name, value);
    }
    let world = World::new("2024-11-22T12:34:56.789Z".parse().unwrap(), 7);
    expression
        .evaluate_on(case.get("data"), &bindings, &world)
        .map_err(Failure::Evaluation)
}

/// Whether two values are the same: numbers by value, and arrays in any order if `unordered`.
fn same(left: &Value, right: &Value, unordered: bool) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            let (left, right) = (left.as_f64().unwrap(), right.as_f64().unwrap());
            (left - right).abs() <= 1e-13 * left.abs().max(right.abs())
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            if unordered {
                left.iter()
                    .all(|item| right.iter().any(|other| same(item, other, true)))
            } else {
                left.iter()
                    .zip(right)
                    .all(|(left, right)| same(left, right, false))
            }
        }
        (Value::Object(left), Value::Object(right)) if left.len() == right.len() => {
            left.iter().all(|(key, value)| {
                right
                    .get(key)
                    .is_some_and(|other| same(value, other, unordered))
            })
        }
        _ => left == right,
    }
}
