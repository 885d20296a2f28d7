//! Definitions: from text to a model, or to what AWS says is wrong with it.

use std::sync::Arc;

use stepmill_asl::model::{StateMachine, StateMachineType};
use stepmill_asl::parse::{Format, Options, Parsed, parse};
use stepmill_asl::{Diagnostic, Severity};

use crate::error::{Code, Error};

/// The most diagnostics that a validation answers, and how many unless told otherwise (AWS).
const MAX_DIAGNOSTICS: usize = 100;

/// A longer text is read on a thread where that holds nobody up.
pub(crate) const LONG: usize = 32 * 1024;

/// The answer of `ValidateStateMachineDefinition`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validation {
    /// Whether a state machine could be created: `OK` or `FAIL`.
    pub valid: bool,
    /// What was found.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether there was more.
    pub truncated: bool,
}

/// Checks a definition. Diagnostics below `severity` are left out; at most `max_results` are given,
/// or 100 if that is absent or 0.
pub fn validate_definition(
    definition: &str,
    machine_type: StateMachineType,
    severity: Severity,
    max_results: Option<usize>,
) -> Validation {
    let parsed = read(definition, machine_type);
    let mut diagnostics = parsed.diagnostics;
    diagnostics.retain(|diagnostic| {
        diagnostic.severity == Severity::Error || severity == Severity::Warning
    });
    let most = max_results
        .filter(|&most| most > 0)
        .map_or(MAX_DIAGNOSTICS, |most| most.min(MAX_DIAGNOSTICS));
    let truncated = diagnostics.len() > most;
    diagnostics.truncate(most);
    Validation {
        valid: parsed.machine.is_some(),
        diagnostics,
        truncated,
    }
}

/// Reads a definition, or says why it is invalid.
pub(crate) fn accept(
    definition: &str,
    machine_type: StateMachineType,
) -> Result<Arc<StateMachine>, Error> {
    let parsed = read(definition, machine_type);
    match parsed.machine {
        Some(machine) => Ok(Arc::new(machine)),
        None => Err(refusal(&parsed)),
    }
}

/// What is said of an invalid definition.
pub(crate) fn refusal(parsed: &Parsed) -> Error {
    let errors: Vec<_> = parsed
        .errors()
        .take(MAX_DIAGNOSTICS)
        .map(Diagnostic::aws_text)
        .collect();
    let detail = errors.join(", ");
    let message = format!("Invalid State Machine Definition: '{detail}'");
    Error::new(Code::InvalidDefinition, message)
}

/// The same for a definition that may be long.
pub(crate) async fn accept_any(
    definition: Arc<str>,
    machine_type: StateMachineType,
) -> Result<Arc<StateMachine>, Error> {
    if definition.len() <= LONG {
        return accept(&definition, machine_type);
    }
    tokio::task::spawn_blocking(move || accept(&definition, machine_type))
        .await
        .map_err(|error| Error::internal(format!("reading a definition: {error}")))?
}

pub(crate) fn read(definition: &str, machine_type: StateMachineType) -> Parsed {
    let options = Options {
        format: Format::Json,
        machine_type,
        services: &stepmill_catalog::recognizes,
        ..Options::default()
    };
    parse(definition, &options)
}

/// The type as the parser has it.
pub(crate) fn type_of(express: bool) -> StateMachineType {
    match express {
        true => StateMachineType::Express,
        false => StateMachineType::Standard,
    }
}
