//! When running tasks were scheduled and started.
//!
//! An execution forgets that when a task ends, which is when it is asked for. After a restart the
//! tasks that ran before it are not known here: they are counted, but not timed.

use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rustc_hash::{FxBuildHasher, FxHashMap};
use stepmill_interpreter::{Execution, Record, ThreadId};

/// Parts with a lock of their own.
const PARTS: usize = 16;
/// Executions of one part whose tasks are timed at once, at most.
const MOST: usize = 20_000;

type Part = FxHashMap<u64, Vec<(ThreadId, Timestamp, Option<Timestamp>)>>;

/// When running tasks were scheduled and started, by execution and thread.
#[derive(Default)]
pub(super) struct Running {
    parts: [Mutex<Part>; PARTS],
}

impl Running {
    pub(super) fn scheduled(&self, execution: &Execution, record: &Record) {
        let (mut part, key) = self.part(execution);
        if part.len() < MOST || part.contains_key(&key) {
            let tasks = part.entry(key).or_default();
            tasks.retain(|(thread, ..)| *thread != record.thread);
            tasks.push((record.thread, record.time, None));
        }
    }

    /// When it was scheduled.
    pub(super) fn started(&self, execution: &Execution, record: &Record) -> Option<Timestamp> {
        let (mut part, key) = self.part(execution);
        let tasks = part.get_mut(&key)?;
        let task = tasks.iter_mut().find(|task| task.0 == record.thread)?;
        task.2 = Some(record.time);
        Some(task.1)
    }

    /// When it was scheduled and started.
    pub(super) fn ended(
        &self,
        execution: &Execution,
        record: &Record,
    ) -> Option<(Timestamp, Option<Timestamp>)> {
        let (mut part, key) = self.part(execution);
        let tasks = part.get_mut(&key)?;
        let at = tasks.iter().position(|task| task.0 == record.thread)?;
        let (_, scheduled, started) = tasks.swap_remove(at);
        if tasks.is_empty() {
            part.remove(&key);
        }
        Some((scheduled, started))
    }

    /// The state is aborted, and its task, if it has one.
    pub(super) fn aborted(&self, execution: &Execution, record: &Record) {
        // It ends untimed.
        let _ = self.ended(execution, record);
    }

    /// The execution has ended.
    pub(super) fn forget(&self, execution: &Execution) {
        let (mut part, key) = self.part(execution);
        part.remove(&key);
    }

    fn part(&self, execution: &Execution) -> (MutexGuard<'_, Part>, u64) {
        let identity = execution.identity();
        let key = match identity.number {
            // An Express execution has only its ARN.
            0 => FxBuildHasher.hash_one(&identity.execution_arn),
            number => number,
        };
        // The hash's upper bits are the better ones.
        let part = &self.parts[(FxBuildHasher.hash_one(key) >> 60) as usize % PARTS];
        (part.lock().unwrap_or_else(PoisonError::into_inner), key)
    }
}
