//! HTTPS endpoints: calls them.

use crate::core::{Problem, Scope};
use crate::resources::Connection;
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskInput, TaskScope, task_state,
};
use crate::tasks::property::names;
use crate::value::{Argument, JsonPath, Object, Text, Value};

/// Calls an HTTPS endpoint.
#[derive(Debug, Clone)]
#[must_use]
pub struct HttpInvoke {
    scope: Scope,
    options: StateOptions,
    api_root: Text,
    api_endpoint: TaskInput,
    method: TaskInput,
    connection: Connection,
    body: Option<TaskInput>,
    headers: Option<TaskInput>,
    query_string_parameters: Option<TaskInput>,
    url_encoding_format: Option<URLEncodingFormat>,
}

names! {
    /// How a body that is sent as a form writes arrays.
    pub enum URLEncodingFormat {
        /// `array[]=1&array[]=2`.
        Brackets = "BRACKETS",
        /// `array=1,2`.
        Commas = "COMMAS",
        /// As the service does unless told: by indices.
        Default = "DEFAULT",
        /// `array[0]=1&array[1]=2`.
        Indices = "INDICES",
        /// The body is no form.
        None = "NONE",
        /// `array=1&array=2`.
        Repeat = "REPEAT",
    }
}

impl HttpInvoke {
    /// Calls a path of an API with a method, logged in by a connection:
    /// `("https://api.example.com", TaskInput::from_text("orders"), TaskInput::from_text("GET"), &connection)`.
    pub fn new(
        scope: &Scope,
        id: &str,
        api_root: impl Into<Text>,
        api_endpoint: TaskInput,
        method: TaskInput,
        connection: &Connection,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            api_root: api_root.into(),
            api_endpoint,
            method,
            connection: connection.clone(),
            body: None,
            headers: None,
            query_string_parameters: None,
            url_encoding_format: None,
        }
    }

    /// The body of the request.
    pub fn body(mut self, body: TaskInput) -> Self {
        self.body = Some(body);
        self
    }

    /// The headers of the request.
    pub fn headers(mut self, headers: TaskInput) -> Self {
        self.headers = Some(headers);
        self
    }

    /// The query of the request.
    pub fn query_string_parameters(mut self, parameters: TaskInput) -> Self {
        self.query_string_parameters = Some(parameters);
        self
    }

    /// Sends the body as a form; how it writes arrays.
    pub fn url_encoding_format(mut self, format: URLEncodingFormat) -> Self {
        self.url_encoding_format = Some(format);
        self
    }
}

task_state!(HttpInvoke, define);

fn define(invoke: HttpInvoke, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, WaitForTaskToken};

    let pattern = task.pattern(RequestResponse, &[RequestResponse, WaitForTaskToken])?;
    let endpoint = match task.is_jsonata() {
        true => in_jsonata(&invoke.api_root, invoke.api_endpoint.value())?,
        false => in_json_path(&invoke.api_root, invoke.api_endpoint.value())?,
    };
    let form = invoke
        .url_encoding_format
        .filter(|format| *format != URLEncodingFormat::None);
    let headers = match form {
        Some(_) => Some(as_form(invoke.headers)?),
        None => invoke.headers.map(Value::from),
    };
    let connection = invoke.connection.connection_arn();
    let parameters = Value::object([
        ("ApiEndpoint", Some(Value::from(&endpoint))),
        (
            "Authentication",
            Some(crate::object! {"ConnectionArn": &connection}),
        ),
        ("Method", Some(invoke.method.into())),
        ("Headers", headers),
        ("RequestBody", invoke.body.map(Value::from)),
        (
            "QueryParameters",
            invoke.query_string_parameters.map(Value::from),
        ),
        ("Transform", form.map(transform)),
    ]);
    let missing = "Task Token is required in `headers`, `body` or `queryStringParameters` for callback. \
                   Use JsonPath.taskToken to set the token.";
    task.needs_token(pattern, "body", Some(&parameters), missing)?;
    let known = [
        (connection, invoke.connection.connection_secret_arn()),
        (endpoint, invoke.api_root),
    ];
    task.integration("http", "invoke", pattern, parameters, &known)
}

/// Says that the body is a form.
fn as_form(headers: Option<TaskInput>) -> Result<Value, Problem> {
    let mut headers = match headers.map(Value::from) {
        None => Object::new(),
        Some(Value::Object(headers)) => headers,
        Some(_) => {
            let message =
                "With `urlEncodingFormat`, `headers` must be an object: a header is added to them.";
            return Err(Problem::property("headers", message));
        }
    };
    let kind = "application/x-www-form-urlencoded";
    headers.insert("Content-Type".to_owned(), kind.into());
    Ok(headers.into())
}

fn transform(format: URLEncodingFormat) -> Value {
    let arrays =
        (format != URLEncodingFormat::Default).then(|| crate::object! {"ArrayFormat": format});
    Value::object([
        ("RequestBodyEncoding", Some("URL_ENCODED".into())),
        ("RequestEncodingOptions", arrays),
    ])
}

/// The address as a call of an intrinsic function; with parts that are only known at deployment, as a text.
fn in_json_path(root: &Text, endpoint: &Value) -> Result<Text, Problem> {
    let Value::Text(endpoint) = endpoint else {
        return Err(no_text());
    };
    let argument = |text: &Text| match (text.as_path(), text.as_literal()) {
        (Some(path), _) => Some(Argument::from(path)),
        (None, text) => text.map(Argument::from),
    };
    if let (Some(root), Some(endpoint)) = (argument(root), argument(endpoint)) {
        return Ok(JsonPath::format("{}/{}", [root, endpoint]).into());
    }
    if root.as_path().is_some() || endpoint.as_path().is_some() {
        let message = "A path cannot be combined with what is only known at deployment: make both known to the workflow.";
        return Err(Problem::property("api_endpoint", message));
    }
    Ok(root.clone().then("/").then(endpoint))
}

/// The address as an expression.
fn in_jsonata(root: &Text, endpoint: &Value) -> Result<Text, Problem> {
    let Value::Text(endpoint) = endpoint else {
        return Err(no_text());
    };
    let operand = |text: &Text| match text.as_literal() {
        Some(expression) if expression.starts_with("{%") && expression.ends_with("%}") => {
            let expression = &expression[2..expression.len() - 2];
            Text::from(expression.trim())
        }
        Some(text) => quoted(text).into(),
        None => Text::from("'").then(text).then("'"),
    };
    Ok(Text::from("{% ")
        .then(operand(root))
        .then(" & '/' & ")
        .then(operand(endpoint))
        .then(" %}"))
}

/// A text as a literal.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}

fn no_text() -> Problem {
    Problem::property("api_endpoint", "`apiEndpoint` must be a text or a path.")
}
