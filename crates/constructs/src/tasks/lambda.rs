//! Lambda: calls a function.

use crate::core::{Duration, Feature, Features, Problem, Scope};
use crate::resources::Function;
use crate::states::{
    IntegrationPattern, Retry, StateOptions, TaskDefinition, TaskInput, TaskMetrics, TaskScope,
    task_state,
};
use crate::value::{JsonPath, Text, Value};

/// Calls a Lambda function.
#[derive(Debug, Clone)]
#[must_use]
pub struct LambdaInvoke {
    scope: Scope,
    options: StateOptions,
    function: Function,
    payload: Option<TaskInput>,
    invocation_type: Option<LambdaInvocationType>,
    client_context: Option<Text>,
    qualifier: Option<Text>,
    payload_response_only: bool,
    retry_on_service_exceptions: bool,
}

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LambdaInvocationType {
    /// The call waits for the response.
    RequestResponse,
    /// The call is queued.
    Event,
    /// Only parameters and permissions are checked.
    DryRun,
}

impl LambdaInvocationType {
    fn name(self) -> &'static str {
        match self {
            Self::RequestResponse => "RequestResponse",
            Self::Event => "Event",
            Self::DryRun => "DryRun",
        }
    }
}

impl LambdaInvoke {
    /// Calls a function with the state's input.
    pub fn new(scope: &Scope, id: &str, function: &Function) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            function: function.clone(),
            payload: None,
            invocation_type: None,
            client_context: None,
            qualifier: None,
            payload_response_only: false,
            retry_on_service_exceptions: true,
        }
    }

    /// What the function is called with; the state's input unless said.
    pub fn payload(mut self, payload: TaskInput) -> Self {
        self.payload = Some(payload);
        self
    }

    /// How the function is called; it is waited for unless said.
    pub fn invocation_type(mut self, kind: LambdaInvocationType) -> Self {
        self.invocation_type = Some(kind);
        self
    }

    /// Data about the client, at most 3583 bytes of base64.
    pub fn client_context(mut self, context: impl Into<Text>) -> Self {
        self.client_context = Some(context.into());
        self
    }

    /// The version or alias to call.
    #[deprecated = "give a function's version or alias instead"]
    pub fn qualifier(mut self, qualifier: impl Into<Text>) -> Self {
        self.qualifier = Some(qualifier.into());
        self
    }

    /// The result is the function's response alone, without metadata.
    pub fn payload_response_only(mut self, only: bool) -> Self {
        self.payload_response_only = only;
        self
    }

    /// Whether to try again when the Lambda service fails; on unless said.
    pub fn retry_on_service_exceptions(mut self, retry: bool) -> Self {
        self.retry_on_service_exceptions = retry;
        self
    }
}

task_state!(LambdaInvoke, define);

fn define(lambda: LambdaInvoke, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, WaitForTaskToken};

    let pattern = task.pattern(RequestResponse, &[RequestResponse, WaitForTaskToken])?;
    let payload = lambda.payload.as_ref().map(TaskInput::value);
    let missing = "Task Token is required in `payload` for callback. Use JsonPath.taskToken to set the token.";
    task.needs_token(pattern, "payload", payload, missing)?;
    if lambda.retry_on_service_exceptions {
        task.retry(service_exceptions(task.features()));
    }
    let mut definition = match lambda.payload_response_only {
        true => direct(&lambda, task)?,
        false => invoke(&lambda, pattern),
    };
    let function = lambda.function.function_arn();
    let mut dimensions = crate::value::Object::from([("LambdaFunctionArn", function.into())]);
    if let Some(qualifier) = lambda.qualifier {
        dimensions.insert("Qualifier", qualifier.into());
    }
    definition.metrics = TaskMetrics {
        singular: Some("LambdaFunction"),
        plural: Some("LambdaFunctions"),
        dimensions,
    };
    Ok(definition)
}

fn invoke(lambda: &LambdaInvoke, pattern: IntegrationPattern) -> TaskDefinition {
    let parameters = Value::object([
        ("FunctionName", Some(lambda.function.function_arn().into())),
        (
            "Payload",
            Some(
                lambda
                    .payload
                    .clone()
                    .map_or_else(|| JsonPath::entire_payload().into(), TaskInput::into_value),
            ),
        ),
        (
            "InvocationType",
            lambda.invocation_type.map(|kind| kind.name().into()),
        ),
        (
            "ClientContext",
            lambda.client_context.clone().map(Value::from),
        ),
        ("Qualifier", lambda.qualifier.clone().map(Value::from)),
    ]);
    // The parameters do not tell a version or an alias, which are allowed alone, from a function.
    let statements = vec![lambda.function.invocation()];
    TaskDefinition::integration("lambda", "invoke", pattern.into(), parameters, statements)
}

/// A call by the function's own ARN: nothing but a payload can be said.
fn direct(lambda: &LambdaInvoke, task: &TaskScope) -> Result<TaskDefinition, Problem> {
    let more = task.options.integration_pattern.is_some()
        || lambda.invocation_type.is_some()
        || lambda.client_context.is_some()
        || lambda.qualifier.is_some();
    if more {
        let message = "The 'payloadResponseOnly' property cannot be used if 'integrationPattern', \
                       'invocationType', 'clientContext', or 'qualifier' are specified.";
        return Err(Problem::property("payload_response_only", message));
    }
    let arn = lambda.function.function_arn();
    Ok(TaskDefinition {
        resource: arn,
        parameters: lambda.payload.clone().map(TaskInput::into_value),
        statements: vec![lambda.function.invocation()],
        metrics: TaskMetrics::default(),
    })
}

/// The failures of the Lambda service itself after which AWS recommends to try again.
pub(super) const SERVICE_EXCEPTIONS: &[&str] = &[
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
];

/// The retrier that AWS recommends for failures of the service itself. Version 1 does not know the first of them.
fn service_exceptions(features: Features) -> Retry {
    retry_on(match features.has(Feature::Version2) {
        true => SERVICE_EXCEPTIONS,
        false => &SERVICE_EXCEPTIONS[1..],
    })
}

pub(super) fn retry_on(exceptions: &[&str]) -> Retry {
    Retry::on(exceptions.iter().copied())
        .interval(Duration::seconds(2))
        .max_attempts(6)
        .backoff_rate(2.0)
}
