//! Calls an action of any AWS service in another region.

use super::lambda::SERVICE_EXCEPTIONS;
use crate::core::{Duration, EmbeddedFile, Problem, Scope};
use crate::iam::Statement;
use crate::resources::{Code, Function, Runtime, SingletonFunction};
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskMetrics, TaskScope, task_state,
};
use crate::value::{Text, Value};

const HANDLER: &[EmbeddedFile] = &[EmbeddedFile {
    name: "index.js",
    text: include_str!("../../assets/aws-sdk-cross-region/index.js"),
}];

/// Calls an action of an AWS service in another region, by a function that the stack gets for it.
#[derive(Debug, Clone)]
#[must_use]
pub struct CallAwsServiceCrossRegion {
    scope: Scope,
    options: StateOptions,
    service: String,
    action: String,
    iam_resources: Vec<Text>,
    region: Text,
    parameters: Option<Value>,
    iam_action: Option<String>,
    additional_iam_statements: Vec<Statement>,
    endpoint: Option<Text>,
    retry_on_service_exceptions: bool,
}

impl CallAwsServiceCrossRegion {
    /// Calls an action of a service in a region: `"s3"`, `"getObject"`, the ARNs that the function must be allowed it on, and
    /// `"eu-west-1"`.
    ///
    /// The service is called as in the packages of the AWS SDK for JavaScript: `@aws-sdk/client-s3`.
    pub fn new<T: Into<Text>>(
        scope: &Scope,
        id: &str,
        service: impl Into<String>,
        action: impl Into<String>,
        iam_resources: impl IntoIterator<Item = T>,
        region: impl Into<Text>,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            service: service.into(),
            action: action.into(),
            iam_resources: iam_resources.into_iter().map(Into::into).collect(),
            region: region.into(),
            parameters: None,
            iam_action: None,
            additional_iam_statements: Vec::new(),
            endpoint: None,
            retry_on_service_exceptions: true,
        }
    }

    /// What the action is called with, named as in the SDK: `object! { "Bucket": "orders" }`.
    pub fn parameters(mut self, parameters: impl Into<Value>) -> Self {
        self.parameters = Some(parameters.into());
        self
    }

    /// The action that the function must be allowed, if it is not called as the service's.
    pub fn iam_action(mut self, action: impl Into<String>) -> Self {
        self.iam_action = Some(action.into());
        self
    }

    /// What else the function must be allowed.
    pub fn additional_iam_statements(
        mut self,
        statements: impl IntoIterator<Item = Statement>,
    ) -> Self {
        self.additional_iam_statements.extend(statements);
        self
    }

    /// Another address of the service. One from the workflow's data is chosen by whoever starts the workflow, who can so
    /// have signed calls sent to a place of theirs.
    pub fn endpoint(mut self, endpoint: impl Into<Text>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Whether to try again when the Lambda service fails; on unless said.
    pub fn retry_on_service_exceptions(mut self, retry: bool) -> Self {
        self.retry_on_service_exceptions = retry;
        self
    }
}

task_state!(CallAwsServiceCrossRegion, define);

fn define(
    call: CallAwsServiceCrossRegion,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    let pattern = task.options.integration_pattern.unwrap_or_default();
    if pattern == IntegrationPattern::RunJob {
        let message =
            "The RUN_JOB integration pattern is not supported for CallAwsServiceCrossRegion";
        return Err(Problem::property("integration_pattern", message));
    }
    if call.action.starts_with(|first: char| first.is_uppercase()) {
        let message = format!("action must be camelCase, got: {}", call.action);
        return Err(Problem::property("action", message));
    }
    let missing = "Task Token is required in `parameters` for callback. Use JsonPath.taskToken to set the token.";
    task.needs_token(pattern, "parameters", call.parameters.as_ref(), missing)?;
    let function = SingletonFunction::new(
        &task.scope,
        "Handler",
        "8a0c93f3-dbef-4b71-ac13-7aaf2048ce7e",
        "CrossRegionAwsSdk",
        &Runtime::NODEJS_LATEST,
        "index.handler",
        Code::embedded(HANDLER),
    );
    let function = Function::clone(&function).timeout(Duration::seconds(30));
    let action = call
        .iam_action
        .unwrap_or_else(|| iam_action(&call.service, &call.action));
    function.add_to_role_policy(Statement::allow([action], call.iam_resources));
    for statement in call.additional_iam_statements {
        function.add_to_role_policy(statement);
    }
    if call.retry_on_service_exceptions {
        task.retry(super::lambda::retry_on(SERVICE_EXCEPTIONS));
    }
    let payload = Value::object([
        ("region", Some(call.region.into())),
        ("endpoint", call.endpoint.map(Value::from)),
        ("action", Some(call.action.into())),
        ("service", Some(call.service.into())),
        ("parameters", call.parameters),
    ]);
    if pattern == IntegrationPattern::WaitForTaskToken {
        let parameters =
            crate::object! {"FunctionName": function.function_arn(), "Payload": payload};
        let mut definition = task.integration("lambda", "invoke", pattern, parameters, &[])?;
        definition.statements = vec![function.invocation()];
        return Ok(definition);
    }
    Ok(TaskDefinition {
        resource: function.function_arn(),
        parameters: Some(payload),
        statements: vec![function.invocation()],
        metrics: TaskMetrics::default(),
    })
}

/// The action in IAM. Packages of the SDK have hyphens in their names, which Step Functions leaves out.
fn iam_action(service: &str, action: &str) -> String {
    let name = service.replace('-', "");
    match stepmill_catalog::sdk_service(&name) {
        Some(_) => stepmill_catalog::iam_action(&name, action),
        None => format!("{service}:{action}"),
    }
}
