//! What calls of REST and HTTP APIs have in common.

use crate::core::Problem;
use crate::states::{IntegrationPattern, TaskDefinition, TaskInput, TaskScope};
use crate::tasks::property::names;
use crate::value::{Text, Value};

names! {
    /// The method of a request.
    pub enum HttpMethod {
        /// Reads a resource.
        Get = "GET",
        /// Lets a resource process something.
        Post = "POST",
        /// Replaces a resource.
        Put = "PUT",
        /// Deletes a resource.
        Delete = "DELETE",
        /// Changes parts of a resource.
        Patch = "PATCH",
        /// As GET, without the body.
        Head = "HEAD",
        /// Asks what the resource can.
        Options = "OPTIONS",
    }
}

names! {
    /// How a request shows who makes it.
    pub enum AuthType {
        /// Not at all.
        NoAuth = "NO_AUTH",
        /// By the machine's role.
        IamRole = "IAM_ROLE",
        /// By the machine's role, checked against the API's resource policy.
        ResourcePolicy = "RESOURCE_POLICY",
    }
}

/// What can be said of a call.
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    pub(super) headers: Option<TaskInput>,
    pub(super) api_path: Option<Text>,
    pub(super) query_parameters: Option<TaskInput>,
    pub(super) request_body: Option<TaskInput>,
    pub(super) auth_type: Option<AuthType>,
}

/// What can be said of calls of REST and HTTP APIs.
pub trait CallApiGatewayEndpointBase: Sized {
    #[doc(hidden)]
    fn call(&mut self) -> &mut CallOptions;

    /// The headers of the request. Each value is an array.
    #[must_use]
    fn headers(mut self, headers: TaskInput) -> Self {
        self.call().headers = Some(headers);
        self
    }

    /// The path that is called, beginning with `/`.
    #[must_use]
    fn api_path(mut self, path: impl Into<Text>) -> Self {
        self.call().api_path = Some(path.into());
        self
    }

    /// The query of the request. Each value is an array.
    #[must_use]
    fn query_parameters(mut self, parameters: TaskInput) -> Self {
        self.call().query_parameters = Some(parameters);
        self
    }

    /// The body of the request.
    #[must_use]
    fn request_body(mut self, body: TaskInput) -> Self {
        self.call().request_body = Some(body);
        self
    }

    /// How the request shows who makes it; not at all unless said.
    #[must_use]
    fn auth_type(mut self, auth_type: AuthType) -> Self {
        self.call().auth_type = Some(auth_type);
        self
    }
}

/// A call of an endpoint.
pub(super) fn define(
    call: CallOptions,
    task: &TaskScope,
    endpoint: Text,
    method: HttpMethod,
    stage_name: Option<Text>,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, WaitForTaskToken};

    let pattern = task.pattern(RequestResponse, &[RequestResponse, WaitForTaskToken])?;
    let missing = "Task Token is required in `headers` for WAIT_FOR_TASK_TOKEN pattern. Use JsonPath.taskToken to set the token.";
    let headers = call.headers.as_ref().map(TaskInput::value);
    task.needs_token(pattern, "headers", headers, missing)?;
    let auth_type = call.auth_type.unwrap_or(AuthType::NoAuth);
    let parameters = Value::object([
        ("ApiEndpoint", Some(endpoint.into())),
        ("Method", Some(method.into())),
        ("Headers", call.headers.map(Value::from)),
        ("Stage", stage_name.map(Value::from)),
        ("Path", call.api_path.map(Value::from)),
        ("QueryParameters", call.query_parameters.map(Value::from)),
        ("RequestBody", call.request_body.map(Value::from)),
        ("AuthType", Some(auth_type.into())),
    ]);
    let mut definition = task.integration("apigateway", "invoke", pattern, parameters, &[])?;
    // Without a word on it, the CDK allows the call all the same: the API may ask for the role later on.
    if call.auth_type == Some(AuthType::NoAuth) {
        definition.statements.clear();
    }
    Ok(definition)
}
