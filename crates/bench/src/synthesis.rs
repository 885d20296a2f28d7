//! Synthesis: a program that writes an assembly, from its start to its end.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::measure::Figure;
use crate::stack::{MACHINES, TASKS, synthesize};

/// How often the program is run: what disturbs only makes it slower.
const RUNS: usize = 50;

/// The time that the whole process takes, started as people start it: into a directory that is not there,
/// and into one that has the assembly of the last time.
pub(crate) fn whole_process() -> Result<Vec<Figure>, String> {
    let program = built()?;
    let directory = env::temp_dir().join(format!("stepmill-bench-{}", std::process::id()));
    let (mut first, mut again) = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        first = first.min(run(&program, &directory)?);
        again = again.min(run(&program, &directory)?);
        remove(&directory)?;
    }
    let mut outcome = Ok(());
    let allocated = allocation_counter::measure(|| outcome = synthesize(&directory));
    outcome?;
    remove(&directory)?;
    #[allow(clippy::cast_precision_loss)]
    let allocations = allocated.count_total as f64;
    let what = format!("Synthesize a stack of {MACHINES} machines with {TASKS} tasks each");
    let figure = |to: &str, best: Duration| Figure {
        name: format!("{what} {to}"),
        per_second: 1.0 / best.as_secs_f64(),
        unit: "processes",
        allocations,
    };
    Ok(vec![
        figure("to disk", first),
        figure("over the same assembly", again),
    ])
}

fn run(program: &Path, directory: &Path) -> Result<Duration, String> {
    let started = Instant::now();
    let status = Command::new(program).arg(directory).status();
    let time = started.elapsed();
    match status.is_ok_and(|status| status.success()) {
        true => Ok(time),
        false => Err("the program that synthesizes has failed".to_owned()),
    }
}

fn remove(directory: &Path) -> Result<(), String> {
    let removed = fs::remove_dir_all(directory);
    removed.map_err(|error| format!("cannot remove {}: {error}", directory.display()))
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
