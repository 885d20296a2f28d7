//! The series that a revision's executions count in, found once for each revision.

use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHashMap;
use stepmill_asl::model::{Resource, StateId, StateKind};
use stepmill_interpreter::TaskKind;

use super::series::{MachineSeries, TaskSeries};
use crate::machines::Revision;

/// Revisions whose handles are kept, at most; they are found again when they are needed.
const MOST: usize = 10_000;

/// The handles of all revisions that have run lately.
#[derive(Default)]
pub(super) struct Handles {
    revisions: RwLock<FxHashMap<u64, Arc<RevisionHandles>>>,
}

/// Where executions of one revision count.
pub(super) struct RevisionHandles {
    pub(super) machine: Arc<MachineSeries>,
    /// By state; none for states without a task.
    tasks: Vec<Option<Arc<TaskSeries>>>,
}

impl RevisionHandles {
    pub(super) fn task(&self, state: StateId) -> Option<&TaskSeries> {
        self.tasks.get(state.0 as usize)?.as_deref()
    }
}

impl Handles {
    /// The handles of a revision, made by `machine` and `task` if there are none.
    pub(super) fn of(
        &self,
        revision: &Revision,
        machine: impl FnOnce(&str) -> Arc<MachineSeries>,
        task: impl Fn(TaskKind, &str) -> Arc<TaskSeries>,
    ) -> Arc<RevisionHandles> {
        let revisions = self
            .revisions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(handles) = revisions.get(&revision.number) {
            return handles.clone();
        }
        drop(revisions);
        let states = revision.definition.states.iter();
        let tasks = states.map(|state| {
            let StateKind::Task(kind) = &state.kind else {
                return None;
            };
            Some(match &kind.resource {
                Resource::Activity(arn) => task(TaskKind::Activity, arn),
                Resource::Lambda(arn) => task(TaskKind::Lambda, arn),
                Resource::Service(service) => task(TaskKind::Service, &service.arn),
            })
        });
        let handles = Arc::new(RevisionHandles {
            machine: machine(&revision.arn),
            tasks: tasks.collect(),
        });
        let mut revisions = self
            .revisions
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if revisions.len() >= MOST {
            revisions.clear();
        }
        revisions.insert(revision.number, handles.clone());
        handles
    }
}
