//! `stepmill run`.

mod history;
pub(crate) mod input;
mod list;
mod live;
mod plain;
mod prepare;
mod report;
pub(crate) mod time;
mod track;

use std::sync::atomic::Ordering;
use std::time::Duration;

use stepmill::engine::{Finished, Run};
use stepmill::integrations::lambda::LogLine;
use stepmill::interpreter::{Reason, Record, Status};
use tokio::runtime::Runtime;
use tokio::time::MissedTickBehavior;

use crate::Exit;
use crate::cli::{Progress, RunArgs};
use crate::problem::Problem;
use crate::signals::interrupts;
use crate::terminal;
use prepare::{Logs, Prepared};
use track::{Change, Tracker};

/// Between two pictures of a live list.
const TICK: Duration = Duration::from_millis(100);
/// Lines of functions that are shown at once, at most.
const LOG_BATCH: usize = 256;
/// Functions' processes get this long to end.
const GRACE: Duration = Duration::from_secs(2);

pub(crate) fn run(args: &RunArgs) -> Result<Exit, Problem> {
    let runtime =
        Runtime::new().map_err(|error| Problem::new(format!("cannot start threads: {error}")))?;
    let exit = runtime.block_on(run_in(args));
    // Dropping what still runs kills the processes of local functions.
    runtime.shutdown_timeout(GRACE);
    exit
}

/// Shows an execution while it runs.
trait View {
    /// Something was decided.
    fn show(&mut self, tracker: &Tracker, record: &Record, changes: &[Change]);
    /// Functions wrote lines.
    fn log(&mut self, tracker: &Tracker, lines: &[LogLine]);
    /// Time has passed.
    fn tick(&mut self, tracker: &Tracker);
    /// The execution has ended.
    fn close(&mut self, tracker: &Tracker);
}

/// Shows nothing.
struct Silent;

impl View for Silent {
    fn show(&mut self, _: &Tracker, _: &Record, _: &[Change]) {}
    fn log(&mut self, _: &Tracker, _: &[LogLine]) {}
    fn tick(&mut self, _: &Tracker) {}
    fn close(&mut self, _: &Tracker) {}
}

fn view(progress: Progress) -> Box<dyn View> {
    match progress {
        Progress::None => Box::new(Silent),
        Progress::Auto if can_redraw() => Box::new(live::Live::new()),
        Progress::Auto | Progress::Plain => Box::new(plain::Plain::default()),
    }
}

/// Whether standard error is a terminal that can move its cursor.
fn can_redraw() -> bool {
    console::Term::stderr().is_term() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

async fn run_in(args: &RunArgs) -> Result<Exit, Problem> {
    let mut history = args
        .history
        .as_deref()
        .map(history::File::create)
        .transpose()?;
    let Prepared {
        runner,
        start,
        mut logs,
    } = prepare::prepare(args).await?;
    let machine = start.machine.clone();
    let identity = start.identity.clone();
    let mut tracker = Tracker::new(machine.clone(), identity.clone());
    let mut view = view(args.progress);
    let run = runner.start(start);
    let Some(finished) = watch(run, &mut logs, &mut tracker, view.as_mut()).await? else {
        return Ok(Exit::Interrupted);
    };
    let written = history.as_mut().map_or(Ok(()), |history| {
        history.write(&machine, &identity, &finished.records)
    });
    let report = report::Report::new(&identity, &finished, &tracker);
    report.summary(args.progress);
    report.result(args.json)?;
    written?;
    Ok(match finished.status {
        Status::Succeeded(_) => Exit::Succeeded,
        _ => Exit::Failed,
    })
}

/// Follows an execution to its end; `None` if it was interrupted twice.
async fn watch(
    mut run: Run,
    logs: &mut Logs,
    tracker: &mut Tracker,
    view: &mut dyn View,
) -> Result<Option<Finished>, Problem> {
    let mut interrupts = interrupts()?;
    let mut stopping = false;
    let mut lines = Vec::new();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            Some(()) = interrupts.recv() => {
                if stopping {
                    view.close(tracker);
                    return Ok(None);
                }
                stopping = true;
                run.stop(Reason {
                    error: None,
                    cause: Some("Stopped from the command line".into()),
                });
            }
            _ = ticks.tick() => view.tick(tracker),
            1.. = logs.lines.recv_many(&mut lines, LOG_BATCH) => {
                view.log(tracker, &lines);
                lines.clear();
            }
            records = run.next() => match records {
                Some(records) => {
                    for record in &records {
                        let changes = tracker.apply(record);
                        view.show(tracker, record, &changes);
                    }
                }
                None => break,
            },
        }
    }
    while let Ok(line) = logs.lines.try_recv() {
        lines.push(line);
    }
    view.log(tracker, &lines);
    view.close(tracker);
    let lost = logs.lost.load(Ordering::Relaxed);
    if lost > 0 {
        terminal::note(&format!(
            "{lost} lines of functions came too fast to be shown"
        ));
    }
    let finished = run.finish().await;
    finished
        .map(Some)
        .map_err(|error| Problem::new(format!("the engine broke down: {error}")))
}
