//! `ValidateStateMachineDefinition`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use stepmill_asl::Severity;
use stepmill_asl::model::StateMachineType;
use stepmill_engine::validate_definition;

use super::state_machines::MachineType;
use super::write;
use crate::protocol::Failure;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ValidateInput {
    definition: String,
    r#type: Option<MachineType>,
    severity: Option<Level>,
    max_results: Option<usize>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Level {
    Error,
    Warning,
}

#[derive(Serialize)]
struct Validated<'a> {
    result: &'static str,
    diagnostics: Vec<Diagnostic<'a>>,
    truncated: bool,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
}

pub(super) async fn validate(request: ValidateInput) -> Result<Bytes, Failure> {
    let machine_type = request
        .r#type
        .map_or(StateMachineType::Standard, Into::into);
    let severity = match request.severity {
        Some(Level::Warning) => Severity::Warning,
        Some(Level::Error) | None => Severity::Error,
    };
    // A definition may be a megabyte long: others are answered meanwhile.
    let validation = tokio::task::spawn_blocking(move || {
        let most = request.max_results;
        validate_definition(&request.definition, machine_type, severity, most)
    })
    .await
    .map_err(|error| Failure::internal(format!("validating a definition: {error}")))?;
    let diagnostics = validation.diagnostics.iter().map(|diagnostic| Diagnostic {
        severity: diagnostic.severity.as_str(),
        code: diagnostic.code.as_str(),
        message: &diagnostic.message,
        location: diagnostic.location.as_deref(),
    });
    write(&Validated {
        result: if validation.valid { "OK" } else { "FAIL" },
        diagnostics: diagnostics.collect(),
        truncated: validation.truncated,
    })
}
