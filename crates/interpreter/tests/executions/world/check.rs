//! What holds of every run.

use std::collections::{HashMap, HashSet};

use stepmill_asl::model::{StateId, StateKind};
use stepmill_interpreter::{Effect, EventId, Fact, Happened, Record, Status, ThreadId};

use super::Run;

/// Checks what holds of every run, however it went.
pub(crate) fn check(run: &Run) {
    events_are_numbered(run);
    chains_hold(run);
    states_and_tasks_pair(run);
    nothing_follows_the_end(run);
    lost_tasks_are_cancelled(run);
    time_moves(run);
}

fn events(run: &Run) -> impl Iterator<Item = &Record> {
    run.records().filter(|record| record.id != 0)
}

fn events_are_numbered(run: &Run) {
    for (record, expected) in events(run).zip(1..) {
        assert_eq!(record.id, expected, "{record:?}");
        assert!(record.previous < record.id, "{record:?}");
    }
    let times = run.records().map(|record| record.time);
    assert!(times.is_sorted(), "time goes back");
}

/// Every event points into its own thread, or into one that it comes from or waits for.
fn chains_hold(run: &Run) {
    let mut thread_of: HashMap<EventId, ThreadId> = HashMap::new();
    let mut parent_of: HashMap<ThreadId, ThreadId> = HashMap::new();
    let mut next_thread = 1;
    for record in run.records() {
        let children = match &record.fact {
            Fact::ParallelStarted { state, .. } => match &run.machine.state(*state).kind {
                StateKind::Parallel(parallel) => parallel.branches.len(),
                other => panic!("{other:?} is not a Parallel state"),
            },
            Fact::IterationStarted { .. } => 1,
            _ => 0,
        };
        for _ in 0..children {
            parent_of.insert(ThreadId(next_thread), record.thread);
            next_thread += 1;
        }
        if record.id == 0 {
            continue;
        }
        thread_of.insert(record.id, record.thread);
        if record.previous == 0 {
            continue;
        }
        let previous = thread_of[&record.previous];
        let is_above = |mut below: ThreadId, above: ThreadId| loop {
            if below == above {
                return true;
            }
            match parent_of.get(&below) {
                Some(parent) => below = *parent,
                None => return false,
            }
        };
        assert!(
            is_above(previous, record.thread) || is_above(record.thread, previous),
            "event {} of {:?} points at event {} of {previous:?}",
            record.id,
            record.thread,
            record.previous
        );
    }
}

fn states_and_tasks_pair(run: &Run) {
    let mut inside: HashMap<ThreadId, _> = HashMap::new();
    let mut scheduled: HashSet<ThreadId> = HashSet::new();
    let mut started: HashSet<ThreadId> = HashSet::new();
    let mut aborted: HashMap<ThreadId, StateId> = HashMap::new();
    for record in run.records() {
        let thread = record.thread;
        match &record.fact {
            // States that were aborted go on, but for Fail states, which are entered again.
            Fact::ExecutionRedriven { .. } => {
                inside.extend(aborted.drain());
                inside.retain(|_, state| {
                    !matches!(run.machine.state(*state).kind, StateKind::Fail(_))
                });
                scheduled.clear();
                started.clear();
            }
            Fact::StateEntered { state, .. } => {
                assert_eq!(
                    inside.insert(thread, *state),
                    None,
                    "entered twice: {record:?}"
                );
            }
            Fact::StateExited { state, .. } | Fact::StateAborted { state } => {
                if let Fact::StateAborted { .. } = record.fact {
                    aborted.insert(thread, *state);
                }
                assert_eq!(
                    inside.remove(&thread),
                    Some(*state),
                    "not entered: {record:?}"
                );
            }
            Fact::TaskScheduled(schedule) => {
                assert_eq!(inside.get(&thread), Some(&schedule.state), "{record:?}");
                assert!(scheduled.insert(thread), "scheduled twice: {record:?}");
            }
            Fact::TaskStarted { .. } => {
                assert!(scheduled.contains(&thread), "not scheduled: {record:?}");
                assert!(started.insert(thread), "started twice: {record:?}");
            }
            Fact::TaskSubmitted { .. } => {
                assert!(started.contains(&thread), "not started: {record:?}");
            }
            Fact::TaskSucceeded { .. } | Fact::TaskFailed { .. } | Fact::TaskTimedOut { .. } => {
                assert!(scheduled.remove(&thread), "not scheduled: {record:?}");
                assert!(started.remove(&thread), "not started: {record:?}");
            }
            _ => {}
        }
    }
}

fn nothing_follows_the_end(run: &Run) {
    let ends = |record: &&Record| {
        matches!(
            record.fact,
            Fact::ExecutionSucceeded { .. }
                | Fact::ExecutionFailed(_)
                | Fact::ExecutionTimedOut
                | Fact::ExecutionAborted(_)
        )
    };
    let ended = *run.execution.status() != Status::Running;
    let mut redrives = 0;
    let mut over = false;
    for record in run.records() {
        if let Fact::ExecutionRedriven { count } = &record.fact {
            assert!(over, "redriven while it ran");
            redrives += 1;
            assert_eq!(*count, redrives);
            over = false;
        }
        assert!(!over, "after the end: {record:?}");
        over = ends(&record);
    }
    assert_eq!(over, ended);
    assert_eq!(run.execution.redrive_count(), redrives);
    for turn in &run.turns {
        let said = turn.effects.iter().filter_map(|effect| match effect {
            Effect::End(status) => Some(status.name()),
            _ => None,
        });
        let ended = turn
            .records
            .iter()
            .filter(ends)
            .map(|record| match record.fact {
                Fact::ExecutionSucceeded { .. } => "SUCCEEDED",
                Fact::ExecutionFailed(_) => "FAILED",
                Fact::ExecutionTimedOut => "TIMED_OUT",
                _ => "ABORTED",
            });
        assert_eq!(said.collect::<Vec<_>>(), ended.collect::<Vec<_>>());
    }
    let said = run.turns.iter().flat_map(|turn| &turn.effects);
    if let (true, Some(Effect::End(status))) = (ended, said.last()) {
        assert_eq!(status, run.execution.status());
    }
}

/// A task that nobody waits for any longer was told so, once, and nobody else was.
fn lost_tasks_are_cancelled(run: &Run) {
    let mut running: HashMap<EventId, ThreadId> = HashMap::new();
    let mut timed_out: HashSet<EventId> = HashSet::new();
    for turn in &run.turns {
        for record in &turn.records {
            let of_thread = |running: &HashMap<EventId, ThreadId>| {
                let found = running.iter().find(|(_, thread)| **thread == record.thread);
                found.map(|(task, _)| *task)
            };
            match &record.fact {
                Fact::TaskScheduled(_) => {
                    running.insert(record.id, record.thread);
                }
                // A failure that is not the task's own.
                Fact::TaskFailed { .. }
                    if matches!(turn.happened, Happened::TaskSubmitted { .. }) =>
                {
                    timed_out.insert(of_thread(&running).unwrap());
                }
                Fact::TaskSucceeded { .. } | Fact::TaskFailed { .. } => {
                    let task = of_thread(&running).unwrap();
                    running.remove(&task);
                }
                Fact::TaskTimedOut { .. } => {
                    timed_out.insert(of_thread(&running).unwrap());
                }
                _ => {}
            }
        }
        for effect in &turn.effects {
            match effect {
                Effect::CancelTask { task } => {
                    assert!(
                        running.remove(task).is_some(),
                        "{task} is cancelled in vain"
                    );
                    timed_out.remove(task);
                }
                Effect::RunTask(order) => {
                    let scheduled = turn.records.iter().find(|record| record.id == order.task);
                    assert!(
                        scheduled.is_some_and(|r| matches!(r.fact, Fact::TaskScheduled(_))),
                        "{order:?} was not scheduled in its turn"
                    );
                }
                Effect::End(_) => {}
            }
        }
        assert!(
            timed_out.is_empty(),
            "timed out but not cancelled: {timed_out:?}"
        );
        let mut left: Vec<EventId> = running.keys().copied().collect();
        left.sort_unstable();
        assert_eq!(
            left, turn.running,
            "tasks that nobody waits for were not cancelled"
        );
    }
}

/// A turn of the clock does something, and leaves nothing undone.
fn time_moves(run: &Run) {
    for turn in &run.turns {
        if let Happened::Clock = turn.happened {
            assert!(
                !turn.records.is_empty(),
                "a turn of the clock in vain at {}",
                turn.now
            );
        }
        if let (Some(due), false) = (turn.due, turn.ready)
            && let Happened::Clock = turn.happened
        {
            assert!(due >= turn.now, "due at {due} but it is {}", turn.now);
        }
    }
}
