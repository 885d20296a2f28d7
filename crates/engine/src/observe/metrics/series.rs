//! What is counted of one state machine or of one task resource.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use indexmap::IndexMap;
use jiff::SignedDuration;

use super::histogram::Histogram;

/// The label of everything that has no series of its own.
const OTHER: &str = "other";

/// A counter of a state machine.
#[derive(Debug, Clone, Copy)]
pub(super) enum MachineCounter {
    Started,
    Succeeded,
    Failed,
    Aborted,
    TimedOut,
    Redriven,
    RedrivenSucceeded,
    RedrivenFailed,
    RedrivenAborted,
    RedrivenTimedOut,
    StateTransitions,
}

impl MachineCounter {
    const COUNT: usize = Self::StateTransitions as usize + 1;

    /// The same end, of an execution that had been redriven.
    pub(super) fn redriven(self) -> Self {
        match self {
            Self::Succeeded => Self::RedrivenSucceeded,
            Self::Failed => Self::RedrivenFailed,
            Self::Aborted => Self::RedrivenAborted,
            Self::TimedOut => Self::RedrivenTimedOut,
            other => other,
        }
    }
}

/// What is counted of one state machine.
#[derive(Default)]
pub(super) struct MachineSeries {
    counters: [AtomicU64; MachineCounter::COUNT],
    pub(super) execution_time: Histogram,
    billed_milliseconds: AtomicU64,
}

impl MachineSeries {
    pub(super) fn add(&self, counter: MachineCounter) {
        self.counters[counter as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn get(&self, counter: MachineCounter) -> u64 {
        self.counters[counter as usize].load(Ordering::Relaxed)
    }

    /// AWS bills Express executions by steps of 100 milliseconds.
    pub(super) fn bill(&self, lasted: SignedDuration) {
        let milliseconds = u64::try_from(lasted.as_millis()).unwrap_or(0);
        let billed = milliseconds.max(1).div_ceil(100) * 100;
        self.billed_milliseconds
            .fetch_add(billed, Ordering::Relaxed);
    }

    pub(super) fn billed_milliseconds(&self) -> u64 {
        self.billed_milliseconds.load(Ordering::Relaxed)
    }
}

/// A counter of a resource that tasks call.
#[derive(Debug, Clone, Copy)]
pub(super) enum TaskCounter {
    Scheduled,
    Started,
    Succeeded,
    Failed,
    TimedOut,
    HeartbeatTimedOut,
}

impl TaskCounter {
    const COUNT: usize = Self::HeartbeatTimedOut as usize + 1;
}

/// What is counted of one activity, function or integration.
#[derive(Default)]
pub(super) struct TaskSeries {
    counters: [AtomicU64; TaskCounter::COUNT],
    /// From being scheduled to being started.
    pub(super) schedule_time: Histogram,
    /// From being started to the end.
    pub(super) run_time: Histogram,
    /// From being scheduled to the end.
    pub(super) time: Histogram,
}

impl TaskSeries {
    pub(super) fn add(&self, counter: TaskCounter) {
        self.counters[counter as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn get(&self, counter: TaskCounter) -> u64 {
        self.counters[counter as usize].load(Ordering::Relaxed)
    }
}

/// Series by ARN, bounded in number.
pub(super) struct SeriesSet<S> {
    series: RwLock<IndexMap<String, Arc<S>>>,
    most: usize,
}

impl<S: Default> SeriesSet<S> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            series: RwLock::default(),
            most,
        }
    }

    /// The series of an ARN; the common one, if there are too many.
    pub(super) fn of(&self, arn: &str) -> Arc<S> {
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        let label = if series.contains_key(arn) || series.len() < self.most {
            arn
        } else {
            OTHER
        };
        series.entry(label.to_owned()).or_default().clone()
    }

    /// All series with their labels, in the order in which they came up.
    pub(super) fn all(&self) -> Vec<(String, Arc<S>)> {
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        series
            .iter()
            .map(|(arn, series)| (arn.clone(), series.clone()))
            .collect()
    }
}
