//! How long things take.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::SignedDuration;

/// The upper bounds of the buckets, in milliseconds: from a step of an Express execution to the
/// days that a Standard execution may wait.
pub(super) const BOUNDS: [u64; 18] = [
    1,
    5,
    10,
    25,
    50,
    100,
    250,
    500,
    1_000,
    2_500,
    5_000,
    10_000,
    30_000,
    60_000,
    300_000,
    3_600_000,
    86_400_000,
    604_800_000,
];

/// Counts durations by length.
#[derive(Default)]
pub(super) struct Histogram {
    /// One for each bound, and one for what is longer.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Histogram {
    /// Counts a duration; the clock may have been set back, and then it was none.
    pub(super) fn observe(&self, duration: SignedDuration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(0);
        let bucket = BOUNDS.partition_point(|bound| bound * 1_000 < micros);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// How many were no longer than each bound, and how many there were.
    pub(super) fn cumulative(&self) -> [u64; BOUNDS.len() + 1] {
        let mut sum = 0;
        std::array::from_fn(|bucket| {
            sum += self.buckets[bucket].load(Ordering::Relaxed);
            sum
        })
    }

    /// The sum of all, in microseconds.
    pub(super) fn micros(&self) -> u64 {
        self.micros.load(Ordering::Relaxed)
    }
}
