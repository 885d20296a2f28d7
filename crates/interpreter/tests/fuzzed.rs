//! What the fuzzer found. `cargo fuzz fmt` shows an input of `decide` as the JSON kept here.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod properties;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

fn found(target: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/fuzzed")
        .join(target);
    let mut files: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

#[test]
fn template() {
    for file in found("template") {
        println!("{}", file.display());
        properties::template::template(&fs::read_to_string(file).unwrap());
    }
    for line in include_str!("../../../fuzz/seeds/template.txt").lines() {
        println!("{line}");
        properties::template::template(&line.replace('\t', "\n"));
    }
}

#[test]
fn decide() {
    for file in found("decide") {
        println!("{}", file.display());
        let scenario = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        properties::scenario::run(&scenario);
    }
}

/// The machines run far enough for a fuzzer to vary what happens to them.
#[test]
fn machines() {
    for (machine, _) in properties::scenario::MACHINES {
        println!("{machine}");
        let start = r#"{"items": [[1, 2], 3], "n": 2, "timeout": 9, "heartbeat": 3, "seconds": 1,
            "until": "1970-01-01T00:00:20Z", "both": "ab"}"#;
        let mut steps = vec![json!({"after": 0, "seed": 1, "event": {"Start": start}})];
        for _ in 0..20 {
            let succeeded = json!({"Succeeded": [{"Running": 0}, {"items": [1.5]}]});
            steps.push(json!({"after": 500, "seed": 2, "event": succeeded}));
            steps.push(json!({"after": 500, "seed": 3, "event": "Due"}));
            steps.push(json!({"after": 0, "seed": 4, "event": "Continue"}));
            let failed = json!({"Failed": [{"Running": 1}, "Odd", null]});
            steps.push(json!({"after": 500, "seed": 5, "event": failed}));
            steps.push(json!({"after": 500, "seed": 6, "event": "Redrive"}));
        }
        let scenario = json!({
            "machine": machine, "express": false, "history_events": 300, "payload_bytes": 10_000,
            "variables_bytes": 10_000, "turn_steps": 20, "steps": steps,
        });
        properties::scenario::run(&serde_json::from_value(scenario).unwrap());
    }
}
