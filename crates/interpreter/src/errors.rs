//! Failing: a state's failure is retried, caught, or passed on to the state around.

use stepmill_asl::model::{ErrorHandling, State, StateKind};

use crate::decide::{Deciding, Step};
use crate::failure::{Evaluation, Failure, QUERY_EVALUATION, RUNTIME, Raised};
use crate::probe::Stage;
use crate::record::{EventId, Fact, Reason, ThreadId};
use crate::retry::MAX_ATTEMPTS;
use crate::thread::Doing;

impl Deciding<'_> {
    /// The state that the thread is in fails, after the thread's last event.
    pub(crate) fn fail(&mut self, thread: ThreadId, failure: Failure) -> Step {
        let previous = self.last_event(thread);
        self.fail_at(thread, previous, failure)
    }

    /// The state that the thread is in fails.
    pub(crate) fn fail_at(
        &mut self,
        thread: ThreadId,
        previous: EventId,
        failure: Failure,
    ) -> Step {
        match failure {
            Failure::Runtime(detail) => self.fail_execution(thread, previous, &detail),
            Failure::Evaluation(evaluation) => {
                let raised = self.evaluation_failed(thread, previous, evaluation)?;
                let previous = self.last_event(thread);
                self.raise(thread, previous, raised)
            }
            Failure::Raised(raised) => self.raise(thread, previous, raised),
        }
    }

    pub(crate) fn fail_execution(
        &mut self,
        thread: ThreadId,
        previous: EventId,
        detail: &str,
    ) -> Step {
        let cause = self.prefixed(thread, detail);
        let reason = Reason {
            error: Some(RUNTIME.into()),
            cause: Some(cause.into()),
        };
        self.end_at(thread, previous, Fact::ExecutionFailed(reason))
    }

    /// The text that AWS puts before what went wrong in a state.
    fn prefixed(&self, thread: ThreadId, detail: &str) -> String {
        match self.execution.visit(thread) {
            Some(visit) => format!(
                "An error occurred while executing the state '{}' (entered at the event id #{}). \
                 {detail}",
                self.machine.state(visit.state).name,
                visit.entered
            ),
            None => detail.to_owned(),
        }
    }

    pub(crate) fn evaluation_failed(
        &mut self,
        thread: ThreadId,
        previous: EventId,
        evaluation: Evaluation,
    ) -> Step<Raised> {
        let cause = self.prefixed(thread, &evaluation.detail);
        let raised = Raised::new(QUERY_EVALUATION, cause);
        let Some(visit) = self.execution.visit(thread) else {
            return Ok(raised);
        };
        // A failure right after entering points at the event before (observed on AWS).
        let previous = if previous == visit.entered && !evaluation.after_entered {
            visit.before
        } else {
            previous
        };
        let fact = Fact::EvaluationFailed {
            state: visit.state,
            reason: raised.reason.clone(),
            location: evaluation.location,
        };
        self.emit(thread, previous, fact)?;
        Ok(raised)
    }

    /// An error is raised in the state that the thread is in: it is retried, caught or passed on.
    pub(crate) fn raise(&mut self, thread: ThreadId, previous: EventId, raised: Raised) -> Step {
        self.raise_after(thread, previous, raised, None)
    }

    /// The same, because the branch or iteration `failed`.
    fn raise_after(
        &mut self,
        thread: ThreadId,
        previous: EventId,
        raised: Raised,
        failed: Option<ThreadId>,
    ) -> Step {
        self.show(|| Stage::Raised(raised.reason.clone()));
        self.abort_children(thread, failed)?;
        let machine = self.machine;
        let Some(visit) = self.execution.visit(thread) else {
            return Ok(());
        };
        let state = machine.state(visit.state);
        let none = ErrorHandling::default();
        let errors = state.error_handling().unwrap_or(&none);
        let named = |entries: &[String]| entries.iter().any(|entry| raised.is_named_by(entry));

        let retrier = errors
            .retry
            .iter()
            .zip(0_u32..)
            .find(|(r, _)| named(&r.error_equals));
        if let Some((retrier, index)) = retrier {
            self.show(|| Stage::Retrier(index));
            let retries = visit.retries.get(index as usize).copied();
            let retries = match self.probe.and_then(|probe| probe.around().retries) {
                Some(retries) => retries,
                None => u64::from(retries.unwrap_or_default()),
            };
            if retries < retrier.max_attempts.unwrap_or(MAX_ATTEMPTS) {
                let until = self.retry_at(retrier, retries);
                let fact = Fact::RetryScheduled {
                    retrier: index,
                    until,
                };
                self.note(thread, previous, fact);
                return Ok(());
            }
        }

        let before = previous;
        let previous = self.emit_failed(thread, state, previous)?;
        match errors
            .catch
            .iter()
            .zip(0_u32..)
            .find(|(c, _)| named(&c.error_equals))
        {
            Some((catcher, index)) => {
                self.show(|| Stage::Catcher(index));
                self.catch(thread, before, previous, catcher, index, &raised)
            }
            None => self.pass_on(thread, previous, raised),
        }
    }

    /// Writes the failure event of a Parallel or Map state; gives what the next event follows.
    pub(crate) fn emit_failed(
        &mut self,
        thread: ThreadId,
        state: &State,
        previous: EventId,
    ) -> Step<EventId> {
        match state.kind {
            StateKind::Parallel(_) => self.emit(thread, previous, Fact::ParallelFailed),
            StateKind::Map(_) => self.emit(thread, previous, Fact::MapFailed),
            _ => Ok(previous),
        }
    }

    /// Nothing handles the error in this state: it fails the execution, or the state around.
    pub(crate) fn pass_on(&mut self, thread: ThreadId, previous: EventId, raised: Raised) -> Step {
        let Some((parent, index)) = self.execution.thread(thread).and_then(|t| t.parent) else {
            return self.end_at(thread, previous, Fact::ExecutionFailed(raised.reason));
        };
        let Some(visit) = self.execution.visit(parent) else {
            return Ok(());
        };
        let state = visit.state;
        if matches!(visit.doing, Doing::Map(_)) {
            self.emit(parent, previous, Fact::IterationFailed { state, index })?;
        } else {
            self.abort(thread, true)?;
        }
        self.raise_after(parent, previous, raised, Some(thread))
    }
}
