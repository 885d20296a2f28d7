//! From a task that is wanted to a call, and from what came of the call to what happened.

use std::sync::Arc;

use stepmill_integrations::{Call, Outcome};
use stepmill_interpreter::{EventId, Happened, Identity, Payload, Reason, TaskOrder};

/// The call that a task of an execution is.
pub(crate) fn call(identity: &Identity, order: &TaskOrder) -> Call {
    Call {
        execution_arn: identity.execution_arn.clone(),
        state_machine: identity.state_machine_name.clone(),
        state: order.state.to_string(),
        attempt: order.retry_count,
        resource: order.resource.clone(),
        input: order.input.text().to_owned(),
        role_arn: order.role_arn.as_ref().map(ToString::to_string),
        token: order.token.as_ref().map(ToString::to_string),
    }
}

/// What happened to an execution whose task came to this.
pub(crate) fn happened(task: EventId, outcome: Outcome) -> Happened {
    match outcome {
        Outcome::Succeeded(output) => match Payload::from_text(&output) {
            Ok(output) => Happened::TaskSucceeded { task, output },
            Err(error) => Happened::TaskImpossible {
                task,
                detail: error.to_string(),
            },
        },
        Outcome::Failed { error, cause } => Happened::TaskFailed {
            task,
            reason: Reason {
                error: error.map(Arc::from),
                cause: cause.map(Arc::from),
            },
        },
        Outcome::Impossible(detail) => Happened::TaskImpossible { task, detail },
    }
}
