//! `cargo xtask conformance`.

use crate::command::{self, cargo};
use crate::data::CONFORMANCE;
use crate::error::TaskError;

/// Replays the cases; the runner prints the score and fails on an unknown difference.
pub(crate) fn run(filters: &[String]) -> Result<(), TaskError> {
    let cases = CONFORMANCE.required()?;
    let mut command = cargo(&["run", "--quiet", "--package", "stepmill-conformance", "--"]);
    command
        .args(["run", "--offline", "--strict"])
        .env(CONFORMANCE.variable, cases);
    if filters.is_empty() {
        command.args(["--document", "docs/conformance.md"]);
    }
    command.args(filters);
    command::run(&mut command)
}
