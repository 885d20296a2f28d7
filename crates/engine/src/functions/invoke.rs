//! Invoke.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use stepmill_integrations::lambda::{FunctionErrorKind, Invocation, Owner};

use super::Functions;
use super::error::{FunctionError, FunctionErrorCode};
use super::events::Event;
use crate::caller::Caller;

/// `InvocationType`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InvocationType {
    /// Waits for the answer.
    #[default]
    RequestResponse,
    /// Answers once the event is kept; the function runs later, and again if it fails.
    Event,
    /// Only says whether the function could be invoked.
    DryRun,
}

/// The parameters of `Invoke` beside the function.
#[derive(Debug, Clone, Default)]
pub struct Invoke {
    /// A version or an alias.
    pub qualifier: Option<String>,
    /// How.
    pub kind: InvocationType,
    /// Whether to give the end of the log (`LogType` `Tail`); not for [`InvocationType::Event`].
    pub log_tail: bool,
    /// The client context in base64.
    pub client_context: Option<String>,
    /// The event as JSON.
    pub payload: Vec<u8>,
}

/// What `Invoke` answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invoked {
    /// 200, 202 for an event, 204 for a dry run.
    pub status: u16,
    /// The function's answer.
    pub payload: Vec<u8>,
    /// Set if the payload is an error.
    pub function_error: Option<&'static str>,
    /// The version that ran.
    pub executed_version: Option<String>,
    /// The end of the log, not in base64.
    pub log_tail: Option<String>,
    /// The invocation's id, if it ran.
    pub request_id: Option<String>,
}

impl Functions {
    /// `Invoke`. Dropping the future stops an invocation that is waited for.
    pub async fn invoke(
        &self,
        caller: &Caller,
        name: &str,
        invoke: Invoke,
    ) -> Result<Invoked, FunctionError> {
        let Invoke {
            qualifier,
            kind,
            log_tail,
            client_context,
            payload,
        } = invoke;
        let target = self.target(caller, name, qualifier.as_deref())?;
        let content = |message: String| {
            FunctionError::new(FunctionErrorCode::InvalidRequestContentException, message)
        };
        let payload = String::from_utf8(payload)
            .map_err(|error| content(format!("Could not parse request body into json: {error}")))?;
        let client_context = client_context
            .map(|text| {
                STANDARD
                    .decode(text)
                    .ok()
                    .and_then(|bytes| String::from_utf8(bytes).ok())
            })
            .map(|context| {
                context.ok_or_else(|| {
                    content("Client context must be a valid Base64-encoded JSON object.".to_owned())
                })
            })
            .transpose()?;
        let function = target.arn();
        let invocation = Invocation {
            home: Some(Owner::new(&caller.account, &caller.region)),
            client_context: client_context.clone(),
            log_tail,
            ..Invocation::new(&function, payload.clone())
        };
        match kind {
            InvocationType::RequestResponse => {
                let result = self.inner.host.invoke(invocation).await?;
                Ok(Invoked {
                    status: result.status,
                    payload: result.payload,
                    function_error: result.function_error.map(FunctionErrorKind::as_str),
                    executed_version: Some(result.executed_version),
                    log_tail: result.log_tail,
                    request_id: Some(result.request_id),
                })
            }
            InvocationType::DryRun => {
                self.inner.host.admit(invocation)?;
                Ok(Invoked {
                    status: 204,
                    ..Invoked::default()
                })
            }
            InvocationType::Event => {
                self.inner.host.admit(invocation)?;
                let event = Event::new(function, payload, client_context);
                self.queue(event).await?;
                Ok(Invoked {
                    status: 202,
                    ..Invoked::default()
                })
            }
        }
    }
}
