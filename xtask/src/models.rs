//! `cargo xtask models`.

use std::fs;

use crate::clients::{PINS, read, target};
use crate::command::{self, program, root};
use crate::error::TaskError;
use crate::requirements;

/// The script that reduces botocore's models to what the client needs.
const SCRIPT: &str = "crates/aws-client/tools/models.py";
/// What the pin of the models begins with.
const PIN: &str = "botocore==";

/// Fetches botocore in the version that the tests pin, and makes the models' file from it.
pub(crate) fn run() -> Result<(), TaskError> {
    let python = requirements::check_for_tests()?;
    let requirements = root().join(PINS).join("requirements.txt");
    let pins = read(&requirements)?;
    let pin = pins.lines().find(|line| line.starts_with(PIN));
    let pin = pin.ok_or(TaskError::NoPin {
        path: requirements,
        package: "botocore",
    })?;
    let directory = target().join("models");
    let mut download = program(python, &["-m", "pip", "download", pin, "--no-deps"]);
    download.args([
        "--only-binary=:all:",
        "--quiet",
        "--disable-pip-version-check",
        "--dest",
    ]);
    command::run(download.arg(&directory))?;
    let version = pin.trim_start_matches(PIN);
    let wheel = directory.join(format!("botocore-{version}-py3-none-any.whl"));
    command::run(program(python, &["-B", SCRIPT]).arg(&wheel))?;
    fs::remove_dir_all(&directory).map_err(|source| TaskError::File {
        path: directory,
        source,
    })
}
