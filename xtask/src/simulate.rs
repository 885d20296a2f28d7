//! `cargo xtask simulate`.

use crate::command::{self, cargo};
use crate::error::TaskError;

/// Within so many seeds a fault must be noticed.
const NOTICED: &str = "100";

/// Runs seeds in a release build; then shows that the simulation notices what is broken on purpose.
pub(crate) fn run(seeds: u64) -> Result<(), TaskError> {
    let simulate = |features: &[&str], rest: &[&str]| {
        let mut command = cargo(&["run", "--release", "--package", "stepmill-simulation"]);
        command.args(features).arg("--").args(rest);
        command
    };
    command::run(&mut simulate(&[], &["--seeds", &seeds.to_string()]))?;
    let breakages: [(&str, &[&str], &[&str]); 2] = [
        ("commits that are not flushed", &[], &["--drop-fsync"]),
        (
            "effects before records",
            &["--features", "effects-first"],
            &[],
        ),
    ];
    for (what, features, rest) in breakages {
        let mut command = simulate(features, rest);
        command.args(["--noticed-within", NOTICED]);
        eprintln!("Broken on purpose: {what}");
        command::run(&mut command)?;
    }
    Ok(())
}
