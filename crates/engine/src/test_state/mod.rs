//! TestState: one state, run as an execution would run it.
//!
//! There is no second implementation of a state here. The definition is read by the one parser, the
//! state is decided by the one interpreter; a [`Probe`] takes down what its data went through. What
//! is here are TestState's rules on what may be asked, and its answer.
//!
//! Sources: Step Functions API Reference, "TestState"; Developer Guide, "Testing state machines with
//! TestState API"; and above both, what was observed on AWS.

mod context;
mod definition;
mod mocked;
mod reader;
mod request;
mod result;
mod rules;
mod run;
mod schema;
mod spaced;

pub use request::{
    Configuration, FieldValidationMode, InspectionLevel, Mock, MockErrorOutput, TestStateRequest,
};
pub use result::{ErrorDetails, InspectionData, TestStateResult, TestStatus};
pub use spaced::spaced_json;

use serde_json::Value;
use stepmill_interpreter::{Payload, Probe};

use crate::caller::Caller;
use crate::clock::Clock;
use crate::engine::Engine;
use crate::error::Error;
use crate::input::execution_input;
use crate::machines::definition::LONG;
use crate::tasks::Tasks;
use crate::world::Surroundings;

use definition::Tested;
use run::Run;

impl Engine {
    /// Runs one state, which is part of no execution. Errors as of [`test_state()`].
    pub async fn test_state(
        &self,
        caller: &Caller,
        request: &TestStateRequest,
    ) -> Result<TestStateResult, Error> {
        let Surroundings { tasks, clock, .. } = &*self.core.surroundings;
        test_state(request, caller, &**tasks, clock).await
    }
}

/// Runs one state; what it calls is asked of `tasks`.
///
/// A state that fails is no error: the result says how it failed. Errors are what cannot be tested:
/// `ValidationException`, `InvalidDefinition`, `InvalidExecutionInput`.
pub async fn test_state(
    request: &TestStateRequest,
    caller: &Caller,
    tasks: &dyn Tasks,
    clock: &Clock,
) -> Result<TestStateResult, Error> {
    rules::of_request(request)?;
    let tested = read(request).await?;
    rules::of_state(request, &tested)?;
    let input = execution_input(request.input.as_deref())?;
    let variables = variables(request.variables.as_deref())?;
    let configuration = request.state_configuration.clone().unwrap_or_default();
    let read = match &configuration.map_item_reader_data {
        Some(data) => Some(reader::items(tested.item_reader()?, data)?),
        None => None,
    };
    let probe = Probe::new(stepmill_interpreter::Surroundings {
        context: context::given(request, &tested)?,
        retries: configuration.retrier_retry_count,
        inside: mocked::inside(request, &tested)?,
        items: read.as_ref().map(|read| read.items.clone()),
        item: tested.is_in_map().then(|| input.clone()),
    });
    let answer = mocked::task(request, &tested)?;
    let run = Run::new(&tested, probe, caller, request.role_arn.as_deref());
    let mut ended = run.finish(input, &variables, answer, tasks, clock).await?;
    ended.items_pointer = read.and_then(|read| read.after_pointer);
    mocked::enough_iterations(configuration.map_iteration_failure_count, &ended.seen)?;
    Ok(result::of(&ended, &tested, request.inspection_level))
}

/// Reads the definition; a long one on a thread where that holds nobody up.
async fn read(request: &TestStateRequest) -> Result<Tested, Error> {
    let (definition, name) = (request.definition.clone(), request.state_name.clone());
    if definition.len() <= LONG {
        return Tested::new(&definition, name.as_deref());
    }
    tokio::task::spawn_blocking(move || Tested::new(&definition, name.as_deref()))
        .await
        .map_err(|error| Error::internal(format!("reading a definition: {error}")))?
}

/// JSON that is sent as text.
fn payload(text: &str) -> Result<Payload, String> {
    Payload::from_text(text).map_err(|error| error.to_string())
}

/// The variables that the state sees.
fn variables(text: Option<&str>) -> Result<Vec<(std::sync::Arc<str>, Payload)>, Error> {
    let Some(text) = text else {
        return Ok(Vec::new());
    };
    match serde_json::from_str(text) {
        Ok(Value::Object(variables)) => Ok(variables
            .into_iter()
            .map(|(name, value)| (name.into(), Payload::from(value)))
            .collect()),
        Ok(_) => Err(Error::validation("Variables must be a JSON object.")),
        Err(error) => Err(Error::validation(format!(
            "Variables must be valid JSON: {error}"
        ))),
    }
}
