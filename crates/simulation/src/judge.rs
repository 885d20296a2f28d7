//! What must hold after all lives.

use std::collections::BTreeMap;

use stepmill_engine::decode_records;
use stepmill_interpreter::{Fact, Record};
use stepmill_store::{ExecutionRow, ListExecutions, Store, StoreError};
use thiserror::Error;

use crate::life::World;

/// A promise that was broken.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum Violation {
    /// What was acknowledged is not there.
    #[error("lost: {0}")]
    Lost(String),
    /// What is written cannot be true.
    #[error("contradiction: {0}")]
    Contradiction(String),
    /// An effect has no record that caused it.
    #[error("effect without record: {0}")]
    Unrecorded(String),
    /// Something ended otherwise than without faults.
    #[error("different end: {0}")]
    Different(String),
    /// Something does not end.
    #[error("stuck: {0}")]
    Stuck(String),
    /// The store cannot be read.
    #[error("unreadable: {0}")]
    Unreadable(String),
}

impl From<StoreError> for Violation {
    fn from(error: StoreError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// Everything that is written of an execution.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) row: ExecutionRow,
    pub(crate) records: Vec<Record>,
}

/// All executions, by state machine and name.
pub(crate) type All = BTreeMap<(String, String), Written>;

/// Reads everything that is safe.
pub(crate) fn read(world: &World) -> Result<All, Violation> {
    let mut all = All::new();
    for document in world.safe.documents("state-machine", "", "", 1_000)? {
        let machine = document.key.rsplit(':').next().unwrap_or_default();
        let rows = world.safe.executions(&ListExecutions {
            scope: document.number,
            statuses: Vec::new(),
            version: None,
            alias: None,
            after: None,
            limit: 1_000,
        })?;
        for row in rows {
            let mut records = Vec::new();
            for (expected, entry) in (0..).zip(world.safe.entries(row.number, 0, usize::MAX)?) {
                if entry.turn != expected {
                    let what = format!("{}: turn {} at {expected}", row.name, entry.turn);
                    return Err(Violation::Contradiction(what));
                }
                let decoded = decode_records(&entry.bytes);
                records.extend(decoded.map_err(|error| Violation::Unreadable(error.to_string()))?);
            }
            let key = (machine.to_owned(), row.name.clone());
            all.insert(key, Written { row, records });
        }
    }
    Ok(all)
}

/// Whether every promise was kept; `expected` is what came out without faults.
pub(crate) fn judge(world: &World, expected: &All) -> Result<(), Violation> {
    let all = read(world)?;
    acknowledged(world, &all)?;
    for ((machine, name), written) in &all {
        consistent(written)
            .map_err(|what| Violation::Contradiction(format!("{machine}:{name}: {what}")))?;
    }
    recorded(world, &all)?;
    for job in &world.jobs {
        let key = (job.machine.to_owned(), job.name.clone());
        let lost = || Violation::Lost(job.name.clone());
        let written = all.get(&key).ok_or_else(lost)?;
        if job.stopped {
            continue;
        }
        let without_faults = expected.get(&key).ok_or_else(lost)?;
        let (mut ours, mut theirs) = (shape(written), shape(without_faults));
        if job.machine == "activity" {
            // A task that a worker lost in a crash is tried again.
            (ours.2, theirs.2) = (BTreeMap::new(), BTreeMap::new());
        }
        if ours != theirs {
            let what = format!("{}: {ours:?} instead of {theirs:?}", job.name);
            return Err(Violation::Different(what));
        }
    }
    Ok(())
}

/// Nothing acknowledged is lost.
fn acknowledged(world: &World, all: &All) -> Result<(), Violation> {
    let clients = world.clients();
    let find = |arn: &str| {
        let mut parts = arn.rsplit(':');
        let name = parts.next().unwrap_or_default().to_owned();
        let machine = parts.next().unwrap_or_default().to_owned();
        all.get(&(machine, name))
    };
    for started in &clients.started {
        let written = find(&started.execution_arn)
            .ok_or_else(|| Violation::Lost(format!("the start of {}", started.job)))?;
        let job = world.jobs.iter().find(|job| job.name == started.job);
        let input = written
            .records
            .iter()
            .find_map(|record| match &record.fact {
                Fact::ExecutionStarted { input } => Some(input.text().to_owned()),
                _ => None,
            });
        if input.as_deref() != job.map(|job| &*job.input) {
            let what = format!("the input of {}: {input:?}", started.job);
            return Err(Violation::Lost(what));
        }
    }
    for stopped in &clients.stopped {
        let written = find(&stopped.execution_arn)
            .ok_or_else(|| Violation::Lost(format!("the stop of {}", stopped.job)))?;
        if written.row.update.sorted != stopped.date.as_millisecond() {
            let what = format!(
                "the stop of {} at {}, which ended at {}",
                stopped.job,
                stopped.date.as_millisecond(),
                written.row.update.sorted
            );
            return Err(Violation::Lost(what));
        }
    }
    Ok(())
}

/// No record contradicts another.
fn consistent(written: &Written) -> Result<(), String> {
    let events: Vec<&Record> = written
        .records
        .iter()
        .filter(|record| record.id != 0)
        .collect();
    for (expected, event) in (1..).zip(&events) {
        if event.id != expected {
            return Err(format!("event {} stands where {expected} should", event.id));
        }
        if event.previous >= event.id {
            return Err(format!("event {} follows {}", event.id, event.previous));
        }
    }
    let ends = events.iter().filter(|event| is_end(&event.fact)).count();
    if ends != 1 || !events.last().is_some_and(|event| is_end(&event.fact)) {
        return Err(format!("{ends} ends"));
    }
    let starts = events
        .iter()
        .filter(|event| matches!(event.fact, Fact::ExecutionStarted { .. }));
    if starts.count() != 1 {
        return Err("not one start".to_owned());
    }
    Ok(())
}

fn is_end(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::ExecutionSucceeded { .. }
            | Fact::ExecutionFailed(_)
            | Fact::ExecutionTimedOut
            | Fact::ExecutionAborted(_)
    )
}

/// Every call that a service has seen was decided and recorded, with that very input.
fn recorded(world: &World, all: &All) -> Result<(), Violation> {
    for call in world.outside.calls() {
        let mut parts = call.execution.rsplit(':');
        let name = parts.next().unwrap_or_default().to_owned();
        let machine = parts.next().unwrap_or_default().to_owned();
        let scheduled = all.get(&(machine, name)).and_then(|written| {
            let mut records = written.records.iter();
            records.find_map(|record| match &record.fact {
                Fact::TaskScheduled(schedule) if record.id == call.task => {
                    Some(schedule.input.text().to_owned())
                }
                _ => None,
            })
        });
        if scheduled.as_deref() != Some(&*call.input) {
            let what = format!(
                "{} task {} was called with {}, the record says {scheduled:?}",
                call.execution, call.task, call.input
            );
            return Err(Violation::Unrecorded(what));
        }
    }
    Ok(())
}

/// What must be the same with and without faults: the status, the output, and how often what
/// happened, in which state.
fn shape(written: &Written) -> (u8, Option<String>, BTreeMap<String, usize>) {
    let mut output = None;
    let mut counts = BTreeMap::new();
    for record in &written.records {
        // A token can come back before the response to the call that gave it out: after a crash
        // the call is made again while its token is on its way.
        if record.id == 0 || matches!(record.fact, Fact::TaskSubmitted { .. }) {
            continue;
        }
        if let Fact::ExecutionSucceeded { output: given } = &record.fact {
            output = Some(given.text().to_owned());
        }
        *counts.entry(kind(&record.fact)).or_default() += 1;
    }
    (written.row.update.status, output, counts)
}

fn kind(fact: &Fact) -> String {
    let text = format!("{fact:?}");
    let name = text
        .split(|character: char| !character.is_alphanumeric())
        .next()
        .unwrap_or_default();
    match fact {
        Fact::StateEntered { state, .. } | Fact::StateExited { state, .. } => {
            format!("{name} {state:?}")
        }
        _ => name.to_owned(),
    }
}
