//! AWS's clients for the tests, and moto's server for those of our own client: installed once, below the target directory.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{self, output, program, root};
use crate::error::TaskError;

/// Where the pinned versions stand, from the repository's root.
pub(crate) const PINS: &str = "crates/stepmill/tests/clients";
/// The variable that tells tests which Python has boto3 and the AWS CLI beside it.
const PYTHON: &str = "STEPMILL_TEST_PYTHON";
/// The variable that tells tests which directory has the AWS SDK for JavaScript.
const NODE_PROJECT: &str = "STEPMILL_TEST_NODE_PROJECT";

/// A set of clients.
struct Set {
    /// Its directory.
    directory: PathBuf,
    /// What it was made from: another text makes it anew.
    made_from: String,
}

/// Installs what is missing or out of date, and tells a command where it is.
pub(crate) fn prepare(command: &mut Command, python: &str) -> Result<(), TaskError> {
    let tools = target().join("test-tools");
    let pins = root().join(PINS);
    let interpreter = prepare_python(python)?;
    let node = Set {
        directory: tools.join("node"),
        made_from: read(&pins.join("package-lock.json"))?,
    };
    node.make(|directory| install_node(directory, &pins))?;
    command.env(PYTHON, interpreter);
    command.env(NODE_PROJECT, &node.directory);
    Ok(())
}

/// Installs the Python packages that are missing or out of date, and says which interpreter has them.
pub(crate) fn prepare_python(python: &str) -> Result<PathBuf, TaskError> {
    let pins = root().join(PINS);
    let venv = Set {
        directory: target().join("test-tools/python"),
        made_from: format!(
            "{}{}",
            read(&pins.join("requirements.txt"))?,
            version(python)?
        ),
    };
    venv.make(|directory| install_python(directory, &pins, python))?;
    Ok(bin(&venv.directory).join("python"))
}

impl Set {
    /// Makes the set, unless it is there. What was begun and not finished is made anew.
    fn make(&self, install: impl FnOnce(&Path) -> Result<(), TaskError>) -> Result<(), TaskError> {
        let stamp = self.directory.join("made-from");
        if fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == self.made_from) {
            return Ok(());
        }
        if self.directory.exists() {
            fs::remove_dir_all(&self.directory).map_err(|error| file(&self.directory, error))?;
        }
        fs::create_dir_all(&self.directory).map_err(|error| file(&self.directory, error))?;
        install(&self.directory)?;
        fs::write(&stamp, &self.made_from).map_err(|error| file(&stamp, error))
    }
}

fn install_python(directory: &Path, pins: &Path, python: &str) -> Result<(), TaskError> {
    command::run(program(python, &["-m", "venv"]).arg(directory))?;
    let pip = bin(directory).join("python");
    let mut install = program(&pip.to_string_lossy(), &["-m", "pip", "install"]);
    // The list is complete, so that nothing comes in a version that it does not name.
    install.args(["--no-deps", "--only-binary=:all:", "--quiet"]);
    install.args(["--disable-pip-version-check", "--requirement"]);
    install.arg(pins.join("requirements.txt"));
    command::run(&mut install)
}

fn install_node(directory: &Path, pins: &Path) -> Result<(), TaskError> {
    for name in ["package.json", "package-lock.json"] {
        let from = pins.join(name);
        fs::copy(&from, directory.join(name)).map_err(|error| file(&from, error))?;
    }
    // No package's scripts are run: none of these needs any.
    let mut install = program(
        "npm",
        &["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
    );
    command::run(install.current_dir(directory))
}

/// The directory of a virtual environment's programs.
fn bin(venv: &Path) -> PathBuf {
    venv.join(if cfg!(windows) { "Scripts" } else { "bin" })
}

fn version(python: &str) -> Result<String, TaskError> {
    let version = output(&mut program(
        python,
        &["-c", "import sys; print(sys.version)"],
    ))?;
    Ok(String::from_utf8_lossy(&version).into_owned())
}

/// Cargo's directory for what is built.
pub(crate) fn target() -> PathBuf {
    let named = env::var_os("CARGO_TARGET_DIR").filter(|name| !name.is_empty());
    root().join(named.unwrap_or_else(|| "target".into()))
}

pub(crate) fn read(path: &Path) -> Result<String, TaskError> {
    fs::read_to_string(path).map_err(|error| file(path, error))
}

fn file(path: &Path, source: std::io::Error) -> TaskError {
    TaskError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_made_once_and_again_when_its_pins_change() {
        let directory = target().join("test-tools-of-a-test");
        let _ = fs::remove_dir_all(&directory);
        let make = |made_from: &str, install: &dyn Fn(&Path) -> Result<(), TaskError>| {
            let set = Set {
                directory: directory.clone(),
                made_from: made_from.to_owned(),
            };
            set.make(install)
        };
        let fails = |_: &Path| Err(TaskError::NoFuzzTarget);
        let leaves = |directory: &Path| {
            fs::write(directory.join("x"), "").map_err(|error| file(directory, error))
        };
        assert!(make("1", &fails).is_err());
        make("1", &leaves).unwrap();
        // It is there, and so is not made.
        make("1", &fails).unwrap();
        assert!(make("2", &fails).is_err());
        assert!(!directory.join("x").exists());
        // What was not finished is made anew.
        assert!(make("1", &fails).is_err());
        fs::remove_dir_all(&directory).unwrap();
    }
}
