//! Signatures that were taken, so that none is taken twice.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

/// Signatures of the time in which they are good.
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
    /// By the second in which they were signed.
    seconds: BTreeMap<i64, HashSet<u128>>,
    count: usize,
    /// Signatures of this second and earlier ones are refused.
    closed: Option<i64>,
}

impl Replays {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            seen: Mutex::default(),
        }
    }

    /// Whether this is the first time that a signature of second `time` is seen. Those signed before
    /// `expired` are forgotten: their time refuses them.
    pub(super) fn first(&self, signature: &str, time: i64, expired: i64) -> bool {
        let digest = Sha256::digest(signature);
        let digest = digest
            .first_chunk()
            .map_or(0, |half| u128::from_be_bytes(*half));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(entry) = seen.seconds.first_entry()
            && *entry.key() < expired
        {
            let forgotten = entry.remove().len();
            seen.count -= forgotten;
        }
        if seen.closed.is_some_and(|closed| time <= closed) {
            return false;
        }
        if !seen.seconds.entry(time).or_default().insert(digest) {
            return false;
        }
        seen.count += 1;
        while seen.count > self.most
            && let Some((second, forgotten)) = seen.seconds.pop_first()
        {
            seen.count -= forgotten.len();
            seen.closed = seen.closed.max(Some(second));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_passes_twice() {
        let replays = Replays::new(100);
        assert!(replays.first("a", 10, 0));
        assert!(!replays.first("a", 10, 0));
        assert!(replays.first("b", 10, 0));
        assert!(replays.first("a", 11, 0));
        assert!(!replays.first("a", 11, 0));
    }

    #[test]
    fn expired_signatures_take_no_memory() {
        let replays = Replays::new(1_000_000);
        for second in 0..10_000 {
            assert!(replays.first(&second.to_string(), second, second - 300));
        }
        let seen = replays.seen.lock().unwrap();
        assert_eq!((seen.count, seen.seconds.len()), (301, 301));
    }

    #[test]
    fn when_there_are_too_many_the_earliest_seconds_are_closed() {
        let replays = Replays::new(4);
        for (signature, time) in [("a", 1), ("b", 1), ("c", 2), ("d", 3), ("e", 3)] {
            assert!(replays.first(signature, time, 0), "{signature}");
        }
        // Second 1 was forgotten, and so is closed.
        assert!(!replays.first("a", 1, 0));
        assert!(!replays.first("new", 1, 0));
        assert!(!replays.first("c", 2, 0));
        assert!(replays.first("new", 2, 0));
        assert_eq!(replays.seen.lock().unwrap().count, 4);
    }
}
