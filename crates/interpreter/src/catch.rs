//! Leaving a failed state by a catcher.

use serde_json::{Map, Value};
use stepmill_asl::model::{Catcher, Data, Transition};

use crate::decide::{Deciding, Step};
use crate::failure::{Failure, Raised, TIMEOUT};
use crate::payload::Payload;
use crate::record::{EventId, Fact, ThreadId};
use crate::state::Leaving;

impl Deciding<'_> {
    /// Leaves by a catcher, after the event `previous`, which itself follows `before` if the state
    /// has a failure event of its own.
    pub(crate) fn catch(
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
