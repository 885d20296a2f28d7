//! The turn that takes up an execution which has ended without success.

use stepmill_asl::model::{StateKind, Transition};

use crate::decide::{Deciding, Halted, Step};
use crate::record::{Fact, ThreadId};
use crate::state::Leaving;
use crate::thread::Doing;

impl Deciding<'_> {
    /// Redrives the execution, if that can be done. States that were not left go on by the rules of
    /// their type; most of them simply begin again.
    pub(crate) fn redrive(&mut self) -> Step {
        if self
            .execution
            .redrivable(self.world.now, self.limits)
            .is_err()
        {
            return Err(Halted);
        }
        let count = self.execution.redrive_count().saturating_add(1);
        let last = self.execution.last_event();
        let redriven = self.emit(ThreadId::ROOT, last, Fact::ExecutionRedriven { count })?;
        self.input_nests(redriven)?;
        let mut threads: Vec<ThreadId> = self.execution.threads().map(|(id, _)| id).collect();
        threads.sort_unstable();
        for thread in threads {
            let Some(visit) = self.execution.visit(thread) else {
                continue;
            };
            let state = self.machine.state(visit.state);
            match (&state.kind, &visit.doing) {
                // All branches or iterations may have ended already.
                (_, Doing::Parallel { .. }) => self.branch_done(thread)?,
                (_, Doing::Map(_)) => self.start_iterations(thread, redriven)?,
                // A Pass state is left without being run (Developer Guide).
                (StateKind::Pass { .. }, _) => {
                    let leaving = Leaving {
                        output: visit.input.compact(),
                        assigned: Vec::new(),
                    };
                    let to = state.transition.unwrap_or(Transition::End);
                    self.leave(thread, leaving, to)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}
