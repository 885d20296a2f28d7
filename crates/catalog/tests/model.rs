//! The facts about optimised integrations beside AWS's own models.

#![allow(clippy::unwrap_used)] // a helper that fails fails its test

use std::env;
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// Python with botocore.
const PYTHON: &str = "STEPMILL_TEST_PYTHON";

#[test]
fn names_and_statuses_are_those_of_the_models() {
    let Some(python) = env::var_os(PYTHON) else {
        let text = format!("skipped: model.py needs {PYTHON}; cargo xtask test sets it up\n");
        // Written past the test harness, which keeps back what passing tests print.
        let _ = std::io::stderr().write_all(text.as_bytes());
        return;
    };
    let crate_directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    let status = Command::new(python)
        .arg("-B")
        .arg(crate_directory.join("tests/model.py"))
        .arg(crate_directory.join("data"))
        .status()
        .unwrap();
    assert!(status.success());
}
