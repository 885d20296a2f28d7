//! Running what synthesizes a cloud assembly.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use stepmill::integrations::project::App;

use super::MANIFEST;
use crate::problem::Problem;

/// Where assemblies are written, below the project's directory.
const OUTPUT: &str = "cdk.out";

/// Runs an app's command, as the CDK's command line does: the directory with the assembly that it synthesized.
///
/// The command finds the directory to write to in the environment variable `CDK_OUTDIR`.
pub(super) fn synthesize(app: &App) -> Result<PathBuf, Problem> {
    let there = app.directory.join(&app.app);
    if there.join(MANIFEST).is_file() {
        return Ok(there);
    }
    run(app)
}

fn run(app: &App) -> Result<PathBuf, Problem> {
    let directory = std::path::absolute(&app.directory)
        .map_err(|error| Problem::new(format!("{}: {error}", app.directory.display())))?;
    let output = directory.join(OUTPUT);
    let mut command = shell(&app.app);
    // What the app says is for people: standard output is for the execution's.
    command
        .current_dir(&directory)
        .env("CDK_OUTDIR", &output)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let failed = |reason: String| {
        Problem::new(format!("the app `{}` {reason}", app.app)).help(format!(
            "it is run in {} and has to write a cloud assembly to the directory in CDK_OUTDIR",
            directory.display()
        ))
    };
    let status = command
        .status()
        .map_err(|error| failed(format!("cannot be started: {error}")))?;
    if !status.success() {
        return Err(failed(format!("ended with {status}")));
    }
    match output.join(MANIFEST).is_file() {
        true => Ok(output),
        false => Err(failed(format!("wrote no {MANIFEST}"))),
    }
}

fn shell(command: &str) -> Command {
    let (shell, flag) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("sh", "-c")
    };
    let mut process = Command::new(shell);
    process.arg(flag).arg(command);
    process
}
