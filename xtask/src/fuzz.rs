//! `cargo xtask fuzz`.

use std::process::{Command, Stdio};

use crate::command::{self, program};
use crate::error::TaskError;

/// Sanitizers and coverage, which fuzzing needs, exist only in the nightly compiler.
const NIGHTLY: &str = "+nightly";

/// Runs each fuzz target for a number of seconds.
pub(crate) fn run(seconds: u32) -> Result<(), TaskError> {
    let lacking: Vec<String> = [
        (
            [NIGHTLY, "--version"],
            "  the nightly toolchain\n    install it: rustup toolchain install nightly",
        ),
        (
            ["fuzz", "--version"],
            "  cargo-fuzz\n    install it: cargo install --locked cargo-fuzz",
        ),
    ]
    .into_iter()
    .filter(|(probe, _)| !runs(&mut nightly(probe)))
    .map(|(_, text)| text.to_owned())
    .collect();
    if !lacking.is_empty() {
        return Err(TaskError::Requirements(lacking));
    }
    let list = command::output(&mut nightly(&[NIGHTLY, "fuzz", "list"]))?;
    let list = String::from_utf8_lossy(&list);
    let targets: Vec<&str> = list.split_whitespace().collect();
    if targets.is_empty() {
        return Err(TaskError::NoFuzzTarget);
    }
    let seconds = seconds.to_string();
    for target in targets {
        // The script knows the seeds and the dictionary of each target.
        let mut fuzz = program("sh", &["fuzz/run", target, &seconds]);
        command::run(rustup(&mut fuzz))?;
    }
    Ok(())
}

/// Cargo of the nightly toolchain.
fn nightly(arguments: &[&str]) -> Command {
    let mut command = program("cargo", arguments);
    rustup(&mut command);
    command
}

/// Has rustup choose the compiler anew instead of taking this task's.
fn rustup(command: &mut Command) -> &mut Command {
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC")
}

fn runs(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
