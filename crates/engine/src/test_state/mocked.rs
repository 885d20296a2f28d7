//! What a mock says that a state's task, branches or iterations come to.

use serde_json::Value;
use stepmill_asl::model::{Resource, StateKind};
use stepmill_interpreter::{Inside, Payload, Reason, Stage};

use super::definition::Tested;
use super::request::{MockErrorOutput, TestStateRequest};
use super::schema;
use crate::error::Error;

/// A result or an error.
pub(super) type Outcome = Result<Payload, Reason>;

/// What a mock says, as one value.
fn outcome(request: &TestStateRequest) -> Result<Option<Outcome>, Error> {
    let Some(mock) = &request.mock else {
        return Ok(None);
    };
    if let Some(MockErrorOutput { error, cause }) = &mock.error_output {
        return Ok(Some(Err(Reason {
            error: error.as_deref().map(Into::into),
            cause: cause.as_deref().map(Into::into),
        })));
    }
    let text = mock.result.as_deref().unwrap_or_default();
    let result =
        super::payload(text).map_err(|_| Error::validation("Mocked result must be valid JSON"))?;
    Ok(Some(Ok(result)))
}

/// What a Task state's task comes to.
pub(super) fn task(request: &TestStateRequest, tested: &Tested) -> Result<Option<Outcome>, Error> {
    let StateKind::Task(task) = &tested.state().kind else {
        return Ok(None);
    };
    let outcome = outcome(request)?;
    if let (Some(Ok(result)), Some(mock), Resource::Service(service)) =
        (&outcome, &request.mock, &task.resource)
    {
        schema::check(service, result.value(), mock.field_validation_mode)?;
    }
    Ok(outcome)
}

/// What a Parallel state's branches or a Map state's iterations come to.
pub(super) fn inside(request: &TestStateRequest, tested: &Tested) -> Result<Option<Inside>, Error> {
    if !matches!(
        tested.state().kind,
        StateKind::Parallel(_) | StateKind::Map(_)
    ) {
        return Ok(None);
    }
    let Some(outcome) = outcome(request)? else {
        return Ok(None);
    };
    if let Ok(result) = &outcome {
        result_fits(result.value(), tested)?;
    }
    let configuration = request.state_configuration.as_ref();
    Ok(Some(Inside {
        outcome,
        failures: configuration.and_then(|c| c.map_iteration_failure_count),
    }))
}

fn result_fits(result: &Value, tested: &Tested) -> Result<(), Error> {
    let writes = tested
        .distributed()
        .is_some_and(|distributed| distributed.result_writer.is_some());
    match (&tested.state().kind, result) {
        (StateKind::Map(_), Value::Object(_)) if writes => Ok(()),
        (StateKind::Map(_), _) if writes => {
            Err(Error::validation("Mocked result must be a JSON object."))
        }
        (StateKind::Map(_), Value::Array(_)) => Ok(()),
        (StateKind::Parallel(parallel), Value::Array(results)) => {
            if results.len() == parallel.branches.len() {
                return Ok(());
            }
            Err(Error::validation(
                "Mocked result must contain the same number of items as number of Parallel \
                 branches.",
            ))
        }
        _ => Err(Error::validation("Mocked result must be an array.")),
    }
}

/// No more iterations of a Map state may have failed than it has.
pub(super) fn enough_iterations(failures: Option<u64>, seen: &[Stage]) -> Result<(), Error> {
    let iterations = seen.iter().find_map(|stage| match stage {
        Stage::Iterations(iterations) => Some(*iterations),
        _ => None,
    });
    if let (Some(failures), Some(iterations)) = (failures, iterations)
        && failures > iterations
    {
        return Err(Error::validation(
            "Map iteration failure count must be less than or equal to the number of Map \
             iterations",
        ));
    }
    Ok(())
}
