//! `cargo xtask bench`.

use crate::command::{self, cargo};
use crate::error::TaskError;

/// Measures in a release build and writes the page of results.
pub(crate) fn run() -> Result<(), TaskError> {
    command::run(&mut cargo(&[
        "run",
        "--release",
        "--package",
        "stepmill-bench",
        "--",
        "--document",
        "docs/benchmarks.md",
    ]))
}
