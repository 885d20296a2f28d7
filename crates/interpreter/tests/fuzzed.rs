//! What the fuzzer found. `cargo fuzz fmt` shows an input of `decide` as the JSON kept here.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod properties;

use std::fs;
use std::path::{Path, PathBuf};

fn found(target: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fuzzed").join(target);
    let mut files: Vec<_> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
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
}

#[test]
fn decide() {
    for file in found("decide") {
        println!("{}", file.display());
        let scenario = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        properties::scenario::run(&scenario);
    }
}
