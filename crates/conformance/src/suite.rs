//! Replays all cases, several at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::case::Case;
use crate::outcome::{CaseResult, Failure, Outcome};
use crate::run::{Options, Verdicts, run_case};
use crate::target::Target;

/// Makes the target for a case, in the thread that will use it.
pub type TargetFactory<'a> = dyn Fn(&Case) -> std::io::Result<Box<dyn Target>> + Sync + 'a;

/// Replays `cases`, `jobs` at a time, and gives their results in the same order.
///
/// Cases that list what the whole account holds run before all others, one by one, for targets
/// that share an account. Cases with a mock configuration never overlap each other. `progress` is
/// called after each case with the number of those done.
pub fn run_all(
    cases: &[Case],
    targets: &TargetFactory<'_>,
    options: &Options,
    jobs: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Vec<CaseResult> {
    let results: Vec<Mutex<Option<CaseResult>>> = cases.iter().map(|_| Mutex::new(None)).collect();
    let done = AtomicUsize::new(0);
    let mock_config = Mutex::new(());
    let replay = |index: usize| {
        let case: &Case = &cases[index];
        let alone = case.mock_config.as_ref().map(|_| mock_config.lock());
        let result = run_one(case, targets, options);
        drop(alone);
        if let Ok(mut place) = results[index].lock() {
            *place = Some(result);
        }
        progress(done.fetch_add(1, Ordering::Relaxed) + 1);
    };
    let (alone, together): (Vec<usize>, Vec<usize>) =
        (0..cases.len()).partition(|index| cases[*index].wants_account_alone());
    alone.into_iter().for_each(&replay);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                while let Some(index) = together.get(next.fetch_add(1, Ordering::Relaxed)) {
                    replay(*index);
                }
            });
        }
    });
    results
        .into_iter()
        .filter_map(|place| place.into_inner().ok().flatten())
        .collect()
}

/// A target that panics fails its case, not the whole run.
fn run_one(case: &Case, targets: &TargetFactory<'_>, options: &Options) -> CaseResult {
    let started = Instant::now();
    let run = AssertUnwindSafe(|| match targets(case) {
        Ok(target) => run_case(case, &*target, options),
        Err(error) => broken_target(error.to_string()),
    });
    let Verdicts { strict, lenient } = catch_unwind(run).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or_default();
        broken_target(format!("panicked: {message}"))
    });
    CaseResult {
        id: case.id.clone(),
        area: case.area.clone(),
        file: case.file.clone(),
        in_scope: case.in_scope(),
        strict,
        lenient,
        seconds: started.elapsed().as_secs_f64(),
    }
}

fn broken_target(message: String) -> Verdicts {
    let outcome = Outcome::Failed {
        failures: vec![Failure::message("target", message)],
    };
    Verdicts {
        strict: outcome.clone(),
        lenient: outcome,
    }
}
