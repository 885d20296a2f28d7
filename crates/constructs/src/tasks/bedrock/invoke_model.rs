//! Calls of models.

use super::guardrail::Guardrail;
use crate::core::{Feature, Problem, Scope};
use crate::resources::{BedrockModel, Location};
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskInput, TaskScope, task_state,
};
use crate::value::{JsonPath, Text, Value};

/// Calls a model.
///
/// Without [`Feature::BedrockS3UriParameters`], the state's input path and output path are also where in S3 the input
/// is read from and the output is written to, as in the CDK without that flag.
#[derive(Debug, Clone)]
#[must_use]
pub struct BedrockInvokeModel {
    scope: Scope,
    options: StateOptions,
    model: BedrockModel,
    body: Option<TaskInput>,
    accept: Option<Text>,
    content_type: Option<Text>,
    input: Option<BedrockInvokeModelInput>,
    output: Option<BedrockInvokeModelOutput>,
    guardrail: Option<Guardrail>,
    trace_enabled: Option<bool>,
}

/// Where the input of a model is read from.
#[derive(Debug, Clone, PartialEq)]
pub enum BedrockInvokeModelInput {
    /// An object in a bucket.
    S3Location(Location),
    /// An object by its address, `s3://bucket/key`.
    S3InputUri(Text),
}

/// Where the output of a model is written to.
#[derive(Debug, Clone, PartialEq)]
pub enum BedrockInvokeModelOutput {
    /// An object in a bucket.
    S3Location(Location),
    /// An object by its address, `s3://bucket/key`.
    S3OutputUri(Text),
}

impl BedrockInvokeModelInput {
    /// An object in a bucket.
    pub fn s3_location(location: Location) -> Self {
        Self::S3Location(location)
    }

    /// An object by its address, `s3://bucket/key`, or a path to one.
    pub fn s3_input_uri(uri: impl Into<Text>) -> Self {
        Self::S3InputUri(uri.into())
    }

    fn uri(&self) -> Result<Text, Problem> {
        match self {
            Self::S3Location(location) => of_location("input", location),
            Self::S3InputUri(uri) => given("input", uri),
        }
    }
}

impl BedrockInvokeModelOutput {
    /// An object in a bucket.
    pub fn s3_location(location: Location) -> Self {
        Self::S3Location(location)
    }

    /// An object by its address, `s3://bucket/key`, or a path to one.
    pub fn s3_output_uri(uri: impl Into<Text>) -> Self {
        Self::S3OutputUri(uri.into())
    }

    fn uri(&self) -> Result<Text, Problem> {
        match self {
            Self::S3Location(location) => of_location("output", location),
            Self::S3OutputUri(uri) => given("output", uri),
        }
    }
}

impl BedrockInvokeModel {
    /// Calls a model with a body, or with an input in S3: one of them must be said.
    pub fn new(scope: &Scope, id: &str, model: &BedrockModel) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            model: model.clone(),
            body: None,
            accept: None,
            content_type: None,
            input: None,
            output: None,
            guardrail: None,
            trace_enabled: None,
        }
    }

    /// What the model is called with, as that model wants it.
    pub fn body(mut self, body: TaskInput) -> Self {
        self.body = Some(body);
        self
    }

    /// The MIME type of the response; `application/json` unless said.
    pub fn accept(mut self, mime_type: impl Into<Text>) -> Self {
        self.accept = Some(mime_type.into());
        self
    }

    /// The MIME type of the body; `application/json` unless said.
    pub fn content_type(mut self, mime_type: impl Into<Text>) -> Self {
        self.content_type = Some(mime_type.into());
        self
    }

    /// Where the input is read from, instead of a body.
    pub fn input(mut self, input: BedrockInvokeModelInput) -> Self {
        self.input = Some(input);
        self
    }

    /// Where the output is written to; it is the task's result unless said.
    pub fn output(mut self, output: BedrockInvokeModelOutput) -> Self {
        self.output = Some(output);
        self
    }

    /// What the model must not be asked and must not answer.
    pub fn guardrail(mut self, guardrail: Guardrail) -> Self {
        self.guardrail = Some(guardrail);
        self
    }

    /// Whether Bedrock tells what the guardrail did.
    pub fn trace_enabled(mut self, enabled: bool) -> Self {
        self.trace_enabled = Some(enabled);
        self
    }
}

task_state!(BedrockInvokeModel, define);

fn define(invoke: BedrockInvokeModel, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::RequestResponse;

    let pattern = task.pattern(RequestResponse, &[RequestResponse])?;
    let paths_are_uris = !task.features().has(Feature::BedrockS3UriParameters);
    let by_path = |path: &Option<JsonPath>| {
        let path = path.clone().filter(|path| *path != JsonPath::DISCARD);
        path.filter(|_| paths_are_uris).map(Text::from)
    };
    let input = match &invoke.input {
        Some(input) => Some(input.uri()?),
        None => by_path(&task.options.input_path),
    };
    let output = match &invoke.output {
        Some(output) => Some(output.uri()?),
        None => by_path(&task.options.output_path),
    };
    let either = match (&invoke.body, &input) {
        (Some(_), Some(_)) => Some("Either `body` or `input` must be specified, but not both."),
        (None, None) => Some("Either `body` or `input` must be specified."),
        _ => None,
    };
    if let Some(message) = either {
        return Err(Problem::property("body", message));
    }
    if let Some(guardrail) = &invoke.guardrail {
        guardrail.check()?;
    }
    let s3 = |uri: Option<Text>| uri.map(|uri| crate::object! {"S3Uri": uri});
    let guardrail = invoke.guardrail.as_ref();
    let trace = |enabled: bool| if enabled { "ENABLED" } else { "DISABLED" };
    let parameters = Value::object([
        ("ModelId", Some(invoke.model.model_arn().into())),
        ("Accept", invoke.accept.map(Value::from)),
        ("ContentType", invoke.content_type.map(Value::from)),
        ("Body", invoke.body.map(Value::from)),
        ("Input", s3(input)),
        ("Output", s3(output)),
        (
            "GuardrailIdentifier",
            guardrail.map(|guardrail| Value::from(&guardrail.identifier)),
        ),
        (
            "GuardrailVersion",
            guardrail.map(|guardrail| guardrail.version().into()),
        ),
        ("Trace", invoke.trace_enabled.map(trace).map(Value::from)),
    ]);
    task.integration("bedrock", "invokeModel", pattern, parameters, &[])
}

/// The address of an object, whose latest version is meant.
fn of_location(property: &'static str, location: &Location) -> Result<Text, Problem> {
    if location.object_version.is_none() {
        return Ok(location.url());
    }
    let which = if property == "input" {
        "Input"
    } else {
        "Output"
    };
    let message = format!("{which} S3 object version is not supported.");
    Err(Problem::property(property, message))
}

fn given(property: &'static str, uri: &Text) -> Result<Text, Problem> {
    if uri.as_literal() == Some("") {
        return Err(Problem::property(
            property,
            "S3 Uri cannot be an empty string",
        ));
    }
    Ok(uri.clone())
}
