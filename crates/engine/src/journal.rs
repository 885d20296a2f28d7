//! Where the records of an execution go.

use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use stepmill_asl::model::{Resource, StateMachine};
use stepmill_interpreter::{Effect, EventId, Execution, Record, Status};
use stepmill_store::{Change, CommitError, Entry, ExecutionRow, Update};
use tokio::sync::mpsc;

use crate::core::Core;
use crate::drive::runs_here;
use crate::encoding::{EncodingError, encode};
use crate::error::{Code, Error};
use crate::keeper::Keeper;
use crate::machines::Revision;
use crate::message::Message;
use crate::observer::{ObservedTurn, Observer};
use crate::status::StatusCode;

/// Where the records of an execution go.
pub(crate) enum Journal {
    /// Into memory and to somebody who watches.
    Memory {
        records: Vec<Record>,
        watching: mpsc::UnboundedSender<Vec<Record>>,
    },
    /// Nowhere: an Express execution.
    Unkept { revision: Arc<Revision> },
    /// To the disk.
    Kept(Box<Kept>),
}

/// An execution whose records are on the disk.
pub(crate) struct Kept {
    pub(crate) core: Arc<Core>,
    pub(crate) revision: Arc<Revision>,
    pub(crate) number: u64,
    /// The turn to write next.
    pub(crate) turn: u32,
    /// What is written with the first turn.
    pub(crate) opening: Option<Opening>,
    /// Activities' tasks that wait for a worker, with their queues.
    pub(crate) queued: FxHashMap<EventId, u64>,
    /// It has left memory in good order.
    pub(crate) left: bool,
}

/// The parts of an execution's row that never change.
pub(crate) struct Opening {
    pub(crate) version: Option<u64>,
    pub(crate) alias: Option<u64>,
    pub(crate) detail: Detail,
}

/// What the engine keeps of an execution beside its records. Members may be added at the end, with
/// a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Detail {
    /// When it was started, in milliseconds since 1970.
    pub(crate) started: i64,
    /// The number of the revision that it runs.
    pub(crate) revision: u64,
    pub(crate) version_arn: Option<String>,
    pub(crate) alias_arn: Option<String>,
    pub(crate) trace_header: Option<String>,
    /// The test case of the mock configuration.
    pub(crate) test_case: Option<String>,
    /// The task that started it.
    pub(crate) parent: Option<Parent>,
}

/// A task of another execution that starts this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parent {
    pub(crate) execution: String,
    pub(crate) task: EventId,
}

impl Journal {
    /// Whether the execution may leave memory when it only waits.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(self, Self::Kept(_))
    }

    /// The store that it is kept in, if it is.
    pub(crate) fn keeper(&self) -> Option<&Keeper> {
        match self {
            Self::Kept(kept) => Some(&kept.core.keeper),
            Self::Memory { .. } | Self::Unkept { .. } => None,
        }
    }

    /// What went into memory.
    pub(crate) fn into_records(self) -> Vec<Record> {
        match self {
            Self::Memory { records, .. } => records,
            Self::Unkept { .. } | Self::Kept(_) => Vec::new(),
        }
    }

    /// Keeps a turn; returns when it is kept.
    pub(crate) async fn keep(
        &mut self,
        execution: &Execution,
        machine: &StateMachine,
        records: &[Record],
        effects: &[Effect],
        changes: Vec<Change>,
    ) -> Result<(), Error> {
        match self {
            Self::Memory { .. } | Self::Unkept { .. } => Ok(()),
            Self::Kept(kept) => {
                kept.keep(execution, machine, records, effects, changes)
                    .await
            }
        }
    }

    /// Tells of a turn that is kept.
    pub(crate) fn observe(
        &mut self,
        observers: &[Arc<dyn Observer>],
        execution: &Execution,
        turn: Vec<Record>,
    ) {
        let revision = match self {
            Self::Memory { records, watching } => {
                records.extend_from_slice(&turn);
                // Nobody may be watching.
                let _ = watching.send(turn);
                return;
            }
            Self::Unkept { revision } => &*revision,
            Self::Kept(kept) => &kept.revision,
        };
        if turn.is_empty() {
            return;
        }
        for observer in observers {
            observer.turn(&ObservedTurn {
                revision,
                execution,
                records: &turn,
            });
        }
    }

    /// Leaves memory, unless something is still to be read.
    pub(crate) fn leave(
        &mut self,
        mailbox: &mut mpsc::UnboundedReceiver<Message>,
    ) -> Option<Message> {
        match self {
            Self::Memory { .. } | Self::Unkept { .. } => None,
            Self::Kept(kept) => {
                let message = kept.core.live.leave(kept.number, mailbox);
                kept.left = message.is_none();
                message
            }
        }
    }

    /// The queue that an activity's task waits in.
    pub(crate) fn queue_of(&self, task: EventId) -> Option<u64> {
        match self {
            Self::Kept(kept) => kept.queued.get(&task).copied(),
            Self::Memory { .. } | Self::Unkept { .. } => None,
        }
    }

    /// Shows an activity's task to its workers.
    pub(crate) fn offer(&self, queue: u64, task: EventId) {
        if let Self::Kept(kept) = self {
            kept.core.queues.offer(queue, (kept.number, task));
        }
    }

    /// Takes an activity's task out of its queue.
    pub(crate) fn dequeue(&mut self, task: EventId) -> Option<Change> {
        match self {
            Self::Kept(kept) => kept.dequeue(task),
            Self::Memory { .. } | Self::Unkept { .. } => None,
        }
    }

    /// The execution has ended.
    pub(crate) fn ended(&self) {
        if let Self::Kept(kept) = self {
            kept.core.ended(kept.number);
        }
    }
}

impl Kept {
    async fn keep(
        &mut self,
        execution: &Execution,
        machine: &StateMachine,
        records: &[Record],
        effects: &[Effect],
        more: Vec<Change>,
    ) -> Result<(), Error> {
        let update = update(execution, machine, records);
        let due = update.due;
        let mut changes = Vec::with_capacity(3 + more.len());
        match self.opening.take() {
            Some(opening) => changes.push(Change::Open(self.row(execution, opening, update)?)),
            None => changes.push(Change::Update {
                execution: self.number,
                update,
            }),
        }
        if !records.is_empty() {
            changes.push(Change::Append {
                execution: self.number,
                entry: Entry {
                    turn: self.turn,
                    bytes: encode(records).map_err(|error| internal(&error))?,
                },
            });
            self.turn += 1;
        }
        changes.extend(more);
        self.queue_changes(effects, &mut changes);
        self.core
            .keeper
            .commit(changes)
            .await
            .map_err(|error| match error {
                CommitError::NameTaken(_) => Error::new(
                    Code::ExecutionAlreadyExists,
                    format!(
                        "Execution Already Exists: '{}'",
                        execution.identity().execution_arn
                    ),
                ),
                other => other.into(),
            })?;
        if let Some(due) = due {
            self.core.timers.set(due);
        }
        Ok(())
    }

    fn row(
        &self,
        execution: &Execution,
        opening: Opening,
        update: Update,
    ) -> Result<ExecutionRow, Error> {
        let mut detail = opening.detail;
        detail.started = execution.started().as_millisecond();
        Ok(ExecutionRow {
            number: self.number,
            scope: self.revision.machine,
            name: execution.identity().name.clone(),
            version: opening.version,
            alias: opening.alias,
            update,
            detail: encode(&detail).map_err(|error| internal(&error))?,
        })
    }

    /// Activities' tasks go into their queues and out of them together with the turn.
    fn queue_changes(&mut self, effects: &[Effect], changes: &mut Vec<Change>) {
        for effect in effects {
            match effect {
                Effect::RunTask(order) => {
                    if let Resource::Activity(arn) = &order.resource
                        && let Ok(activity) = self.core.machines.activity(arn)
                    {
                        self.queued.insert(order.task, activity.number);
                        changes.push(Change::Enqueue {
                            queue: activity.number,
                            execution: self.number,
                            task: order.task,
                        });
                    }
                }
                Effect::CancelTask { task } => changes.extend(self.dequeue(*task)),
                Effect::End(_) => {}
            }
        }
    }

    fn dequeue(&mut self, task: EventId) -> Option<Change> {
        let queue = self.queued.remove(&task)?;
        Some(Change::Dequeue {
            queue,
            execution: self.number,
            task,
        })
    }
}

/// A driver that breaks down must not be written to any more.
impl Drop for Kept {
    fn drop(&mut self) {
        if !self.left {
            self.core.live.remove(self.number);
        }
    }
}

fn internal(error: &EncodingError) -> Error {
    Error::internal(error.to_string())
}

fn update(execution: &Execution, machine: &StateMachine, records: &[Record]) -> Update {
    let running = *execution.status() == Status::Running;
    let sorted = if running {
        execution.redriven_at().unwrap_or(execution.started())
    } else {
        let last = records.last().map(|record| record.time);
        execution.ended().or(last).unwrap_or(execution.started())
    };
    let busy = running
        && (execution.is_ready()
            || (execution.running_tasks().next().is_some()
                && execution.open_tasks(machine).iter().any(runs_here)));
    Update {
        status: StatusCode::of(execution).byte(),
        sorted: sorted.as_millisecond(),
        due: execution.due().filter(|_| running).map(up_to_milliseconds),
        busy,
    }
}

/// Not before `time`, in whole milliseconds.
fn up_to_milliseconds(time: Timestamp) -> i64 {
    let floor = time.as_millisecond();
    if time.subsec_nanosecond() % 1_000_000 > 0 {
        floor.saturating_add(1)
    } else {
        floor
    }
}
