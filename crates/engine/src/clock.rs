//! The time that executions see.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The time that executions see, in milliseconds as AWS keeps it.
#[derive(Debug)]
pub enum Clock {
    /// The machine's.
    Real,
    /// The machine's, but it jumps ahead when nothing runs and a wait or a retry is due later.
    Skipping {
        /// Milliseconds jumped so far.
        skipped: AtomicI64,
    },
    /// Made up for a test: it runs with tokio's clock, which a test may pause, and can be set.
    Simulated {
        /// The time when nothing has elapsed, in milliseconds since 1970. Whoever shares it can
        /// make the clock jump.
        base: Arc<AtomicI64>,
        /// Since when time elapses.
        begun: tokio::time::Instant,
    },
}

impl Clock {
    /// A clock that skips waits.
    pub fn skipping() -> Self {
        Self::Skipping {
            skipped: AtomicI64::new(0),
        }
    }

    /// A clock for tests; must be called within a tokio runtime. What elapses is added to `base`
    /// when the clock goes.
    pub fn simulated(base: Arc<AtomicI64>) -> Self {
        let begun = tokio::time::Instant::now();
        Self::Simulated { base, begun }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        let real = || Timestamp::now().as_millisecond();
        let milliseconds = match self {
            Self::Real => real(),
            Self::Skipping { skipped } => real().saturating_add(skipped.load(Ordering::Relaxed)),
            Self::Simulated { base, begun } => {
                let elapsed = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
                base.load(Ordering::Relaxed).saturating_add(elapsed)
            }
        };
        Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
    }

    /// How long to wait for `due`. With nothing running, a skipping clock jumps there instead.
    pub(crate) fn until(&self, due: Timestamp, idle: bool) -> Duration {
        let ahead = due.duration_since(self.now()).max(SignedDuration::ZERO);
        if idle && let Self::Skipping { skipped } = self {
            let milliseconds = i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX);
            skipped.fetch_add(milliseconds.saturating_add(1), Ordering::Relaxed);
            return Duration::ZERO;
        }
        // Rounded up: a millisecond early would be a turn in vain.
        ahead
            .unsigned_abs()
            .saturating_add(Duration::from_micros(999))
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        if let Self::Simulated { base, begun } = self {
            let elapsed = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
            base.fetch_add(elapsed, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::Clock;

    #[test]
    fn a_skipping_clock_jumps_only_when_idle() {
        let clock = Clock::skipping();
        let hour = SignedDuration::from_hours(1);
        let due = clock.now() + hour;
        assert!(clock.until(due, false).as_secs() > 3_000);
        assert!(clock.now() < due);
        assert!(clock.until(due, true).is_zero());
        assert!(clock.now() >= due);
    }
}
