//! JSON texts that come with requests.

use stepmill_asl::parse::json_fault;
use stepmill_interpreter::{Limits, Payload};

use crate::error::{Code, Error};

/// An execution's input; `{}` if there is none.
pub(crate) fn execution_input(text: Option<&str>) -> Result<Payload, Error> {
    let text = match text {
        None | Some("") => "{}",
        Some(text) => text,
    };
    let refused = |detail: String| {
        let message = format!("Invalid State Machine Execution Input: '{detail}'");
        Error::new(Code::InvalidExecutionInput, message)
    };
    if text.len() > Limits::STANDARD.payload_bytes {
        return Err(refused(format!(
            "The input is {} bytes long, more than the {} that are allowed",
            text.len(),
            Limits::STANDARD.payload_bytes
        )));
    }
    Payload::from_text(text)
        .map_err(|error| refused(json_fault(text).unwrap_or_else(|| error.to_string())))
}

/// The output that `SendTaskSuccess` brings.
pub(crate) fn task_output(text: &str) -> Result<Payload, Error> {
    Payload::from_text(text).map_err(|error| {
        let detail = json_fault(text).unwrap_or_else(|| error.to_string());
        Error::new(Code::InvalidOutput, format!("Invalid Output: '{detail}'"))
    })
}
