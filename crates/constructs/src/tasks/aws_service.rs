//! Calls of any AWS service.

use crate::core::{Problem, Scope};
use crate::iam::Statement;
use crate::states::{IntegrationPattern, StateOptions, TaskDefinition, TaskScope, task_state};
use crate::value::{Name, Object, Pseudo, Text, Value};

/// Calls an action of an AWS service.
#[derive(Debug, Clone)]
#[must_use]
pub struct CallAwsService {
    scope: Scope,
    options: StateOptions,
    service: String,
    action: String,
    parameters: Option<Value>,
    iam_resources: Vec<Text>,
    iam_action: Option<Text>,
    additional_iam_statements: Vec<Statement>,
}

impl CallAwsService {
    /// Calls an action that the machine's role is allowed on some resources: `("s3", "getObject", [bucket.arn_for_objects("*")])`.
    ///
    /// The action is in camel case.
    pub fn new<T: Into<Text>>(
        scope: &Scope,
        id: &str,
        service: &str,
        action: &str,
        iam_resources: impl IntoIterator<Item = T>,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            service: service.to_owned(),
            action: action.to_owned(),
            parameters: None,
            iam_resources: iam_resources.into_iter().map(Into::into).collect(),
            iam_action: None,
            additional_iam_statements: Vec::new(),
        }
    }

    /// What the action is called with; the names begin in upper case. Nothing unless said.
    pub fn parameters(mut self, parameters: impl Into<Value>) -> Self {
        self.parameters = Some(parameters.into());
        self
    }

    /// What the machine's role is allowed where that is not called like the action: `s3:ListAllMyBuckets`.
    pub fn iam_action(mut self, action: impl Into<Text>) -> Self {
        self.iam_action = Some(action.into());
        self
    }

    /// What the machine's role must be allowed besides.
    pub fn additional_iam_statements(
        mut self,
        statements: impl IntoIterator<Item = Statement>,
    ) -> Self {
        self.additional_iam_statements.extend(statements);
        self
    }
}

task_state!(CallAwsService, define);

fn define(call: CallAwsService, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    let pattern = task.options.integration_pattern.unwrap_or_default();
    if pattern == IntegrationPattern::RunJob {
        let message = "The RUN_JOB integration pattern is not supported for CallAwsService";
        return Err(Problem::property("integration_pattern", message));
    }
    check_names(&call)?;
    let service = call.service.to_ascii_lowercase();
    let action = call
        .iam_action
        .unwrap_or_else(|| stepmill_catalog::iam_action(&service, &call.action).into());
    let mut statements = vec![Statement::allow([action], call.iam_resources)];
    statements.extend(call.additional_iam_statements);
    let suffix = pattern.in_language().suffix();
    let resource = [
        Text::from("arn:"),
        Pseudo::Partition.into(),
        format!(":states:::aws-sdk:{service}:{}{suffix}", call.action).into(),
    ];
    Ok(TaskDefinition {
        resource: Text::concat(resource),
        parameters: Some(call.parameters.unwrap_or(Value::Object(Object::new()))),
        statements,
        ..TaskDefinition::default()
    })
}

/// That the action begins in lower case, and the parameters in upper case.
fn check_names(call: &CallAwsService) -> Result<(), Problem> {
    let begins = |name: &str, allowed: fn(char) -> bool| name.chars().next().is_some_and(allowed);
    if !begins(&call.action, |letter| !letter.is_uppercase()) {
        let message = format!("action must be camelCase, got: {}", call.action);
        return Err(Problem::property("action", message));
    }
    let names = call.parameters.as_ref().and_then(Value::as_object);
    let names = names.into_iter().flat_map(Object::keys);
    let wrong: Vec<&str> = names
        .map(Name::as_str)
        .filter(|name| !begins(name, |letter| !letter.is_lowercase()))
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let message = format!(
        "parameter names must be PascalCase, got: {}",
        wrong.join(", ")
    );
    Err(Problem::property("parameters", message))
}
