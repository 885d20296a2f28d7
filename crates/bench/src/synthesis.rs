//! Synthesis: a program that writes an assembly, from its start to its end.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::measure::Figure;
use crate::stack::{MACHINES, TASKS, synthesize};

/// How often the program is run: what disturbs only makes it slower.
const RUNS: usize = 50;

/// The time that the whole process takes, started as people start it.
pub(crate) fn whole_process() -> Result<Figure, String> {
    let program = built()?;
    let directory = env::temp_dir().join(format!("stepmill-bench-{}", std::process::id()));
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let started = Instant::now();
        let status = Command::new(&program).arg(&directory).status();
        best = best.min(started.elapsed());
        if !status.is_ok_and(|status| status.success()) {
            return Err("the program that synthesizes has failed".to_owned());
        }
    }
    let mut outcome = Ok(());
    let allocated = allocation_counter::measure(|| outcome = synthesize(&directory));
    outcome?;
    let removed = fs::remove_dir_all(&directory);
    removed.map_err(|error| format!("cannot remove {}: {error}", directory.display()))?;
    #[allow(clippy::cast_precision_loss)]
    let allocations = allocated.count_total as f64;
    Ok(Figure {
        name: format!("Synthesize a stack of {MACHINES} machines with {TASKS} tasks each to disk"),
        per_second: 1.0 / best.as_secs_f64(),
        unit: "processes",
        allocations,
    })
}

/// The program that synthesizes, as it is now: running this one has not built it.
fn built() -> Result<PathBuf, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let package = env!("CARGO_PKG_NAME");
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--release", "--package", package]);
    if !build.status().is_ok_and(|status| status.success()) {
        return Err("the program that synthesizes could not be built".to_owned());
    }
    let own = env::current_exe().map_err(|error| error.to_string())?;
    Ok(own.with_file_name("synthesize"))
}
