//! What all states have in common: beginning an attempt, and leaving with an output.

use std::sync::Arc;

use stepmill_asl::model::{Data, JsonPathData, State, StateKind, Transition};
use stepmill_asl::template::Template;

use crate::decide::{Deciding, Step};
use crate::failure::{DATA_LIMIT_EXCEEDED, Failure, Raised};
use crate::payload::Payload;
use crate::probe::Stage;
use crate::record::{EventId, Fact, ThreadId};
use crate::template::Scope;

/// What a state gives on leaving.
pub(crate) struct Leaving {
    pub(crate) output: Payload,
    pub(crate) assigned: Vec<(Arc<str>, Payload)>,
}

impl Deciding<'_> {
    /// The state that a thread is in.
    ///
    /// # Panics
    /// If the thread is not in a state: callers have just seen that it is.
    pub(crate) fn state_of(&self, thread: ThreadId) -> Option<&'_ State> {
        Some(self.machine.state(self.execution.visit(thread)?.state))
    }

    /// Begins an attempt at the state that the thread is in.
    pub(crate) fn attempt(&mut self, thread: ThreadId) -> Step {
        let machine = self.machine;
        let Some(visit) = self.execution.visit(thread) else {
            return Ok(());
        };
        let state = machine.state(visit.state);
        let outcome = match &state.kind {
            StateKind::Pass { result } => self.pass(thread, state, result.as_ref()),
            StateKind::Succeed => self.succeed(thread, state),
            StateKind::Choice(choice) => return self.choose(thread, state, choice),
            StateKind::Wait(wait) => return self.wait(thread, state, wait),
            StateKind::Fail(fail) => return self.fail_state(thread, state, fail),
            StateKind::Task(task) => return self.run_task(thread, state, task),
            StateKind::Parallel(_) => return self.fork(thread, state),
            StateKind::Map(map) => return self.map(thread, state, map),
        };
        match outcome {
            Ok(leaving) => {
                let to = state.transition.unwrap_or(Transition::End);
                self.leave(thread, leaving, to)
            }
            Err(failure) => self.fail(thread, failure),
        }
    }

    fn pass(
        &self,
        thread: ThreadId,
        state: &State,
        result: Option<&serde_json::Value>,
    ) -> Result<Leaving, Failure> {
        let scope = self.scope(thread);
        match &state.data {
            Data::JsonPath(data) => {
                let input = scope.effective_input(data)?;
                let result = if let Some(result) = result {
                    let result = Payload::from(result.clone());
                    self.show(|| Stage::Result(result.clone()));
                    result
                } else {
                    self.show(|| Stage::AfterInputPath(input.clone()));
                    let parameters = match &data.parameters {
                        Some(parameters) => {
                            Payload::from(scope.on(&input).template(parameters, "Parameters")?)
                        }
                        None => input,
                    };
                    self.show(|| Stage::AfterParameters(parameters.clone()));
                    parameters
                };
                let assigned = self.assign(&scope.on(&result), state.assign.as_ref(), thread)?;
                let output = self.place_result(&scope, data, result)?;
                Ok(Leaving { output, assigned })
            }
            Data::Jsonata(data) => {
                let assigned = self.assign(&scope, state.assign.as_ref(), thread)?;
                let output = match &data.output {
                    Some(output) => Payload::from(scope.template(output, "Output")?),
                    None => scope.raw_input().compact(),
                };
                Ok(Leaving { output, assigned })
            }
        }
    }

    fn succeed(&self, thread: ThreadId, state: &State) -> Result<Leaving, Failure> {
        let scope = self.scope(thread);
        let output = match &state.data {
            Data::JsonPath(data) => {
                let input = scope.effective_input(data)?;
                self.show(|| Stage::AfterInputPath(input.clone()));
                scope.output_path(data, input)?
            }
            Data::Jsonata(data) => match &data.output {
                Some(output) => Payload::from(scope.template(output, "Output")?),
                None => scope.raw_input().compact(),
            },
        };
        Ok(Leaving {
            output,
            assigned: Vec::new(),
        })
    }

    /// What a Task, Parallel or Map state gives for its result.
    pub(crate) fn with_result(
        &self,
        thread: ThreadId,
        state: &State,
        result: &Payload,
    ) -> Result<Leaving, Failure> {
        let scope = self.scope(thread);
        match &state.data {
            Data::JsonPath(data) => {
                let on_result = scope.on(result);
                let assigned = self.assign(&on_result, state.assign.as_ref(), thread)?;
                let selected = match &data.result_selector {
                    Some(selector) => {
                        Payload::from(on_result.template(selector, "ResultSelector")?)
                    }
                    None => result.compact(),
                };
                let output = self.place_result(&scope, data, selected)?;
                Ok(Leaving { output, assigned })
            }
            Data::Jsonata(data) => {
                let scope = scope.with_result(result);
                let assigned = self.assign(&scope, state.assign.as_ref(), thread)?;
                let output = match &data.output {
                    Some(output) => Payload::from(scope.template(output, "Output")?),
                    None => result.compact(),
                };
                Ok(Leaving { output, assigned })
            }
        }
    }

    /// `ResultPath`, then `OutputPath`.
    fn place_result(
        &self,
        scope: &Scope<'_>,
        data: &JsonPathData,
        result: Payload,
    ) -> Result<Payload, Failure> {
        self.show(|| Stage::AfterResultSelector(result.clone()));
        let placed = scope.result_path(data, result)?;
        self.show(|| Stage::AfterResultPath(placed.clone()));
        scope.output_path(data, placed)
    }

    /// Evaluates an `Assign`.
    pub(crate) fn assign(
        &self,
        scope: &Scope<'_>,
        assign: Option<&Template>,
        thread: ThreadId,
    ) -> Result<Vec<(Arc<str>, Payload)>, Failure> {
        let Some(assign) = assign else {
            return Ok(Vec::new());
        };
        let assigned: Vec<(Arc<str>, Payload)> = match scope.template(assign, "Assign")? {
            serde_json::Value::Object(object) => object
                .into_iter()
                .map(|(name, value)| (Arc::from(name), Payload::from(value)))
                .collect(),
            other => {
                return Err(Failure::Runtime(format!(
                    "Assign must be an object but was: {other}"
                )));
            }
        };
        let name = self.state_of(thread).map_or("", |state| &state.name);
        for (_, value) in &assigned {
            self.fits(value, name)?;
        }
        let bytes: usize = assigned.iter().map(|(_, value)| value.text().len()).sum();
        let all = if assigned.is_empty() {
            0
        } else {
            let replaced = self.execution.replaced_bytes(thread, &assigned);
            bytes + self.execution.variables_bytes() - replaced
        };
        if bytes > self.limits.assign_bytes || all > self.limits.variables_bytes {
            return Err(data_limit(name).into());
        }
        Ok(assigned)
    }

    /// Leaves the state with an output; the workflow ends if that is where it leads.
    pub(crate) fn leave(&mut self, thread: ThreadId, leaving: Leaving, to: Transition) -> Step {
        let previous = self.last_event(thread);
        self.leave_at(thread, previous, leaving, to)
    }

    /// Leaves a Parallel or Map state with its result, after its success.
    pub(crate) fn leave_with_result(
        &mut self,
        thread: ThreadId,
        state: &State,
        succeeded: EventId,
        result: &Payload,
    ) -> Step {
        match self.with_result(thread, state, result) {
            Ok(leaving) => {
                let to = state.transition.unwrap_or(Transition::End);
                self.leave_at(thread, succeeded, leaving, to)
            }
            Err(failure) => self.fail_at(thread, succeeded, failure),
        }
    }

    /// Leaves the state; if its output is too large, it fails after the event `previous`.
    fn leave_at(
        &mut self,
        thread: ThreadId,
        previous: EventId,
        leaving: Leaving,
        to: Transition,
    ) -> Step {
        let Leaving { output, assigned } = leaving;
        let Some(visit) = self.execution.visit(thread) else {
            return Ok(());
        };
        let state = visit.state;
        // What came in was within the limits already.
        if !output.is(&visit.input)
            && let Err(failure) = self.fits(&output, &self.machine.state(state).name)
        {
            return self.fail_at(thread, previous, failure);
        }
        let exited = Fact::StateExited {
            state,
            output: output.clone(),
            assigned,
            to,
        };
        self.emit_next(thread, exited)?;
        match to {
            Transition::Next(_) => Ok(()),
            Transition::End => self.workflow_done(thread, output),
        }
    }

    fn workflow_done(&mut self, thread: ThreadId, output: Payload) -> Step {
        match self
            .execution
            .thread(thread)
            .and_then(|thread| thread.parent)
        {
            None => self.end(thread, Fact::ExecutionSucceeded { output }),
            Some((parent, index)) => match self.state_of(parent).map(|state| &state.kind) {
                Some(StateKind::Map(_)) => self.iteration_done(parent, index, thread),
                _ => self.branch_done(parent),
            },
        }
    }
}

impl Deciding<'_> {
    /// Whether a payload that the state `name` made is within the limits.
    pub(crate) fn fits(&self, payload: &Payload, name: &str) -> Result<(), Failure> {
        self.nests(payload, name)?;
        if payload.text().len() > self.limits.payload_bytes {
            return Err(data_limit(name).into());
        }
        Ok(())
    }

    /// Whether a payload of the state `name` can be read again once it is kept as text.
    pub(crate) fn nests(&self, payload: &Payload, name: &str) -> Result<(), Failure> {
        let levels = self.limits.payload_depth;
        if payload.is_deeper_than(levels) {
            return Err(Failure::Runtime(format!(
                "The state '{name}' made JSON of more than {levels} levels of arrays and objects."
            )));
        }
        Ok(())
    }
}

/// A result or output that is too large.
pub(crate) fn data_limit(name: &str) -> Raised {
    Raised::new(
        DATA_LIMIT_EXCEEDED,
        format!(
            "The state/task '{name}' returned a result with a size exceeding the maximum number \
             of bytes service limit."
        ),
    )
}
