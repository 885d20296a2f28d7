//! Requests that were taken, so that none is taken twice.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

/// How long after the first request of a signature others of it may come, in milliseconds.
///
/// Signatures count time in seconds, so equal requests of one second have one signature. SDKs tell
/// them apart by an invocation's id, which some of them, boto3 for one, do not sign. So a request
/// with another id is another request, but only as long as those of one second take to arrive.
const TWINS: i64 = 5_000;

/// Requests of the time in which their signatures are good.
///
/// When there are too many, those of the earliest seconds are forgotten, and from then on signatures
/// of these seconds are refused altogether: the window narrows, but nothing passes twice.
#[derive(Debug)]
pub(super) struct Replays {
    most: usize,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// By the second in which they were signed: signatures, and requests by signature and
    /// invocation; with the millisecond in which they came first.
    seconds: BTreeMap<i64, HashMap<u128, i64>>,
    count: usize,
    /// Signatures of this second and earlier ones are refused.
    closed: Option<i64>,
}

/// A request, as far as it must be told from others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken<'a> {
    pub(super) signature: &'a str,
    /// What the client says of the invocation; empty if it says nothing.
    pub(super) invocation: &'a str,
    /// The second in which it was signed.
    pub(super) time: i64,
}

impl Replays {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            seen: Mutex::default(),
        }
    }

    /// Whether a request is seen for the first time; `now` is in milliseconds. Those signed before
    /// the second `expired` are forgotten: their time refuses them.
    pub(super) fn first(&self, request: Taken<'_>, now: i64, expired: i64) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(entry) = seen.seconds.first_entry()
            && *entry.key() < expired
        {
            let forgotten = entry.remove().len();
            seen.count -= forgotten;
        }
        if seen.closed.is_some_and(|closed| request.time <= closed) {
            return false;
        }
        let second = seen.seconds.entry(request.time).or_default();
        let before = second.len();
        let known = second.get(&digest(request.signature, "")).copied();
        let first = match known {
            None => true,
            Some(_) if request.invocation.is_empty() => false,
            Some(first) if now - first > TWINS => false,
            Some(_) => !second.contains_key(&digest(request.signature, request.invocation)),
        };
        if first {
            second.entry(digest(request.signature, "")).or_insert(now);
            second.insert(
                digest(request.signature, request.invocation),
                known.unwrap_or(now),
            );
            let more = second.len() - before;
            seen.count += more;
        }
        while seen.count > self.most
            && let Some((second, forgotten)) = seen.seconds.pop_first()
        {
            seen.count -= forgotten.len();
            seen.closed = seen.closed.max(Some(second));
        }
        first
    }
}

fn digest(signature: &str, invocation: &str) -> u128 {
    let mut hash = Sha256::new();
    hash.update(signature);
    // No signature has a line break in it.
    hash.update("\n");
    hash.update(invocation);
    let hash: [u8; 32] = hash.finalize().into();
    hash.first_chunk()
        .map_or(0, |half| u128::from_be_bytes(*half))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(replays: &Replays, signature: &str, invocation: &str, time: i64, now: i64) -> bool {
        let request = Taken {
            signature,
            invocation,
            time,
        };
        replays.first(request, now, time - 300)
    }

    #[test]
    fn nothing_passes_twice() {
        let replays = Replays::new(100);
        assert!(first(&replays, "a", "", 10, 10_000));
        assert!(!first(&replays, "a", "", 10, 10_000));
        assert!(first(&replays, "b", "", 10, 10_000));
        assert!(first(&replays, "c", "", 11, 10_000));
        assert!(!first(&replays, "c", "", 11, 60_000));
    }

    #[test]
    fn equal_requests_of_one_second_are_told_apart_by_their_invocations_for_a_while() {
        let replays = Replays::new(100);
        assert!(first(&replays, "a", "1", 10, 10_000));
        assert!(first(&replays, "a", "2", 10, 10_100));
        assert!(first(&replays, "a", "3", 10, 10_000 + TWINS));
        for again in ["1", "2", "3", ""] {
            assert!(!first(&replays, "a", again, 10, 10_200), "{again}");
        }
        // Whoever makes an id up later makes it up in vain.
        assert!(!first(&replays, "a", "4", 10, 10_001 + TWINS));
        assert!(!first(&replays, "a", "4", 10, 200_000));
    }

    #[test]
    fn expired_signatures_take_no_memory() {
        let replays = Replays::new(1_000_000);
        for second in 0..10_000 {
            assert!(first(
                &replays,
                &second.to_string(),
                "",
                second,
                second * 1000
            ));
        }
        let seen = replays.seen.lock().unwrap();
        assert_eq!((seen.count, seen.seconds.len()), (301, 301));
    }

    #[test]
    fn when_there_are_too_many_the_earliest_seconds_are_closed() {
        let replays = Replays::new(4);
        for (signature, time) in [("a", 1), ("b", 1), ("c", 2), ("d", 3), ("e", 3)] {
            assert!(first(&replays, signature, "", time, 3_000), "{signature}");
        }
        // Second 1 was forgotten, and so is closed.
        assert!(!first(&replays, "a", "", 1, 3_000));
        assert!(!first(&replays, "new", "", 1, 3_000));
        assert!(!first(&replays, "c", "", 2, 3_000));
        assert!(first(&replays, "new", "", 2, 3_000));
        assert_eq!(replays.seen.lock().unwrap().count, 4);
    }
}
