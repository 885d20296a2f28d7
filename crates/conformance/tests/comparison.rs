//! The rules of the comparison, one pair each, and the data set against itself.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use stepmill_conformance::case::{Kind, Step, load};
use stepmill_conformance::compare::{Context, Rules};
use stepmill_conformance::pairs::{PairsError, compare_pairs};

#[derive(Deserialize)]
struct Comparison {
    rule: String,
    differs_at: Vec<String>,
}

#[test]
fn each_rule_holds() {
    let all: Vec<Value> = serde_json::from_str(include_str!("data/comparisons.json")).unwrap();
    let lines: Vec<String> = all.iter().map(Value::to_string).collect();
    let mut output = Vec::new();
    compare_pairs(lines.join("\n").as_bytes(), &mut output).unwrap();
    let output = String::from_utf8(output).unwrap();
    assert_eq!(output.lines().count(), all.len());
    for (pair, found) in all.iter().zip(output.lines()) {
        let wanted: Comparison = serde_json::from_value(pair.clone()).unwrap();
        let found: Vec<Value> = serde_json::from_str(found).unwrap();
        let paths: Vec<&str> = found
            .iter()
            .map(|difference| difference["path"].as_str().unwrap())
            .collect();
        assert_eq!(paths, wanted.differs_at, "{}: {found:?}", wanted.rule);
    }
}

#[test]
fn a_line_that_is_no_pair_is_named() {
    let error = compare_pairs("{\"expected\": 1, \"actual\": 1}\n{".as_bytes(), Vec::new());
    assert!(
        matches!(error, Err(PairsError::Parse { line: 2, .. })),
        "{error:?}"
    );
}

/// Reads the data set in the directory that `STEPMILL_CONFORMANCE` names; without it there is
/// nothing to do.
#[test]
fn recordings_agree_with_themselves() {
    let Some(root) = std::env::var_os("STEPMILL_CONFORMANCE").map(PathBuf::from) else {
        return;
    };
    let cases = load(&root, &[]).unwrap();
    let index = std::fs::read(root.join("index.json")).unwrap();
    let index: Value = serde_json::from_slice(&index).unwrap();
    assert_eq!(index["visible_cases"], cases.len());
    for case in &cases {
        let wanted: Vec<&Value> = match &case.kind {
            Kind::Execution { runs, .. } => runs
                .iter()
                .flat_map(|run| [&run.history, &run.description])
                .flatten()
                .collect(),
            Kind::ChoiceTable(rows) => rows.iter().map(|row| &row.output).collect(),
            Kind::Script(steps) => steps
                .iter()
                .filter_map(|step| match step {
                    Step::Call(call) => Some(&call.expect),
                    Step::Await { .. } => None,
                })
                .flatten()
                .map(|expectation| &expectation.value)
                .collect(),
        };
        for expected in wanted {
            let mut context = Context::new(&Rules {
                account: "000000000000",
                region: "us-east-1",
                tokens: &case.tokens,
                wildcards: &case.wildcards,
                unchecked_paths: &[],
                unordered_branches: case.unordered_branches,
            });
            assert_eq!(
                context.differences(expected, expected, ""),
                [],
                "{}",
                case.id
            );
        }
    }
}
