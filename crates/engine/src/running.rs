//! Tasks that this process runs, and how they are given up.

use std::sync::Arc;

use stepmill_integrations::Call;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::keeper::Keeper;
use crate::stops;
use crate::world::Surroundings;

/// A task that runs.
pub(crate) struct RunningTask {
    /// Ends the waiting for its outcome.
    pub(crate) handle: AbortHandle,
    /// The job that it starts, if it starts one.
    pub(crate) job: Option<Job>,
}

/// What a task starts outside, and what has to be ended there when nobody waits for it any more.
pub(crate) struct Job {
    pub(crate) call: Arc<Call>,
    /// The service's response to its start, once there is one; closed when the call has come to its end.
    pub(crate) submitted: watch::Receiver<Option<String>>,
    /// The number of the note that says that it is to be ended.
    pub(crate) noted: Option<u64>,
}

impl RunningTask {
    /// Whether nothing is lost when the process stops waiting for it: the job can be taken up again.
    pub(crate) fn can_be_left(&self) -> bool {
        let job = self.job.as_ref();
        job.is_some_and(|job| job.submitted.borrow().is_some())
    }

    /// Gives the task up: its outcome is of no use to anybody.
    pub(crate) fn give_up(self, surroundings: &Arc<Surroundings>, keeper: Option<&Keeper>) {
        let Some(mut job) = self.job else {
            self.handle.abort();
            return;
        };
        let surroundings = surroundings.clone();
        let note = job.noted.zip(keeper.cloned());
        let under_way = surroundings.stopping.enter();
        tokio::spawn(async move {
            // A start that is under way is waited for: what it starts has to be ended.
            let submitted = match job.submitted.wait_for(Option::is_some).await {
                Ok(submitted) => submitted.clone(),
                Err(_) => None,
            };
            self.handle.abort();
            if submitted.is_some() {
                let call = Call {
                    submitted,
                    ..(*job.call).clone()
                };
                stops::end(&*surroundings.tasks, &call, note).await;
            }
            drop(under_way);
        });
    }
}

impl Job {
    /// The call with the response to it, if there is one.
    pub(crate) fn started(&self) -> Option<Call> {
        let submitted = self.submitted.borrow().clone();
        submitted.map(|submitted| Call {
            submitted: Some(submitted),
            ..(*self.call).clone()
        })
    }
}
