//! Failing: retries, catches, and what becomes of the states around.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use stepmill_asl::model::{
    Catcher, Data, Dynamic, ErrorHandling, Fail, Jitter, Retrier, State, StateKind, Transition,
};

use crate::decide::{Deciding, Step};
use crate::effect::Effect;
use crate::failure::{Evaluation, Failure, Origin, QUERY_EVALUATION, RUNTIME, Raised, TIMEOUT};
use crate::payload::Payload;
use crate::record::{EventId, Fact, Reason, ThreadId};
use crate::state::Leaving;
use crate::thread::{Doing, Place};

/// Retries of a retrier that does not say (Developer Guide, "Handling errors").
const MAX_ATTEMPTS: u64 = 3;
/// `BackoffRate` of a retrier that does not say.
const BACKOFF_RATE: f64 = 2.0;

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

    fn fail_execution(&mut self, thread: ThreadId, previous: EventId, detail: &str) -> Step {
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

    fn evaluation_failed(
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
            let retries = visit
                .retries
                .get(index as usize)
                .copied()
                .unwrap_or_default();
            if u64::from(retries) < retrier.max_attempts.unwrap_or(MAX_ATTEMPTS) {
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
            Some((catcher, index)) => self.catch(thread, before, previous, catcher, index, &raised),
            None => self.pass_on(thread, previous, raised),
        }
    }

    /// Writes the failure event of a Parallel or Map state; gives what the next event follows.
    fn emit_failed(&mut self, thread: ThreadId, state: &State, previous: EventId) -> Step<EventId> {
        match state.kind {
            StateKind::Parallel(_) => self.emit(thread, previous, Fact::ParallelFailed),
            StateKind::Map(_) => self.emit(thread, previous, Fact::MapFailed),
            _ => Ok(previous),
        }
    }

    /// When the next attempt is due.
    fn retry_at(&self, retrier: &Retrier, retries: u32) -> Timestamp {
        #[allow(clippy::cast_precision_loss)] // seconds are far below 2⁵³
        let interval = retrier.interval_seconds.unwrap_or(1) as f64;
        let rate = retrier.backoff_rate.unwrap_or(BACKOFF_RATE);
        let mut delay = interval * rate.powi(i32::try_from(retries).unwrap_or(i32::MAX));
        #[allow(clippy::cast_precision_loss)]
        if let Some(longest) = retrier.max_delay_seconds {
            delay = delay.min(longest as f64);
        }
        if retrier.jitter == Some(Jitter::Full) {
            delay *= self.world.random.unit();
        }
        SignedDuration::try_from_secs_f64(delay)
            .ok()
            .and_then(|delay| self.world.now.checked_add(delay).ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// Leaves by a catcher, after the event `previous`, which itself follows `before` if the state
    /// has a failure event of its own.
    fn catch(
        &mut self,
        thread: ThreadId,
        before: EventId,
        previous: EventId,
        catcher: &Catcher,
        index: u32,
        raised: &Raised,
    ) -> Step {
        match self.caught(thread, catcher, index, raised) {
            Ok(Leaving { output, assigned }) => {
                let Some(visit) = self.execution.visit(thread) else {
                    return Ok(());
                };
                let state = visit.state;
                let to = Transition::Next(catcher.next);
                self.emit(
                    thread,
                    previous,
                    Fact::StateExited {
                        state,
                        output,
                        assigned,
                        to,
                    },
                )?;
                Ok(())
            }
            Err(Failure::Runtime(detail)) => self.fail_execution(thread, previous, &detail),
            Err(Failure::Evaluation(evaluation)) => {
                // A catcher's own failure is not caught again (observed on AWS).
                let raised = self.evaluation_failed(thread, before, evaluation)?;
                let previous = self.last_event(thread);
                let machine = self.machine;
                let Some(visit) = self.execution.visit(thread) else {
                    return Ok(());
                };
                let previous = self.emit_failed(thread, machine.state(visit.state), previous)?;
                self.pass_on(thread, previous, raised)
            }
            Err(Failure::Raised(raised)) => self.pass_on(thread, previous, raised),
        }
    }

    fn caught(
        &self,
        thread: ThreadId,
        catcher: &Catcher,
        index: u32,
        raised: &Raised,
    ) -> Result<Leaving, Failure> {
        let error_output = error_output(raised);
        let place = format!("Catch[{index}]/");
        let raw = self.scope(thread);
        let scope = raw.with_error_output(&error_output);
        let scope = scope.within(&place);
        let assigned = self.assign(&scope, catcher.assign.as_ref(), thread)?;
        let output = match (&scope.state().data, &catcher.output) {
            (Data::JsonPath(_), _) => raw.put(&catcher.result_path, error_output.clone())?,
            (Data::Jsonata(_), Some(output)) => Payload::from(scope.template(output, "Output")?),
            (Data::Jsonata(_), None) => error_output.clone(),
        };
        self.fits(&output, &scope.state().name)?;
        Ok(Leaving { output, assigned })
    }

    /// Nothing handles the error in this state: it fails the execution, or the state around.
    fn pass_on(&mut self, thread: ThreadId, previous: EventId, raised: Raised) -> Step {
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

    /// Aborts what a Parallel or Map state has running, but for the branch that `failed`.
    fn abort_children(&mut self, thread: ThreadId, failed: Option<ThreadId>) -> Step {
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
    fn abort(&mut self, thread: ThreadId, failed: bool) -> Step {
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

    pub(crate) fn fail_state(&mut self, thread: ThreadId, state: &State, fail: &Fail) -> Step {
        match self.reason_of(thread, state, fail) {
            Ok(reason) => {
                let previous = self.last_event(thread);
                self.raise(
                    thread,
                    previous,
                    Raised {
                        reason,
                        origin: Origin::Other,
                    },
                )
            }
            Err(failure) => self.fail(thread, failure),
        }
    }

    fn reason_of(&self, thread: ThreadId, state: &State, fail: &Fail) -> Result<Reason, Failure> {
        let scope = self.scope(thread);
        let input = match &state.data {
            Data::JsonPath(data) => scope.effective_input(data)?,
            Data::Jsonata(_) => scope.raw_input().compact(),
        };
        let scope = scope.on(&input);
        let text = |field: &Option<Dynamic<String>>, name: &str| {
            let text = match field {
                None => return Ok(None),
                Some(Dynamic::Literal(text)) => text.clone(),
                Some(Dynamic::Query(query)) => {
                    let name = format!("{name}Path");
                    let value = match query {
                        stepmill_asl::intrinsic::Expression::Path(path) => scope
                            .select(path)
                            .map(stepmill_asl::jsonpath::Selected::into_owned)
                            .map_err(|_| scope.not_found(path.text(), &name))?,
                        stepmill_asl::intrinsic::Expression::Intrinsic(_) => {
                            scope.query(query).map_err(Failure::Runtime)?
                        }
                    };
                    match value {
                        Value::String(text) => text,
                        other => {
                            return Err(Failure::Runtime(format!(
                                "The {name} field refers to value \"{other}\" which is not a \
                                 string: {}",
                                query.text()
                            )));
                        }
                    }
                }
                Some(Dynamic::Expression(expression)) => scope.text(expression, name)?,
            };
            Ok(Some(text.into()))
        };
        Ok(Reason {
            error: text(&fail.error, "Error")?,
            cause: text(&fail.cause, "Cause")?,
        })
    }
}

/// The error output that a catcher sees. A timeout has an empty cause there (observed on AWS).
fn error_output(raised: &Raised) -> Payload {
    let mut object = Map::new();
    if let Some(error) = &raised.reason.error {
        object.insert("Error".to_owned(), Value::String(error.to_string()));
    }
    let timed_out = raised.reason.error.as_deref() == Some(TIMEOUT);
    match &raised.reason.cause {
        Some(cause) => object.insert("Cause".to_owned(), Value::String(cause.to_string())),
        None if timed_out => object.insert("Cause".to_owned(), Value::String(String::new())),
        None => None,
    };
    Payload::from(Value::Object(object))
}
