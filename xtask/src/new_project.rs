//! A project that `stepmill new` makes builds and passes its own tests.

use std::fs;

use crate::clients::target;
use crate::command::{self, cargo, root};
use crate::error::TaskError;

/// Makes a project below `target` and tests it with the dependencies that this repository is built with.
pub(crate) fn test() -> Result<(), TaskError> {
    let project = target().join("new-project/greeting");
    let failed = |source| TaskError::File {
        path: project.clone(),
        source,
    };
    if project.exists() {
        fs::remove_dir_all(&project).map_err(failed)?;
    }
    let path = project.display().to_string();
    let new = [
        "run",
        "--quiet",
        "--package",
        "stepmill",
        "--",
        "new",
        &path,
        "--stepmill",
        ".",
    ];
    command::run(&mut cargo(&new))?;
    fs::copy(root().join("Cargo.lock"), project.join("Cargo.lock")).map_err(failed)?;
    let mut tests = cargo(&["test", "--offline"]);
    tests
        .current_dir(&project)
        .env("CARGO_TARGET_DIR", target());
    command::run(&mut tests)
}
