//! `stepmill graph`, compared with drawings beside the definitions in `tests/graph`.
//!
//! `UPDATE_EXPECT=1 cargo test -p stepmill` writes the drawings anew.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::support::Directory;

#[test]
fn drawings_are_as_stored() {
    let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/graph");
    let bless = std::env::var_os("UPDATE_EXPECT").is_some();
    for definition in ["order", "odd"] {
        let path = stored.join(format!("{definition}.asl.json"));
        for (format, extension) in [("mermaid", "mmd"), ("dot", "dot"), ("svg", "svg")] {
            let args = ["graph", path.to_str().unwrap(), "--format", format];
            let ran = Directory::new().run(&args);
            ran.expect(0, &[]);
            let drawing = stored.join(format!("{definition}.{extension}"));
            if bless {
                fs::write(&drawing, &ran.out).unwrap();
            }
            let expected = fs::read_to_string(&drawing).unwrap();
            assert_eq!(ran.out, expected, "{}", drawing.display());
        }
    }
}

#[test]
fn mermaid_is_the_default() {
    let directory =
        Directory::new().with("a.asl.yaml", "StartAt: A\nStates:\n  A: {Type: Succeed}\n");
    let ran = directory.run(&["graph", "a.asl.yaml"]);
    ran.expect(0, &[]);
    assert!(ran.out.starts_with("flowchart TD\n"), "{}", ran.out);
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let mut large = "StartAt: s0\nStates:\n".to_owned();
    for state in 0..2_000 {
        let next = state + 1;
        writeln!(large, "  s{state}: {{Type: Pass, Next: s{next}}}").unwrap();
    }
    large.push_str("  s2000: {Type: Succeed}\n");
    let directory = Directory::new()
        .with("large.asl.yaml", large)
        .with("bad.asl.json", "{}");
    let ran = directory.run(&["graph", "large.asl.yaml", "--format", "svg"]);
    ran.expect(
        2,
        &[
            "large.asl.yaml: a workflow of 2003 states",
            "--format dot or --format mermaid",
        ],
    );
    directory
        .run(&["graph", "large.asl.yaml", "--format", "dot"])
        .expect(0, &[]);
    let ran = directory.run(&["graph", "bad.asl.json"]);
    ran.expect(2, &["SCHEMA_VALIDATION_FAILED", "not a valid definition"]);
    assert_eq!(ran.out, "");
}
