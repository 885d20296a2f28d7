//! Aborting what runs beside a branch or an iteration that failed.

use stepmill_asl::model::StateKind;

use crate::decide::{Deciding, Step};
use crate::effect::Effect;
use crate::record::{Fact, ThreadId};
use crate::thread::{Doing, Place};

impl Deciding<'_> {
    /// Aborts what a Parallel or Map state has running, but for the branch that `failed`.
    pub(crate) fn abort_children(&mut self, thread: ThreadId, failed: Option<ThreadId>) -> Step {
        match self
            .execution
            .visit(thread)
            .map(|visit| (visit.state, &visit.doing))
        {
            Some((_, Doing::Parallel { branches })) => {
                for branch in branches.clone() {
                    if failed != Some(branch) {
                        self.abort(branch, false)?;
                    }
                }
            }
            Some((state, Doing::Map(iterations))) => {
                for (index, iteration) in iterations.running.clone() {
                    let previous = self.last_event(iteration);
                    self.abort(iteration, false)?;
                    self.emit(thread, previous, Fact::IterationAborted { state, index })?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Aborts a branch or an iteration: what its state runs is stopped, and history says so.
    ///
    /// Of a branch that has `failed` itself, a Task state shows if it had begun (observed on AWS).
    pub(crate) fn abort(&mut self, thread: ThreadId, failed: bool) -> Step {
        let Some(Place::In(visit)) = self.execution.thread(thread).map(|thread| &thread.place)
        else {
            return Ok(());
        };
        let state = visit.state;
        let task = match &visit.doing {
            Doing::Task(running) => Some(running.task),
            _ => None,
        };
        let shows = match self.machine.state(state).kind {
            StateKind::Task(_) => !(failed && matches!(visit.doing, Doing::Beginning)),
            StateKind::Wait(_) => !failed || matches!(visit.doing, Doing::Waiting { .. }),
            StateKind::Parallel(_) | StateKind::Map(_) => !failed,
            _ => false,
        };
        let previous = self.last_event(thread);
        self.abort_children(thread, None)?;
        if shows {
            self.emit(thread, previous, Fact::StateAborted { state })?;
        }
        if let Some(task) = task {
            self.want(Effect::CancelTask { task });
        }
        Ok(())
    }
}
