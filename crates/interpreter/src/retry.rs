//! When a failed state is tried again.

use jiff::{SignedDuration, Timestamp};
use stepmill_asl::model::{Jitter, Retrier};

use crate::decide::Deciding;

/// Retries of a retrier that does not say (Developer Guide, "Handling errors").
pub(crate) const MAX_ATTEMPTS: u64 = 3;
/// `BackoffRate` of a retrier that does not say.
const BACKOFF_RATE: f64 = 2.0;

impl Deciding<'_> {
    /// When the next attempt is due.
    pub(crate) fn retry_at(&self, retrier: &Retrier, retries: u64) -> Timestamp {
        #[allow(clippy::cast_precision_loss)] // seconds are far below 2⁵³
        let interval = retrier.interval_seconds.unwrap_or(1) as f64;
        let rate = retrier.backoff_rate.unwrap_or(BACKOFF_RATE);
        let mut delay = interval * rate.powi(i32::try_from(retries).unwrap_or(i32::MAX));
        #[allow(clippy::cast_precision_loss)]
        if let Some(longest) = retrier.max_delay_seconds {
            delay = delay.min(longest as f64);
        }
        if retrier.jitter == Some(Jitter::Full) {
            delay *= self.world.random.unit();
        }
        SignedDuration::try_from_secs_f64(delay)
            .ok()
            .and_then(|delay| self.world.now.checked_add(delay).ok())
            .unwrap_or(Timestamp::MAX)
    }
}
