//! Running programs from the repository's root.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::TaskError;

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// The Cargo that runs this task.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = program("cargo", arguments);
    if let Some(cargo) = env::var_os("CARGO") {
        command = Command::new(cargo);
        command.current_dir(root()).args(arguments);
    }
    command
}

/// A program on the `PATH`.
pub(crate) fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root()).args(arguments);
    command
}

/// Runs a command to its end, shows it and its output.
pub(crate) fn run(command: &mut Command) -> Result<(), TaskError> {
    let line = line(command);
    eprintln!("$ {line}");
    let status = command.status().map_err(|source| TaskError::Start {
        command: line.clone(),
        source,
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(TaskError::Failed {
            command: line,
            status,
        })
    }
}

/// Runs a command and gives what it wrote to standard output.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, TaskError> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| TaskError::Start {
            command: line(command),
            source,
        })?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(TaskError::Failed {
            command: line(command),
            status: output.status,
        })
    }
}

/// What a command would be on a command line.
fn line(command: &Command) -> String {
    let name = Path::new(command.get_program())
        .file_stem()
        .unwrap_or(command.get_program())
        .to_string_lossy();
    let mut words = vec![name.into_owned()];
    words.extend(
        command
            .get_args()
            .map(|argument| argument.to_string_lossy().into_owned()),
    );
    words.join(" ")
}
