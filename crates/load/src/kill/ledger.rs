//! What clients have asked for, and what they were told.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::machines::Kind;
use crate::random::Random;

/// What clients have asked for, and what they were told.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Book>);

/// All jobs by the number that is in their input.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) jobs: BTreeMap<u64, Job>,
    /// Jobs with something left to do, by kind.
    pub(crate) open: BTreeMap<Kind, Vec<u64>>,
    /// Contradictions seen while the server ran.
    pub(crate) contradictions: Vec<(u32, String)>,
}

/// An execution that somebody has asked for.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// The round in which it was asked for.
    pub(crate) round: u32,
    /// The start date, once the start was acknowledged.
    pub(crate) started: Option<Value>,
    /// The stop date, once a stop was acknowledged.
    pub(crate) stopped: Option<Value>,
    /// Whether a stop was asked for.
    pub(crate) stop_asked: bool,
    /// Whether what was told of its task was acknowledged.
    pub(crate) told: bool,
}

impl Ledger {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of it.
    pub(crate) fn take_book(&self) -> Book {
        std::mem::take(&mut self.lock())
    }

    /// A new job.
    pub(crate) fn ask(&self, kind: Kind, round: u32) -> (u64, Job) {
        let mut book = self.lock();
        let number = book.jobs.last_key_value().map_or(0, |(last, _)| last + 1);
        let job = Job {
            kind,
            name: format!("job-{number}"),
            round,
            started: None,
            stopped: None,
            stop_asked: false,
            told: false,
        };
        book.jobs.insert(number, job.clone());
        (number, job)
    }

    /// A job that was asked for before: with luck one whose start nobody has acknowledged.
    pub(crate) fn again(&self, random: &mut Random) -> Option<(u64, Job)> {
        let book = self.lock();
        let (last, _) = book.jobs.last_key_value()?;
        let from = random.below(last + 1);
        let mut later = book.jobs.range(from..).take(1_000);
        let unknown = later.find(|(_, job)| job.started.is_none());
        let found = unknown.or_else(|| book.jobs.range(from..).next())?;
        Some((*found.0, found.1.clone()))
    }

    /// A start was acknowledged.
    pub(crate) fn started(&self, number: u64, date: &Value) {
        let mut book = self.lock();
        let Book { jobs, open, .. } = &mut *book;
        if let Some(job) = jobs.get_mut(&number)
            && job.started.is_none()
        {
            job.started = Some(date.clone());
            if matches!(job.kind, Kind::Callback | Kind::Long) {
                open.entry(job.kind).or_default().push(number);
            }
        }
    }

    /// Takes out a job of that kind that has something left to do.
    pub(crate) fn take(&self, kind: Kind, random: &mut Random) -> Option<(u64, Job)> {
        let mut book = self.lock();
        let open = book.open.get_mut(&kind)?;
        if open.is_empty() {
            return None;
        }
        let chosen = usize::try_from(random.below(open.len() as u64)).unwrap_or(0);
        let number = open.swap_remove(chosen);
        Some((number, book.jobs.get(&number)?.clone()))
    }

    /// Puts it back: there is still something to do.
    pub(crate) fn put_back(&self, kind: Kind, number: u64) {
        self.lock().open.entry(kind).or_default().push(number);
    }

    pub(crate) fn note(&self, number: u64, note: impl FnOnce(&mut Job)) {
        if let Some(job) = self.lock().jobs.get_mut(&number) {
            note(job);
        }
    }

    pub(crate) fn contradiction(&self, round: u32, what: String) {
        self.lock().contradictions.push((round, what));
    }
}
