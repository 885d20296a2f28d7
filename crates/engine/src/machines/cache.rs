//! What starting an execution needs to know, in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::sync::{Cache as Bounded, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::activities::ActivityRef;
use crate::machines::resolve::Target;
use crate::machines::revision::Revision;

/// ARNs of state machines, versions and aliases whose meaning is remembered, and of activities.
const ARNS: usize = 10_000;
/// Revisions remembered if they are of ordinary size.
const REVISIONS: usize = 1_000;
/// Definitions remembered, in bytes of their text; a parsed one is some times as large.
const TEXTS: u64 = 32 * 1024 * 1024;
/// What a revision counts for beside its text, in bytes.
const OVERHEAD: u64 = 1024;
/// Parts of the cache of revisions, each with its share: a share must hold the longest definition.
const SHARES: usize = 8;

type Revisions = Bounded<u64, Arc<Revision>, ByText>;

/// Bounded caches, least used out first.
pub(crate) struct Cache {
    targets: Bounded<Box<str>, Arc<Target>>,
    activities: Bounded<Box<str>, Arc<ActivityRef>>,
    revisions: Revisions,
    changes: Mutex<Moment>,
}

/// How many changes there were so far. What was read at one moment is remembered only if nothing
/// has changed since: it might be stale already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Moment(u64);

/// What a change makes stale.
#[derive(Debug)]
pub(crate) enum Stale {
    /// What an ARN of a state machine, a version or an alias stands for.
    Arn(String),
    /// All of a state machine's.
    Machine(u64),
    /// An activity's ARN.
    Activity(String),
}

#[derive(Clone)]
struct ByText;

impl Weighter<u64, Arc<Revision>> for ByText {
    fn weight(&self, _number: &u64, revision: &Arc<Revision>) -> u64 {
        OVERHEAD + revision.text.len() as u64
    }
}

impl Cache {
    pub(crate) fn new() -> Self {
        Self {
            targets: Bounded::new(ARNS),
            activities: Bounded::new(ARNS),
            revisions: revisions(),
            changes: Mutex::default(),
        }
    }

    pub(crate) fn target(&self, arn: &str) -> Option<Arc<Target>> {
        self.targets.get(arn)
    }

    pub(crate) fn activity(&self, arn: &str) -> Option<Arc<ActivityRef>> {
        self.activities.get(arn)
    }

    pub(crate) fn revision(&self, number: u64) -> Option<Arc<Revision>> {
        self.revisions.get(&number)
    }

    /// Revisions never change.
    pub(crate) fn keep_revision(&self, revision: &Arc<Revision>) {
        self.revisions.insert(revision.number, revision.clone());
    }

    /// The moment before something is read.
    pub(crate) fn moment(&self) -> Moment {
        *self.changes()
    }

    pub(crate) fn keep_target(&self, read: Moment, arn: &str, target: &Arc<Target>) {
        let changes = self.changes();
        if *changes == read {
            self.targets.insert(arn.into(), target.clone());
        }
    }

    pub(crate) fn keep_activity(&self, read: Moment, arn: &str, activity: &Arc<ActivityRef>) {
        let changes = self.changes();
        if *changes == read {
            self.activities.insert(arn.into(), activity.clone());
        }
    }

    pub(crate) fn forget(&self, stale: Vec<Stale>) {
        let mut changes = self.changes();
        changes.0 += 1;
        for stale in stale {
            match stale {
                Stale::Arn(arn) => {
                    self.targets.remove(arn.as_str());
                }
                Stale::Machine(machine) => {
                    self.targets.retain(|_, target| target.machine != machine);
                }
                Stale::Activity(arn) => {
                    self.activities.remove(arn.as_str());
                }
            }
        }
    }

    fn changes(&self) -> MutexGuard<'_, Moment> {
        // A number is right whoever panicked beside it.
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn revisions() -> Revisions {
    let options = OptionsBuilder::new()
        .estimated_items_capacity(REVISIONS)
        .weight_capacity(TEXTS)
        .shards(SHARES)
        .build();
    match options {
        Ok(options) => Bounded::with_options(
            options,
            ByText,
            DefaultHashBuilder::default(),
            DefaultLifecycle::default(),
        ),
        Err(_) => Bounded::with_weighter(REVISIONS, TEXTS, ByText),
    }
}
