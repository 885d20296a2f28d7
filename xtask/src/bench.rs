//! `cargo xtask bench`.

use clap::ValueEnum;

use crate::command::{self, cargo};
use crate::error::TaskError;

const PAGE: &str = "docs/benchmarks.md";

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// The interpreter and the parser alone.
    Interpreter,
    /// `stepmill serve`, over HTTP.
    Server,
}

/// Measures in a release build and writes the page of results.
pub(crate) fn run(what: Option<What>) -> Result<(), TaskError> {
    if what != Some(What::Server) {
        measure("stepmill-bench", &[])?;
    }
    if what != Some(What::Interpreter) {
        command::run(&mut cargo(&["build", "--release", "--package", "stepmill"]))?;
        measure("stepmill-load", &["bench"])?;
    }
    Ok(())
}

fn measure(package: &str, verb: &[&str]) -> Result<(), TaskError> {
    let mut command = cargo(&["run", "--release", "--package", package, "--"]);
    command.args(verb).args(["--document", PAGE]);
    command::run(&mut command)
}
