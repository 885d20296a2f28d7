//! Calls that brought no result.

use stepmill_aws_client::{CallError, CredentialError, ParameterError, Problem, ServiceError};
use uuid::Uuid;

use super::action::{Action, Kind};
use crate::call::{Call, Outcome};
use crate::failure::Failure;

/// What comes of a call that has failed.
pub(super) fn outcome(action: &Action, call: &Call, error: &CallError) -> Outcome {
    match error {
        CallError::Service(error) => service(&action.integration, error),
        CallError::Parameter(error) => call.unusable(&reason(error)),
        CallError::Credentials { source, .. } => {
            credentials(&sdk_client(action), call, error, source)
        }
        CallError::Transport { source, .. } => {
            let cause = format!("Unable to execute HTTP request: {source}");
            client_side(action, cause)
        }
        CallError::Malformed { .. } => client_side(action, error.to_string()),
        CallError::UnknownService { .. }
        | CallError::UnknownOperation { .. }
        | CallError::EventStream { .. }
        | CallError::Endpoint { .. }
        | CallError::NoRegion { .. }
        | CallError::Signature { .. }
        | CallError::NoToken { .. }
        | CallError::Unsigned { .. } => Outcome::Impossible(format!("{}: {error}", call.resource)),
    }
}

/// What comes of a request that is no API action and could not be signed; `client_side` is the name
/// of errors on this side of the connection.
pub(crate) fn unsigned(client_side: &str, call: &Call, error: &CallError) -> Outcome {
    match error {
        CallError::Credentials { source, .. } => credentials(client_side, call, error, source),
        error => Outcome::Impossible(format!("{}: {error}", call.resource)),
    }
}

/// An error on this side of the connection.
pub(super) fn client_side(action: &Action, cause: String) -> Outcome {
    Outcome::failed(sdk_client(action), cause)
}

fn sdk_client(action: &Action) -> String {
    format!("{}.SdkClientException", action.integration.prefix())
}

fn service(integration: &Kind, error: &ServiceError) -> Outcome {
    let id = || Uuid::new_v4().to_string();
    let request_id = error.request_id.clone().unwrap_or_else(id);
    let failure = Failure {
        code: &error.code,
        name: error.name.as_deref(),
        message: &error.message,
        status: error.status,
        request_id: &request_id,
        extended_request_id: error.extended_request_id.as_deref(),
        attempts: error.attempts,
    };
    match integration {
        Kind::Sdk(service) => failure.of_sdk(service),
        Kind::Optimised { errors, .. } => failure.of_optimised(errors),
    }
}

/// What is wrong with the parameters, in AWS's words (observed).
fn reason(error: &ParameterError) -> String {
    let last = error.path.rsplit('.').next().unwrap_or_default();
    let field = last.split('[').next().unwrap_or_default();
    match &error.problem {
        Problem::Unknown { .. } => {
            format!("The field \"{field}\" is not supported by Step Functions")
        }
        Problem::Missing => format!("The field \"{field}\" is required but was missing"),
        Problem::Type { .. }
        | Problem::NotWhole
        | Problem::NotBase64
        | Problem::NotATime
        | Problem::NotALabel
        | Problem::NotAHeader
        | Problem::Union { .. } => {
            format!("The value of the field '{field}' has an invalid format")
        }
        Problem::NoChecksum | Problem::Deep | Problem::EventStream => error.to_string(),
    }
}

fn credentials(
    client_side: &str,
    call: &Call,
    error: &CallError,
    source: &CredentialError,
) -> Outcome {
    let refused = match first(source) {
        CredentialError::Role { role, source } => match &**source {
            CallError::Service(error) => Some((role, error)),
            _ => None,
        },
        _ => None,
    };
    match (refused, first(source)) {
        (Some((role, _)), _) if Some(role) == call.role_arn.as_ref() => Outcome::failed(
            "States.TaskFailed",
            format!(
                "The role {} is not authorized to assume the task state's role, {role}.",
                call.execution_role_arn
            ),
        ),
        (Some((role, error)), _) if *role == call.execution_role_arn => Outcome::failed(
            "States.TaskFailed",
            format!("The state machine's role {role} cannot be assumed: {error}"),
        ),
        (
            _,
            CredentialError::Transport { .. }
            | CredentialError::Status { .. }
            | CredentialError::Role { .. },
        ) => Outcome::failed(client_side, error.to_string()),
        _ => Outcome::Impossible(format!(
            "{error}; or mock the state '{}' (--mock FILE --test-case NAME).",
            call.state
        )),
    }
}

/// What went wrong first, where roles are assumed one after the other.
fn first(error: &CredentialError) -> &CredentialError {
    match error {
        CredentialError::Role { source, .. } => match &**source {
            CallError::Credentials { source, .. } => first(source),
            _ => error,
        },
        _ => error,
    }
}
