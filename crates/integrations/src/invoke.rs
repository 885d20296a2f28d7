//! Lambda functions as tasks: by their ARN, and through `lambda:invoke`.
//!
//! The service's answers and errors have the shapes that Step Functions shows for AWS Lambda
//! (Developer Guide, "Invoke an AWS Lambda function with Step Functions"; header names as observed
//! on AWS).

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use stepmill_asl::model::{IntegrationPattern, ServiceResource};

use crate::call::{Call, Outcome};
use crate::failure::Failure;
use crate::lambda::{Events, Host, Invocation, InvokeError, InvokeResult, Owner};
use crate::metadata::{http_date, sdk_metadata};

/// Whether a resource is `lambda:invoke`, waiting for the response or for the task's token.
pub(crate) fn is_invoke(service: &ServiceResource) -> bool {
    !service.sdk
        && &*service.service == "lambda"
        && &*service.action == "invoke"
        && matches!(
            service.pattern,
            IntegrationPattern::RequestResponse | IntegrationPattern::WaitForTaskToken
        )
}

/// What a place where functions are has made of a call.
pub(crate) enum Invoked {
    /// What comes of it.
    Answered(Outcome),
    /// It has no such function; what comes of the call if no other place has it.
    Unknown(Outcome),
}

impl Invoked {
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Self::Answered(outcome) | Self::Unknown(outcome) => outcome,
        }
    }
}

/// A task whose resource is the function's ARN: its input is the payload, the payload its result.
pub(crate) async fn function(host: &Host, arn: &str, call: &Call) -> Invoked {
    let invocation = Invocation {
        home: home(call),
        ..Invocation::new(arn, call.input.clone())
    };
    let result = match host.invoke(invocation).await {
        Ok(result) => result,
        Err(error) => return refused(&error),
    };
    let payload = String::from_utf8_lossy(&result.payload).into_owned();
    Invoked::Answered(match result.function_error {
        Some(_) => function_failed(payload, false),
        None => Outcome::Succeeded(as_json(payload)),
    })
}

/// A task whose resource is `lambda:invoke`: its parameters are the API's.
pub(crate) async fn service(host: &Host, events: Option<&dyn Events>, call: &Call) -> Invoked {
    let parameters = match Parameters::read(&call.input) {
        Ok(parameters) => parameters,
        Err(reason) => return Invoked::Answered(call.unusable(&reason)),
    };
    let invocation = Invocation {
        function: &parameters.function_name,
        qualifier: parameters.qualifier.as_deref(),
        payload: parameters.payload,
        client_context: parameters.client_context,
        home: home(call),
        log_tail: false,
    };
    let answer = match (parameters.kind, events) {
        (InvocationType::RequestResponse, _) => match host.invoke(invocation).await {
            Ok(result) if result.function_error.is_some() => {
                let payload = String::from_utf8_lossy(&result.payload).into_owned();
                return Invoked::Answered(function_failed(payload, true));
            }
            Ok(result) => Ok(Answer::of(result)),
            Err(error) => Err(error),
        },
        (InvocationType::DryRun, _) => host.admit(invocation).map(|_| Answer::empty(204)),
        (InvocationType::Event, Some(events)) => {
            let accepted = events.accept(invocation).await;
            accepted.map(|()| Answer::empty(202))
        }
        (InvocationType::Event, None) => {
            return Invoked::Answered(Outcome::Impossible(format!(
                "There is nobody to keep the event of the state '{}': run `stepmill serve`, or \
                 invoke the function without the InvocationType Event.",
                call.state
            )));
        }
    };
    let response = match answer {
        Ok(answer) => answer.response().to_string(),
        Err(error) => return refused(&error),
    };
    Invoked::Answered(if call.token.is_some() {
        Outcome::Submitted(response)
    } else {
        Outcome::Succeeded(response)
    })
}

/// What comes of a call whose handler has failed. Through the service the cause is compact JSON
/// (observed on AWS).
pub(crate) fn function_failed(payload: String, compact: bool) -> Outcome {
    let error = error_type(&payload);
    let cause = match serde_json::from_str::<Value>(&payload) {
        Ok(value) if compact => value.to_string(),
        _ => payload,
    };
    Outcome::failed(error, cause)
}

/// A function's name that does not say where it is means the execution's account and region.
fn home(call: &Call) -> Option<Owner> {
    match call.execution_arn.splitn(6, ':').collect::<Vec<_>>()[..] {
        ["arn", _, "states", region, account, _] => Some(Owner::new(account, region)),
        _ => None,
    }
}

/// How a function is invoked.
#[derive(Clone, Copy)]
enum InvocationType {
    RequestResponse,
    Event,
    DryRun,
}

struct Parameters {
    kind: InvocationType,
    function_name: String,
    payload: String,
    qualifier: Option<String>,
    client_context: Option<String>,
}

impl Parameters {
    fn read(text: &str) -> Result<Self, String> {
        let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else {
            return Err("The parameters must be a JSON object".to_owned());
        };
        let function_name = take_text(&mut fields, "FunctionName")?
            .ok_or("The field \"FunctionName\" is required but was missing")?;
        let payload = match fields.shift_remove("Payload") {
            None | Some(Value::Null) => "{}".to_owned(),
            // A text is the payload itself (observed on AWS).
            Some(Value::String(text)) => text,
            Some(value) => value.to_string(),
        };
        let qualifier = take_text(&mut fields, "Qualifier")?;
        let client_context = take_text(&mut fields, "ClientContext")?.map(|encoded| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD
                .decode(&encoded)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .ok_or("The value of the field 'ClientContext' has an invalid format")
        });
        let client_context = client_context.transpose()?;
        let kind = take_text(&mut fields, "InvocationType")?;
        let kind = match kind.as_deref() {
            None | Some("RequestResponse") => InvocationType::RequestResponse,
            Some("Event") => InvocationType::Event,
            Some("DryRun") => InvocationType::DryRun,
            Some(other) => return Err(format!("There is no InvocationType {other:?}")),
        };
        if let Some(value) = take_text(&mut fields, "LogType")?
            && value != "None"
        {
            return Err(format!(
                "Stepmill's local Lambda takes only \"None\" for the field 'LogType', not {value:?}"
            ));
        }
        match fields.keys().next() {
            Some(unknown) => Err(format!(
                "The field \"{unknown}\" is not supported by Step Functions"
            )),
            None => Ok(Self {
                kind,
                function_name,
                payload,
                qualifier,
                client_context,
            }),
        }
    }
}

fn take_text(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match fields.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!(
            "The value of the field '{name}' has an invalid format"
        )),
    }
}

/// A response of AWS Lambda.
struct Answer {
    status: u16,
    request_id: String,
    /// The version that ran, if the answer was waited for.
    version: Option<String>,
    payload: String,
}

impl Answer {
    fn of(result: InvokeResult) -> Self {
        Self {
            status: result.status,
            request_id: result.request_id,
            version: Some(result.executed_version),
            payload: String::from_utf8_lossy(&result.payload).into_owned(),
        }
    }

    /// One that only has a status.
    fn empty(status: u16) -> Self {
        Self {
            status,
            request_id: uuid::Uuid::new_v4().to_string(),
            version: None,
            payload: String::new(),
        }
    }

    /// The task's result: the response with the headers that AWS Lambda sends.
    fn response(&self) -> Value {
        let digits = self.request_id.chars().filter(char::is_ascii_hexdigit);
        let trace_id: String = digits.take(24).collect();
        let trace = format!("Root=1-{:08x}-{trace_id}", Timestamp::now().as_second());
        let length = self.payload.len().to_string();
        let date = http_date(Timestamp::now());
        let version = self.version.as_deref();
        let headers = [
            ("Connection", Some("keep-alive")),
            ("Content-Length", Some(&*length)),
            // What is empty has no type.
            ("Content-Type", version.map(|_| "application/json")),
            ("Date", Some(&*date)),
            ("X-Amz-Executed-Version", version),
            ("x-amzn-Remapped-Content-Length", Some("0")),
            ("x-amzn-RequestId", Some(&*self.request_id)),
            ("X-Amzn-Trace-Id", Some(&*trace)),
        ];
        let headers = headers.into_iter();
        let headers: Vec<_> = headers.filter_map(|(name, of)| Some((name, of?))).collect();
        let [http, metadata] = sdk_metadata(self.status, &self.request_id, &headers);
        let payload = serde_json::from_str(&self.payload);
        let payload = payload.unwrap_or_else(|_| json!(self.payload));
        let mut members = Map::new();
        if let Some(version) = version {
            members.insert("ExecutedVersion".to_owned(), json!(version));
        }
        members.insert("Payload".to_owned(), payload);
        members.extend([http, metadata].map(|(name, value)| (name.to_owned(), value)));
        members.insert("StatusCode".to_owned(), json!(self.status));
        Value::Object(members)
    }
}

/// The error's name: `errorType` of the payload.
fn error_type(payload: &str) -> String {
    let payload: Value = serde_json::from_str(payload).unwrap_or_default();
    match payload.get("errorType").and_then(Value::as_str) {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => "Lambda.Unknown".to_owned(),
    }
}

/// An answer that is no JSON is a text.
pub(crate) fn as_json(payload: String) -> String {
    if payload.is_empty() {
        return "null".to_owned();
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(&payload) {
        Ok(_) => payload,
        Err(_) => Value::String(payload).to_string(),
    }
}

/// The service's refusal.
fn refused(error: &InvokeError) -> Invoked {
    let failure = Failure {
        code: error.code(),
        name: Some(error.code()),
        message: &error.to_string(),
        status: error.status(),
        request_id: &uuid::Uuid::new_v4().to_string(),
        extended_request_id: None,
        attempts: 1,
    };
    let outcome = failure.of_optimised_service("lambda");
    match error {
        InvokeError::ResourceNotFound { .. } => Invoked::Unknown(outcome),
        _ => Invoked::Answered(outcome),
    }
}
