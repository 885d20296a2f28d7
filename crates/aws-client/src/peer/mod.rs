//! The client beside botocore, which asks and compares with its own answers.
//!
//! The scripts are in `tests/botocore`.

mod endpoints;
mod operations;
mod signatures;

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::model::botocore_version;

/// Python with botocore.
const PYTHON: &str = "STEPMILL_TEST_PYTHON";
/// Services that are asked for, with spaces between them, if not all.
const SERVICES: &str = "STEPMILL_TEST_SERVICES";

/// Answers what a script asks, and fails if it finds anything wrong.
fn converse(script: &str, mut answer: impl FnMut(Value) -> Value) {
    let Some(python) = env::var_os(PYTHON) else {
        let text = format!("skipped: {script} needs {PYTHON}; cargo xtask test sets it up\n");
        // Written past the test harness, which keeps back what passing tests print.
        let _ = std::io::stderr().write_all(text.as_bytes());
        return;
    };
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/botocore");
    let services = env::var(SERVICES).unwrap_or_default();
    let mut peer = Command::new(python)
        .args(["-B", "-W", "error::SyntaxWarning"])
        .arg(directory.join(script))
        .args(services.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut to, from) = (peer.stdin.take().unwrap(), peer.stdout.take().unwrap());
    let mut report = None;
    for line in BufReader::new(from).lines() {
        let mut question: Value = serde_json::from_str(&line.unwrap()).unwrap();
        match question.get_mut("report") {
            Some(found) => report = Some(found.take()),
            None => writeln!(to, "{}", answer(question)).unwrap(),
        }
    }
    assert!(peer.wait().unwrap().success());
    let mut report = report.unwrap();
    assert_eq!(
        report["botocore"],
        botocore_version(),
        "run cargo xtask models"
    );
    let failures = report["failures"].take();
    let failures: Vec<&str> = failures
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    println!("{script}: {report}; {} differ", failures.len());
    // A script without questions would pass, too.
    assert!(!report["counts"].as_object().unwrap().is_empty());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
