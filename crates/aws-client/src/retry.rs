//! When a call is made again: the standard mode of AWS's SDKs.
//!
//! Source: AWS SDKs and Tools Reference Guide, "Retry behavior".

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Codes of calls that were one too many.
const THROTTLING: [&str; 14] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];
/// Codes of failures that pass.
const TRANSIENT: [&str; 3] = [
    "RequestTimeout",
    "RequestTimeoutException",
    "IDPCommunicationError",
];
/// Codes that tell a clock that is wrong.
const SKEWED: [&str; 6] = [
    "AuthFailure",
    "InvalidSignatureException",
    "RequestExpired",
    "RequestInTheFuture",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];
/// Codes of credentials that have ended.
const EXPIRED: [&str; 3] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "TokenRefreshRequired",
];
/// How much all calls of a client may try again together, before successes pay it back.
const CAPACITY: u32 = 500;
/// What one more attempt costs; and after a timeout, which has cost more.
const COST: u32 = 5;
const COST_OF_TIMEOUT: u32 = 10;
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(20);

/// Why an attempt has failed, as far as it matters for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It would fail again.
    Lasting,
    /// It might not fail again.
    Passing,
    /// It has taken too long.
    Timeout,
}

/// Whether an error that a service has announced may pass.
pub(crate) fn judge(status: u16, code: &str, modelled: bool) -> Failure {
    let known = THROTTLING.contains(&code) || TRANSIENT.contains(&code);
    match known || modelled || matches!(status, 429 | 500 | 502 | 503 | 504) {
        true => Failure::Passing,
        false => Failure::Lasting,
    }
}

/// Whether an error's code may come from a clock that is wrong.
pub(crate) fn is_skewed(code: &str) -> bool {
    SKEWED.contains(&code)
}

/// Whether an error's code says that the credentials have ended.
pub(crate) fn is_expired(code: &str) -> bool {
    EXPIRED.contains(&code)
}

/// The pause before an attempt (the first again is 1): up to `base`, then twice that, and so on.
///
/// `chance` is from 0 to 1.
pub(crate) fn pause(attempt: u32, base: Duration, chance: f64) -> Duration {
    let most = base.saturating_mul(
        1_u32
            .checked_shl(attempt.saturating_sub(1))
            .unwrap_or(u32::MAX),
    );
    most.min(LONGEST).mul_f64(chance.clamp(0.0, 1.0))
}

/// What keeps many calls from trying again all together against a service that is down.
#[derive(Debug)]
pub(crate) struct Quota(Mutex<u32>);

impl Default for Quota {
    fn default() -> Self {
        Self(Mutex::new(CAPACITY))
    }
}

impl Quota {
    /// Takes the cost of another attempt after a failure: that cost, or none if there must be no
    /// other attempt.
    pub(crate) fn take(&self, failure: Failure) -> Option<u32> {
        let cost = match failure {
            Failure::Lasting => return None,
            Failure::Passing => COST,
            Failure::Timeout => COST_OF_TIMEOUT,
        };
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.checked_sub(cost)?;
        Some(cost)
    }

    /// A call has succeeded: what its last attempt has cost comes back, and otherwise a little.
    pub(crate) fn put_back(&self, cost: Option<u32>) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.saturating_add(cost.unwrap_or(1)).min(CAPACITY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_told_from_what_does_not() {
        assert_eq!(judge(400, "ThrottlingException", false), Failure::Passing);
        assert_eq!(judge(400, "Own", true), Failure::Passing);
        assert_eq!(judge(503, "", false), Failure::Passing);
        assert_eq!(judge(400, "ValidationException", false), Failure::Lasting);
        assert_eq!(judge(501, "", false), Failure::Lasting);
        assert!(is_skewed("RequestTimeTooSkewed") && !is_skewed("SlowDown"));
    }

    #[test]
    fn pauses_grow_to_a_limit() {
        let base = Duration::from_secs(1);
        let pauses: Vec<u64> = (1..8).map(|n| pause(n, base, 1.0).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 20, 20]);
        assert_eq!(pause(60, base, 0.5).as_secs(), 10);
        assert_eq!(pause(3, base, 0.0), Duration::ZERO);
    }

    #[test]
    fn attempts_end_with_the_quota() {
        let quota = Quota::default();
        assert_eq!(quota.take(Failure::Lasting), None);
        for _ in 0..50 {
            assert_eq!(quota.take(Failure::Timeout), Some(10));
        }
        assert_eq!(quota.take(Failure::Passing), None);
        quota.put_back(Some(5));
        assert_eq!(quota.take(Failure::Passing), Some(5));
        quota.put_back(None);
        assert_eq!(quota.take(Failure::Passing), None);
    }
}
