//! The power supply: every step of the world passes it, and at one of them it fails.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use crate::random::Random;

/// Counts the steps of one life of an engine. From the fatal step on nothing has an effect.
pub(crate) struct Power {
    pub(crate) random: SharedRandom,
    steps: AtomicU64,
    fatal: u64,
    failed: Notify,
    trace: Mutex<Vec<String>>,
}

/// A [`Random`] that a single-threaded world shares.
pub(crate) struct SharedRandom(Mutex<Random>);

impl SharedRandom {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(Random::new(seed)))
    }

    pub(crate) fn below(&self, end: u64) -> u64 {
        let random = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        random.below(end)
    }

    pub(crate) fn once_in(&self, times: u64) -> bool {
        let random = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        random.once_in(times)
    }
}

impl Power {
    /// Power that fails at the step `fatal`.
    pub(crate) fn new(seed: u64, fatal: u64) -> Self {
        Self {
            random: SharedRandom::new(seed),
            steps: AtomicU64::new(0),
            fatal,
            failed: Notify::new(),
            trace: Mutex::default(),
        }
    }

    /// A step; false if it does not happen because the power has failed.
    pub(crate) fn step(&self, what: &str) -> bool {
        let step = self.steps.fetch_add(1, Ordering::Relaxed);
        if step >= self.fatal {
            if step == self.fatal {
                self.note(&format!("power fails before: {what}"));
            }
            self.failed.notify_one();
            return false;
        }
        self.note(what);
        true
    }

    /// Whether the power has failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.steps.load(Ordering::Relaxed) > self.fatal
    }

    /// Waits until the power fails.
    pub(crate) async fn failure(&self) {
        self.failed.notified().await;
    }

    pub(crate) fn note(&self, what: &str) {
        let mut trace = self.trace.lock().unwrap_or_else(PoisonError::into_inner);
        trace.push(what.to_owned());
    }

    /// What happened.
    pub(crate) fn take_trace(&self) -> Vec<String> {
        std::mem::take(&mut self.trace.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
