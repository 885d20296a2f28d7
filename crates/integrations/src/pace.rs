//! How often the end of a job is asked for.

use std::time::Duration;

use stepmill_catalog::Interval;

/// Where the catalog knows no interval of AWS's: the first pause, how it grows, the longest.
const FIRST: Duration = Duration::from_secs(1);
const GROWTH: f64 = 1.5;
const LONGEST: Duration = Duration::from_secs(30);
/// The longest pause after questions that were not answered.
const LONGEST_AFTER_FAILURES: Duration = Duration::from_secs(300);

/// How long to wait before each question.
#[derive(Debug)]
pub(crate) struct Pace {
    next: Duration,
    kind: Kind,
    /// Questions without an answer since the last one with.
    unanswered: u32,
    waited: Duration,
}

#[derive(Debug)]
enum Kind {
    /// Always the same, as the settings say.
    Even,
    /// AWS's own.
    Known(Interval),
    /// Growing.
    Growing,
}

impl Pace {
    /// As the settings say, or as AWS asks, or else with growing pauses.
    pub(crate) fn new(set: Option<Duration>, known: Option<Interval>) -> Self {
        let (next, kind) = match (set, known) {
            (Some(set), _) => (set, Kind::Even),
            (None, Some(known)) => (Duration::from_secs(known.first_seconds), Kind::Known(known)),
            (None, None) => (FIRST, Kind::Growing),
        };
        Self {
            next,
            kind,
            unanswered: 0,
            waited: Duration::ZERO,
        }
    }

    /// The pause before the next question.
    pub(crate) fn pause(&mut self) -> Duration {
        let mut pause = self.next;
        for _ in 0..self.unanswered {
            pause = (pause * 2).min(LONGEST_AFTER_FAILURES.max(self.next));
        }
        self.waited += pause;
        self.next = match &self.kind {
            Kind::Even => self.next,
            Kind::Known(known) => {
                let first = known.first_for_seconds.unwrap_or(known.first_seconds);
                Duration::from_secs(match self.waited < Duration::from_secs(first) {
                    true => known.first_seconds,
                    false => known.then_seconds,
                })
            }
            Kind::Growing => self.next.mul_f64(GROWTH).min(LONGEST),
        };
        pause
    }

    /// Whether the last question was answered: an overloaded service is asked more seldom.
    pub(crate) fn answered(&mut self, answered: bool) {
        self.unanswered = match answered {
            true => 0,
            false => (self.unanswered + 1).min(16),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(mut pace: Pace, count: usize) -> Vec<f64> {
        (0..count).map(|_| pace.pause().as_secs_f64()).collect()
    }

    #[test]
    fn pauses_grow_unless_something_says_how_long_they_are() {
        assert_eq!(pauses(Pace::new(None, None), 4), [1.0, 1.5, 2.25, 3.375]);
        let mut pace = Pace::new(None, None);
        assert_eq!((0..50).map(|_| pace.pause()).last(), Some(LONGEST));
        let aws = Interval {
            first_seconds: 60,
            first_for_seconds: Some(180),
            then_seconds: 300,
        };
        assert_eq!(
            pauses(Pace::new(None, Some(aws)), 5),
            [60.0, 60.0, 60.0, 300.0, 300.0]
        );
        let set = Some(Duration::from_millis(100));
        assert_eq!(pauses(Pace::new(set, Some(aws)), 2), [0.1, 0.1]);
    }

    #[test]
    fn unanswered_questions_are_asked_more_seldom() {
        let mut pace = Pace::new(Some(FIRST), None);
        for expected in [1, 2, 4] {
            assert_eq!(pace.pause(), Duration::from_secs(expected));
            pace.answered(false);
        }
        for _ in 0..20 {
            pace.answered(false);
        }
        assert_eq!(pace.pause(), LONGEST_AFTER_FAILURES);
        pace.answered(true);
        assert_eq!(pace.pause(), FIRST);
    }
}
