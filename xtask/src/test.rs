//! `cargo xtask test`.

use crate::clients;
use crate::command::{self, cargo};
use crate::data::ALL;
use crate::error::TaskError;
use crate::new_project;
use crate::requirements;

/// Checks what the tests need, then runs all of them, and says what had no data to compare with.
pub(crate) fn run() -> Result<(), TaskError> {
    let python = requirements::check_for_tests()?;
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    clients::prepare(&mut command, python)?;
    let mut skipped = Vec::new();
    for data in ALL {
        if let Some(directory) = data.directory()? {
            command.env(data.variable, directory);
        } else {
            command.env_remove(data.variable);
            skipped.push(data);
        }
    }
    let outcome = command::run(&mut command).and(new_project::test());
    for data in skipped {
        eprintln!(
            "Skipped: tests against {} ({} is not set).",
            data.what, data.variable
        );
    }
    outcome
}
