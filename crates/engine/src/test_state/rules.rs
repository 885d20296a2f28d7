//! What may be tested how.

use stepmill_asl::model::{IntegrationPattern, Resource, StateKind};

use super::definition::Tested;
use super::request::{Configuration, Mock, TestStateRequest};
use crate::error::{Code, Error};

/// Checks what does not depend on the definition.
pub(super) fn of_request(request: &TestStateRequest) -> Result<(), Error> {
    match &request.mock {
        Some(mock) => of_mock(mock, request.reveal_secrets),
        None => without_mock(request),
    }
}

fn of_mock(mock: &Mock, reveal_secrets: bool) -> Result<(), Error> {
    if mock.result.is_some() == mock.error_output.is_some() {
        return Err(Error::validation(
            "A test mock should have only one of the following fields: [result, errorOutput].",
        ));
    }
    if reveal_secrets {
        return Err(Error::validation(
            "TestState does not support RevealSecrets when a mock is specified.",
        ));
    }
    Ok(())
}

/// `MapIterationFailureCount` was observed on AWS; the others are worded like it.
fn without_mock(request: &TestStateRequest) -> Result<(), Error> {
    let none = Configuration::default();
    let Configuration {
        retrier_retry_count,
        error_caused_by_state,
        map_iteration_failure_count,
        map_item_reader_data,
    } = request.state_configuration.as_ref().unwrap_or(&none);
    for (given, name) in [
        (request.context.is_some(), "Context"),
        (
            map_iteration_failure_count.is_some(),
            "MapIterationFailureCount",
        ),
        (retrier_retry_count.is_some(), "RetrierRetryCount"),
        (error_caused_by_state.is_some(), "ErrorCausedByState"),
        (map_item_reader_data.is_some(), "MapItemReaderData"),
    ] {
        if given {
            return Err(Error::validation(format!(
                "TestState does not support {name} when a mock is not specified."
            )));
        }
    }
    Ok(())
}

/// Checks what depends on the state.
pub(super) fn of_state(request: &TestStateRequest, tested: &Tested) -> Result<(), Error> {
    let kind = &tested.state().kind;
    if request.mock.is_none() {
        return needs_no_mock(kind, request.role_arn.is_some());
    }
    if !matches!(
        kind,
        StateKind::Task(_) | StateKind::Map(_) | StateKind::Parallel(_)
    ) {
        return Err(Error::validation(format!(
            "State type '{}' is not supported when a mock is specified",
            kind.type_name()
        )));
    }
    match &request.state_configuration {
        Some(configuration) => of_configuration(configuration, tested),
        None => Ok(()),
    }
}

fn needs_no_mock(kind: &StateKind, has_role: bool) -> Result<(), Error> {
    let unsupported = |message: &str| Err(Error::new(Code::InvalidDefinition, message));
    let task = match kind {
        StateKind::Map(_) | StateKind::Parallel(_) => {
            return unsupported(
                "TestState API does not support Map or Parallel states. Supported state types \
                 include: [Task, Wait, Pass, Succeed, Fail, Choice]",
            );
        }
        StateKind::Task(task) => task,
        _ => return Ok(()),
    };
    match &task.resource {
        Resource::Activity(_) => {
            return unsupported("TestState API does not support Activity tasks without a mock.");
        }
        Resource::Service(service) if service.pattern != IntegrationPattern::RequestResponse => {
            return unsupported(&format!(
                "TestState API does not support the '{}' service integration pattern without a \
                 mock.",
                service.pattern.suffix()
            ));
        }
        Resource::Service(_) | Resource::Lambda(_) => {}
    }
    if !has_role {
        return Err(Error::validation(
            "RoleArn must be specified when testing a Task state",
        ));
    }
    Ok(())
}

fn of_configuration(configuration: &Configuration, tested: &Tested) -> Result<(), Error> {
    let kind = &tested.state().kind;
    if let Some(name) = &configuration.error_caused_by_state {
        if !matches!(kind, StateKind::Map(_) | StateKind::Parallel(_)) {
            return Err(Error::validation(
                "TestState supports ErrorCausedByState only for Map and Parallel states.",
            ));
        }
        if !tested.holds(name) {
            return Err(Error::validation("State not found in definition"));
        }
    }
    if configuration.map_iteration_failure_count.is_some() && !matches!(kind, StateKind::Map(_)) {
        return Err(Error::validation(
            "TestState supports MapIterationFailureCount only for Map states.",
        ));
    }
    Ok(())
}
