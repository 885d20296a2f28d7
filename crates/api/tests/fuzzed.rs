//! What the fuzz target asserts, on its seeds, on what it found and on bytes of every kind.

#![allow(clippy::unwrap_used)]

mod properties;

use std::fs;
use std::path::Path;

use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::sample::select;
use stepmill_api::Operation;

use properties::request::request;

#[test]
fn seeds_and_findings() {
    let seeds = include_str!("../../../fuzz/seeds/request.txt");
    assert!(seeds.lines().count() > 30);
    for line in seeds.lines() {
        println!("{line}");
        request(line.replace('\t', "\n").as_bytes());
    }
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fuzzed/request");
    for file in fs::read_dir(found).into_iter().flatten() {
        request(&fs::read(file.unwrap().path()).unwrap());
    }
}

/// Bytes that a JSON reader must tell apart.
const PIECES: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "1e999",
    "0.5",
    "\"\"",
    "\"a\"",
    "\"\\ud800\"",
    "\"stateMachineArn\"",
    "\"tags\"",
    "\"key\"",
    "\"routingConfiguration\"",
    "\"weight\"",
    "\"maxResults\"",
    "\"nextToken\"",
    "\"definition\"",
    "\"mock\"",
    "\u{feff}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes(bytes in any::<Vec<u8>>()) {
        request(&bytes);
    }

    #[test]
    fn almost_json(
        operation in select(Operation::ALL),
        pieces in proptest::collection::vec(select(&PIECES[..]), 0..40),
    ) {
        let text = format!("{}\n{{{}", operation.name(), pieces.concat());
        request(text.as_bytes());
    }
}
