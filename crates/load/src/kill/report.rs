//! What came out, as a table.

use std::fmt;

use super::audit::Findings;
use super::ledger::Book;

/// Groups in the table.
const GROUPS: u32 = 10;
/// Findings that are shown.
const SHOWN: usize = 20;

/// What kill rounds came to.
#[derive(Debug)]
pub struct Report {
    groups: Vec<Group>,
    executions: u64,
    events: u64,
    problems: Vec<String>,
}

/// What was asked for in some rounds, and what became of it.
#[derive(Debug, Default, Clone)]
struct Group {
    rounds: (u32, u32),
    kills: u32,
    /// What was acknowledged.
    starts: u64,
    stops: u64,
    tokens: u64,
    /// Starts without an answer.
    unanswered: u64,
    lost: u64,
    contradictory: u64,
}

impl Report {
    pub(crate) fn new(rounds: u32, book: &Book, findings: &Findings) -> Self {
        let size = rounds.div_ceil(GROUPS).max(1);
        let mut groups: Vec<Group> = (0..rounds.div_ceil(size))
            .map(|group| {
                let first = group * size;
                let next = rounds.min(first + size);
                Group {
                    rounds: (first + 1, next),
                    kills: next - first,
                    ..Group::default()
                }
            })
            .collect();
        let last = groups.len().saturating_sub(1);
        let place = |round: u32| last.min((round / size) as usize);
        for job in book.jobs.values() {
            let Some(group) = groups.get_mut(place(job.round)) else {
                continue;
            };
            match job.started {
                Some(_) => group.starts += 1,
                None => group.unanswered += 1,
            }
            group.stops += u64::from(job.stopped.is_some());
            group.tokens += u64::from(job.told);
        }
        let mut problems = Vec::new();
        for (round, what) in &findings.lost {
            if let Some(group) = groups.get_mut(place(*round)) {
                group.lost += 1;
            }
            problems.push(format!("lost: {what}"));
        }
        for (round, what) in book.contradictions.iter().chain(&findings.contradictions) {
            if let Some(group) = groups.get_mut(place(*round)) {
                group.contradictory += 1;
            }
            problems.push(format!("contradictory: {what}"));
        }
        Self {
            groups,
            executions: findings.executions,
            events: findings.events,
            problems,
        }
    }

    /// Whether nothing is lost and nothing contradictory.
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// How much was acknowledged: starts, stops, and successes of tasks.
    pub fn acknowledged(&self) -> (u64, u64, u64) {
        let total = self.total();
        (total.starts, total.stops, total.tokens)
    }

    fn total(&self) -> Group {
        let mut total = Group::default();
        for group in &self.groups {
            total.kills += group.kills;
            total.starts += group.starts;
            total.stops += group.stops;
            total.tokens += group.tokens;
            total.unanswered += group.unanswered;
            total.lost += group.lost;
            total.contradictory += group.contradictory;
        }
        total
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:>9} {:>6} {:>9} {:>9} {:>9} {:>11} {:>6} {:>14}",
            "rounds", "kills", "starts", "stops", "tasks", "unanswered", "lost", "contradictory"
        )?;
        let mut line = |name: String, group: &Group| {
            writeln!(
                f,
                "{name:>9} {:>6} {:>9} {:>9} {:>9} {:>11} {:>6} {:>14}",
                group.kills,
                group.starts,
                group.stops,
                group.tokens,
                group.unanswered,
                group.lost,
                group.contradictory
            )
        };
        for group in &self.groups {
            let (first, last) = group.rounds;
            line(format!("{first}-{last}"), group)?;
        }
        line("all".to_owned(), &self.total())?;
        writeln!(
            f,
            "{} executions with {} events were read in the end.",
            self.executions, self.events
        )?;
        for problem in self.problems.iter().take(SHOWN) {
            writeln!(f, "{problem}")?;
        }
        let hidden = self.problems.len().saturating_sub(SHOWN);
        if hidden > 0 {
            writeln!(f, "and {hidden} more")?;
        }
        Ok(())
    }
}
