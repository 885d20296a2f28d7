//! How long a job is left alone between two questions for it.

use std::time::Duration;

use stepmill_catalog::Interval;

/// Pauses that grow by a quarter from the first to the longest of an interval, or are all the same.
pub(super) fn of(
    interval: Option<&Interval>,
    fixed: Option<Duration>,
) -> impl Iterator<Item = Duration> {
    let seconds = |seconds: Option<u64>| Duration::from_secs(seconds.unwrap_or(60));
    let first = fixed.unwrap_or(seconds(interval.map(|interval| interval.first_seconds)));
    let longest = fixed.unwrap_or(seconds(interval.map(|interval| interval.then_seconds)));
    std::iter::successors(Some(first), move |last| {
        Some((*last + *last / 4).min(longest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest() {
        let interval = Interval {
            first_seconds: 60,
            first_for_seconds: None,
            then_seconds: 300,
        };
        let all: Vec<u64> = of(Some(&interval), None)
            .take(10)
            .map(|pause| pause.as_secs())
            .collect();
        assert_eq!(all, [60, 75, 93, 117, 146, 183, 228, 286, 300, 300]);
        let fixed = Duration::from_millis(5);
        assert!(
            of(Some(&interval), Some(fixed))
                .take(9)
                .all(|pause| pause == fixed)
        );
    }
}
