//! Records as they are kept.
//!
//! `data/records.jsonl` has a line per record: its MessagePack as hexadecimal text, and its JSON.
//! These lines stand for what has been written to disk by now: they may be added to, never changed.

use serde_json::Value;
use stepmill_interpreter::Record;

const KEPT: &str = include_str!("../data/records.jsonl");

#[test]
fn what_was_written_can_be_read() {
    let mut kinds = Vec::new();
    for line in KEPT.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let from_json: Record = serde_json::from_value(line["json"].clone()).unwrap();
        let bytes = unhex(line["messagepack"].as_str().unwrap());
        let from_bytes: Record = rmp_serde::from_slice(&bytes).unwrap();
        assert_eq!(from_bytes, from_json);
        kinds.push(kind(&line["json"]));
    }
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds.len(), 29, "a line for each kind of record: {kinds:?}");
}

fn kind(record: &Value) -> String {
    match &record["fact"] {
        Value::String(kind) => kind.clone(),
        fact => fact.as_object().unwrap().keys().next().unwrap().clone(),
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().map(|c| c.to_digit(16).unwrap()).collect();
    let byte = |pair: &[u32]| u8::try_from(pair[0] * 16 + pair[1]).unwrap();
    digits.chunks_exact(2).map(byte).collect()
}
