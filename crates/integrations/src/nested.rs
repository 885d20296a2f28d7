//! Executions as tasks: `states:startExecution`, waiting for the response, for the execution's end
//! or for a task token.
//!
//! Shapes and texts are observed on AWS; the parameters are those of the Developer Guide, "Start
//! workflow executions from a task state".

use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use stepmill_asl::model::{IntegrationPattern, ServiceResource};
use uuid::Uuid;

use crate::call::{Call, Outcome, Progress, StopError};
use crate::failure::Failure;
use crate::metadata::{http_date, sdk_metadata};

/// A future that can be boxed.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The executions that tasks start: an engine's.
pub trait Executions: Send + Sync + 'static {
    /// Starts an execution for a task. A second start for the same task gives the same execution.
    fn start<'a>(
        &'a self,
        call: &'a Call,
        child: Child,
    ) -> Boxed<'a, Result<StartedExecution, Refusal>>;

    /// Waits for an execution's end.
    fn ended<'a>(&'a self, execution_arn: &'a str) -> Boxed<'a, Result<EndedExecution, Refusal>>;

    /// Stops an execution; one that has ended keeps its end.
    fn stop<'a>(&'a self, execution_arn: &'a str) -> Boxed<'a, Result<(), Refusal>>;
}

/// An execution that a task starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// The state machine, or a version or an alias of it.
    pub state_machine_arn: String,
    /// Its name.
    pub name: String,
    /// Its input, as JSON text.
    pub input: String,
    /// The header by which X-Ray follows it.
    pub trace_header: Option<String>,
}

/// An execution that a task has started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedExecution {
    /// Its ARN.
    pub execution_arn: String,
    /// When it was started.
    pub start_date: Timestamp,
}

/// An execution that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedExecution {
    /// Its ARN.
    pub execution_arn: String,
    /// Its name.
    pub name: String,
    /// The state machine's ARN.
    pub state_machine_arn: String,
    /// AWS's word for how it ended.
    pub status: String,
    /// When it was started.
    pub start_date: Timestamp,
    /// When it ended.
    pub stop_date: Timestamp,
    /// Its input, as JSON text.
    pub input: String,
    /// Its output, as JSON text, if it succeeded.
    pub output: Option<String>,
    /// The error's name, if it has one.
    pub error: Option<String>,
    /// What happened, if it is known.
    pub cause: Option<String>,
}

/// What the Step Functions API answers instead of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The error's code.
    pub code: String,
    /// Its message.
    pub message: String,
}

impl Refusal {
    /// As an error of the service; all of them are in its model.
    pub(crate) fn failure<'a>(&'a self, request_id: &'a str) -> Failure<'a> {
        Failure {
            code: &self.code,
            name: Some(&self.code),
            message: &self.message,
            status: 400,
            request_id,
            extended_request_id: None,
            attempts: 1,
        }
    }
}

/// Whether a resource is `states:startExecution`.
pub(crate) fn is_start(service: &ServiceResource) -> bool {
    !service.sdk && &*service.service == "states" && &*service.action == "startExecution"
}

/// Starts an execution and, if the pattern says so, waits for its end.
pub(crate) async fn start(
    executions: &dyn Executions,
    service: &ServiceResource,
    call: &Call,
    progress: &(dyn Fn(Progress) + Sync),
) -> Outcome {
    let execution_arn = if let Some(execution_arn) = submitted(call) {
        execution_arn
    } else {
        let started = match begin(executions, call).await {
            Ok(started) => started,
            Err(outcome) => return outcome,
        };
        let response = response(&started);
        match service.pattern {
            IntegrationPattern::RequestResponse => {
                return Outcome::Succeeded(response.to_string());
            }
            IntegrationPattern::WaitForTaskToken => {
                return Outcome::Submitted(response.to_string());
            }
            IntegrationPattern::RunJob | IntegrationPattern::RunJobJson => {
                progress(Progress::Submitted(response));
            }
        }
        started.execution_arn
    };
    let ended = executions.ended(&execution_arn).await;
    match ended {
        Ok(ended) => settled(&ended, service.pattern),
        Err(refusal) => refused(&refusal),
    }
}

async fn begin(executions: &dyn Executions, call: &Call) -> Result<StartedExecution, Outcome> {
    let child = Child::read(call).map_err(|reason| call.unusable(&reason))?;
    let started = executions.start(call, child).await;
    started.map_err(|refusal| refused(&refusal))
}

/// Stops the execution that a task has started and waits for no longer (Developer Guide, "Run a job").
pub(crate) async fn stop(executions: &dyn Executions, call: &Call) -> Result<(), StopError> {
    let Some(execution_arn) = submitted(call) else {
        return Ok(());
    };
    let stopped = executions.stop(&execution_arn).await;
    stopped.map_err(|refusal| StopError::lasting(refusal.message))
}

/// The execution that the task had started before the process that waited for it was gone.
fn submitted(call: &Call) -> Option<String> {
    let response: Value = serde_json::from_str(call.submitted.as_deref()?).ok()?;
    Some(response.get("ExecutionArn")?.as_str()?.to_owned())
}

impl Child {
    fn read(call: &Call) -> Result<Self, String> {
        let Ok(Value::Object(mut fields)) = serde_json::from_str(&call.input) else {
            return Err("The parameters must be a JSON object".to_owned());
        };
        let mut text = |name: &str| match fields.shift_remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!(
                "The value of the field '{name}' has an invalid format"
            )),
        };
        let state_machine_arn = text("StateMachineArn")?
            .ok_or("The field \"StateMachineArn\" is required but was missing")?;
        let name = text("Name")?;
        let trace_header = text("TraceHeader")?;
        let input = match fields.shift_remove("Input") {
            // None is the empty object (observed on AWS).
            None | Some(Value::Null) => "{}".to_owned(),
            Some(Value::String(text)) => text,
            Some(value) => value.to_string(),
        };
        if let Some(unknown) = fields.keys().next() {
            return Err(format!(
                "The field \"{unknown}\" is not supported by Step Functions"
            ));
        }
        Ok(Self {
            state_machine_arn,
            name: name.unwrap_or_else(|| call.stable_name()),
            input,
            trace_header,
        })
    }
}

fn response(started: &StartedExecution) -> Value {
    let request_id = Uuid::new_v4().to_string();
    let start_date = started.start_date.as_millisecond();
    // The length of the response is AWS's (observed), which writes times as 1.700503148927E9.
    let body = format!(
        r#"{{"executionArn":"{}","startDate":{:.12E}}}"#,
        started.execution_arn,
        seconds(started.start_date)
    );
    let headers = [
        ("x-amzn-RequestId", &*request_id),
        ("connection", "keep-alive"),
        ("Content-Length", &*body.len().to_string()),
        ("Date", &*http_date(started.start_date)),
        ("Content-Type", "application/x-amz-json-1.0"),
    ];
    let [http, metadata] = sdk_metadata(200, &request_id, &headers);
    let members = [
        ("ExecutionArn", json!(started.execution_arn)),
        http,
        metadata,
        ("StartDate", json!(start_date)),
    ];
    Value::Object(Map::from_iter(
        members.map(|(name, value)| (name.to_owned(), value)),
    ))
}

#[allow(clippy::cast_precision_loss)] // milliseconds are far below 2⁵³
fn seconds(time: Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1_000.0
}

/// The task's end: the execution as `DescribeExecution` shows it, with capital letters.
fn settled(ended: &EndedExecution, pattern: IntegrationPattern) -> Outcome {
    let succeeded = ended.status == "SUCCEEDED";
    // Only version 2 gives input and output as JSON; and a cause has them as text.
    let parsed = pattern == IntegrationPattern::RunJobJson;
    let data = |text: &str| match serde_json::from_str(text) {
        Ok(value) if parsed => value,
        _ => json!(text),
    };
    let mut shown = Map::new();
    let mut show = |name: &str, value: Value| {
        shown.insert(name.to_owned(), value);
    };
    if let Some(cause) = &ended.cause {
        show("Cause", json!(cause));
    }
    if let Some(error) = &ended.error {
        show("Error", json!(error));
    }
    show("ExecutionArn", json!(ended.execution_arn));
    show("Input", data(&ended.input));
    show("InputDetails", json!({ "Included": true }));
    show("Name", json!(ended.name));
    if let Some(output) = &ended.output {
        show("Output", data(output));
        show("OutputDetails", json!({ "Included": true }));
    }
    show("StartDate", json!(ended.start_date.as_millisecond()));
    show("StateMachineArn", json!(ended.state_machine_arn));
    show("Status", json!(ended.status));
    show("StopDate", json!(ended.stop_date.as_millisecond()));
    let shown = Value::Object(shown).to_string();
    if succeeded {
        Outcome::Succeeded(shown)
    } else {
        Outcome::failed("States.TaskFailed", shown)
    }
}

/// The service's refusal.
fn refused(refusal: &Refusal) -> Outcome {
    let id = Uuid::new_v4().to_string();
    refusal.failure(&id).of_optimised_service("states")
}
