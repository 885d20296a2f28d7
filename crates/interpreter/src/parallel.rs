//! Parallel states.

use serde_json::Value;
use stepmill_asl::model::{Data, State};

use crate::decide::{Deciding, Step};
use crate::failure::Failure;
use crate::payload::Payload;
use crate::record::{Fact, ThreadId};
use crate::thread::{Doing, Place};

impl Deciding<'_> {
    pub(crate) fn fork(&mut self, thread: ThreadId, state: &State) -> Step {
        let input = self.branch_input(thread, state).and_then(|input| {
            self.fits(&input, &state.name)?;
            Ok(input)
        });
        let input = match input {
            Ok(input) => input,
            Err(failure) => return self.fail(thread, failure),
        };
        let Some(visit) = self.execution.visit(thread) else {
            return Ok(());
        };
        let id = visit.state;
        self.emit_next(thread, Fact::ParallelStarted { state: id, input })?;
        match self.inside().map(|inside| inside.outcome.clone()) {
            None => Ok(()),
            Some(Ok(result)) => {
                let succeeded = self.emit_next(thread, Fact::ParallelSucceeded)?;
                self.leave_with_result(thread, state, succeeded, &result)
            }
            Some(Err(reason)) => self.fail(thread, Failure::Raised(reason.into())),
        }
    }

    fn branch_input(&self, thread: ThreadId, state: &State) -> Result<Payload, Failure> {
        let scope = self.scope(thread);
        match &state.data {
            Data::JsonPath(data) => {
                let input = scope.effective_input(data)?;
                match &data.parameters {
                    Some(parameters) => Ok(Payload::from(
                        scope.on(&input).template(parameters, "Parameters")?,
                    )),
                    None => Ok(input),
                }
            }
            Data::Jsonata(data) => match &data.arguments {
                Some(arguments) => Ok(Payload::from(scope.template(arguments, "Arguments")?)),
                None => Ok(scope.raw_input().compact()),
            },
        }
    }

    /// A branch has reached its end; the state goes on once all have.
    pub(crate) fn branch_done(&mut self, thread: ThreadId) -> Step {
        let machine = self.machine;
        let Some(visit) = self.execution.visit(thread) else {
            return Ok(());
        };
        let Doing::Parallel { branches } = &visit.doing else {
            return Ok(());
        };
        let state = machine.state(visit.state);
        let mut outputs = Vec::with_capacity(branches.len());
        for branch in branches {
            match self.execution.thread(*branch).map(|branch| &branch.place) {
                Some(Place::Done { output }) => outputs.push(output.value().clone()),
                _ => return Ok(()),
            }
        }
        let succeeded = self.emit_next(thread, Fact::ParallelSucceeded)?;
        let result = Payload::from(Value::Array(outputs));
        self.leave_with_result(thread, state, succeeded, &result)
    }
}
