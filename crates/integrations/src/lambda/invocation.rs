//! One call of a function, and its answer.

use super::error::InvokeError;
use super::function::Owner;

/// The largest payload, in bytes (AWS Lambda Developer Guide, "Lambda quotas").
const MAX_REQUEST: usize = 6 * 1024 * 1024;
/// The largest client context, in bytes once encoded (Lambda API reference, Invoke).
const MAX_CLIENT_CONTEXT: usize = 3583;

/// A call of a function. Dropping its future stops the call and kills the process that runs it.
#[derive(Clone, Debug)]
pub struct Invocation<'a> {
    /// `NAME`, `ACCOUNT:function:NAME` or a full ARN, each with an optional `:QUALIFIER`.
    pub function: &'a str,
    /// The API's `Qualifier`: a version or an alias.
    pub qualifier: Option<&'a str>,
    /// The account and region of a name that does not say; default the host's.
    pub home: Option<Owner>,
    /// The event as JSON text; empty means `{}`.
    pub payload: String,
    /// Client context as JSON text, not base64.
    pub client_context: Option<String>,
    /// Whether the answer shall have the end of the invocation's log.
    pub log_tail: bool,
}

impl<'a> Invocation<'a> {
    /// A call of the latest version without client context.
    pub fn new(function: &'a str, payload: impl Into<String>) -> Self {
        Self {
            function,
            qualifier: None,
            home: None,
            payload: payload.into(),
            client_context: None,
            log_tail: false,
        }
    }

    /// The payload, checked as `Invoke` checks it.
    pub(super) fn checked_payload(payload: String) -> Result<String, InvokeError> {
        if payload.len() > MAX_REQUEST {
            let message = format!(
                "Request must be smaller than {MAX_REQUEST} bytes for the InvokeFunction operation"
            );
            return Err(InvokeError::RequestTooLarge { message });
        }
        if payload.is_empty() {
            return Ok("{}".to_owned());
        }
        match serde_json::from_str::<serde::de::IgnoredAny>(&payload) {
            Ok(_) => Ok(payload),
            Err(error) => Err(InvokeError::InvalidRequestContent {
                message: format!("Could not parse request body into json: {error}"),
            }),
        }
    }

    /// The client context on one line, as an HTTP header needs it.
    pub(super) fn checked_client_context(
        context: Option<String>,
    ) -> Result<Option<String>, InvokeError> {
        let Some(text) = context else { return Ok(None) };
        let invalid = |message: String| InvokeError::InvalidRequestContent { message };
        // Base64 makes four characters of three bytes.
        if text.len().div_ceil(3) * 4 > MAX_CLIENT_CONTEXT {
            return Err(invalid(format!(
                "The client context must be no more than {MAX_CLIENT_CONTEXT} bytes of base64."
            )));
        }
        let value: serde_json::Value = serde_json::from_str(&text)
            .map_err(|error| invalid(format!("Could not parse client context json: {error}")))?;
        if !value.is_object() {
            return Err(invalid(
                "Client context must be a valid Base64-encoded JSON object.".into(),
            ));
        }
        // JSON leaves DEL as it is; a header may not hold it.
        Ok(Some(value.to_string().replace('\u{7f}', "\\u007f")))
    }
}

/// What `Invoke` answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvokeResult {
    /// Always 200: a failing handler is reported by `function_error`.
    pub status: u16,
    /// The version that ran.
    pub executed_version: String,
    /// Set if the payload is an error object rather than the handler's result.
    pub function_error: Option<FunctionErrorKind>,
    /// The bytes that the function gave, unchanged.
    pub payload: Vec<u8>,
    /// The invocation's id, a UUID.
    pub request_id: String,
    /// The last 4 KiB of the invocation's log, if asked for.
    pub log_tail: Option<String>,
}

/// The value of `X-Amz-Function-Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionErrorKind {
    /// The handler threw, or its process died: what all current runtimes report.
    Unhandled,
    /// The runtime itself called the error handled.
    Handled,
}

impl FunctionErrorKind {
    /// The header's text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unhandled => "Unhandled",
            Self::Handled => "Handled",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_json_of_limited_size() {
        assert_eq!(Invocation::checked_payload(String::new()).unwrap(), "{}");
        assert_eq!(
            Invocation::checked_payload(" [1] ".to_owned()).unwrap(),
            " [1] "
        );
        let code = |text: String| Invocation::checked_payload(text).unwrap_err().code();
        assert_eq!(code("{".to_owned()), "InvalidRequestContentException");
        assert_eq!(
            code(format!("\"{}\"", "a".repeat(MAX_REQUEST))),
            "RequestTooLargeException"
        );
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(Invocation::checked_payload(deep).is_ok());
    }

    #[test]
    fn client_contexts_fit_in_a_header() {
        let check = |text: &str| Invocation::checked_client_context(Some(text.to_owned()));
        assert_eq!(check("{\n \"a\": 1\n}").unwrap().unwrap(), r#"{"a":1}"#);
        assert!(check("[]").is_err());
        assert!(check("{").is_err());
        assert!(check(&format!("{{\"a\":\"{}\"}}", "b".repeat(3000))).is_err());
    }
}
