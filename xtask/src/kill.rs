//! `cargo xtask kill`.

use crate::command::{self, cargo};
use crate::error::TaskError;

/// Kills a release build of the server under load, and accounts for what it had acknowledged.
pub(crate) fn run(rounds: u32) -> Result<(), TaskError> {
    command::run(&mut cargo(&["build", "--release", "--package", "stepmill"]))?;
    command::run(&mut cargo(&[
        "run",
        "--release",
        "--package",
        "stepmill-load",
        "--",
        "kill",
        "--rounds",
        &rounds.to_string(),
    ]))
}
