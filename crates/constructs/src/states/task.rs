//! Task states: what all of them have in common.

use stepmill_asl::model;

use super::options::{
    Assigning, Catching, InputOutput, QueryLanguage, ResultOptions, StateBuilder, StateOptions,
};
use super::retry::Retry;
use super::state::{Kind, State};
use crate::core::{Duration, Features, Problem, Scope};
use crate::iam::{Role, Statement};
use crate::policy::{self, KnownArns};
use crate::value::{JsonPath, Object, Pseudo, Text, Value, contains_task_token};

/// What a task waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IntegrationPattern {
    /// For the response.
    #[default]
    RequestResponse,
    /// For the job to end.
    RunJob,
    /// For the task token to come back.
    WaitForTaskToken,
}

impl IntegrationPattern {
    /// Its name in the CDK.
    pub fn name(self) -> &'static str {
        match self {
            Self::RequestResponse => "REQUEST_RESPONSE",
            Self::RunJob => "RUN_JOB",
            Self::WaitForTaskToken => "WAIT_FOR_TASK_TOKEN",
        }
    }

    /// It as the States Language knows it.
    pub(crate) fn in_language(self) -> model::IntegrationPattern {
        match self {
            Self::RequestResponse => model::IntegrationPattern::RequestResponse,
            Self::RunJob => model::IntegrationPattern::RunJob,
            Self::WaitForTaskToken => model::IntegrationPattern::WaitForTaskToken,
        }
    }
}

impl From<IntegrationPattern> for model::IntegrationPattern {
    fn from(pattern: IntegrationPattern) -> Self {
        pattern.in_language()
    }
}

/// How long something may take.
#[derive(Debug, Clone, PartialEq)]
pub enum Timeout {
    /// A fixed time, in whole seconds.
    Duration(Duration),
    /// Seconds at a path of the state's input. JSONPath only.
    At(JsonPath),
    /// Seconds that an expression gives. JSONata only.
    Jsonata(String),
}

impl Timeout {
    /// A fixed time.
    pub fn duration(duration: Duration) -> Self {
        Self::Duration(duration)
    }

    /// Seconds at a path of the state's input. JSONPath only.
    pub fn at(path: impl Into<JsonPath>) -> Self {
        Self::At(path.into())
    }

    /// Seconds that an expression gives: `{% $states.input.seconds %}`. JSONata only.
    pub fn jsonata(expression: impl Into<String>) -> Self {
        Self::Jsonata(expression.into())
    }
}

impl From<Duration> for Timeout {
    fn from(duration: Duration) -> Self {
        Self::Duration(duration)
    }
}

/// The role with whose permissions a task runs, instead of the machine's.
#[derive(Debug, Clone, PartialEq)]
pub struct Credentials {
    /// The role's ARN, or where in the workflow's data it stands.
    pub(crate) role_arn: Text,
    /// What the machine's role may take on: the role, or anything if it is only known at run time.
    pub(crate) resource: Text,
}

impl Credentials {
    /// A role.
    pub fn role(role: &Role) -> Self {
        Self {
            role_arn: role.role_arn(),
            resource: role.role_arn(),
        }
    }

    /// The role whose ARN is at a path of the workflow's data, or, in JSONata, what an expression gives.
    pub fn role_arn_at(expression: impl Into<String>) -> Self {
        let expression = expression.into();
        let role_arn = match expression.starts_with('$') {
            true => JsonPath::from(expression).into(),
            false => Text::from(expression),
        };
        Self {
            role_arn,
            resource: "*".into(),
        }
    }
}

/// What a kind of task is to its metrics.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TaskMetrics {
    /// What names of metrics about one task begin with: `LambdaFunction`.
    pub singular: Option<&'static str>,
    /// What names of metrics that count tasks begin with: `LambdaFunctions`.
    pub plural: Option<&'static str>,
    /// The metrics' dimensions.
    pub dimensions: Object,
}

/// A task as it stands in a definition, with what it needs.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct TaskDefinition {
    /// The ARN that says what is done.
    pub(crate) resource: Text,
    /// What it is done with.
    pub(crate) parameters: Option<Value>,
    /// What the machine's role must be allowed.
    pub(crate) statements: Vec<Statement>,
    /// Its metrics.
    pub(crate) metrics: TaskMetrics,
}

impl TaskDefinition {
    /// A task of an optimised integration, with what the machine's role must be allowed.
    pub(crate) fn integration(
        service: &str,
        action: &str,
        pattern: model::IntegrationPattern,
        parameters: Value,
        statements: Vec<Statement>,
    ) -> Self {
        let suffix = pattern.suffix();
        let resource = [
            Text::from("arn:"),
            Pseudo::Partition.into(),
            format!(":states:::{service}:{action}{suffix}").into(),
        ];
        Self {
            resource: Text::concat(resource),
            parameters: Some(parameters),
            statements,
            metrics: TaskMetrics::default(),
        }
    }

    /// Says on what an action is needed where the parameters do not say it: on these resources, not on everything.
    pub(crate) fn narrow(&mut self, action: &str, resources: impl IntoIterator<Item = Text>) {
        let resources: Vec<Text> = resources.into_iter().collect();
        for statement in &mut self.statements {
            if statement.is_about(action) {
                statement.set_resources(&resources);
            }
        }
    }
}

/// A kind of task.
pub(crate) trait Task: Sized {
    /// What was said of the task as a state.
    fn options(&mut self) -> &mut StateOptions;

    /// Where it is in the tree.
    fn scope(&self) -> &Scope;

    /// The task as it stands in a definition; everything wrong with it is found here.
    fn define(self, task: &mut TaskScope) -> Result<TaskDefinition, Problem>;
}

/// Where a task is defined: what was said of it as a state, and helpers for what all tasks do.
pub(crate) struct TaskScope {
    /// Its place in the tree, for the resources that it makes.
    pub(crate) scope: Scope,
    /// What was said of it as a state.
    pub(crate) options: StateOptions,
}

impl TaskScope {
    /// The features that the app has turned on.
    pub(crate) fn features(&self) -> Features {
        self.scope.features()
    }

    /// Whether its expressions are in JSONata, as far as is known before it is in a machine.
    pub(crate) fn is_jsonata(&self) -> bool {
        self.options.query_language == Some(QueryLanguage::Jsonata)
    }

    /// The pattern that was asked for, or a default; it must be one of those that the task supports.
    pub(crate) fn pattern(
        &self,
        default: IntegrationPattern,
        supported: &[IntegrationPattern],
    ) -> Result<IntegrationPattern, Problem> {
        let pattern = self.options.integration_pattern.unwrap_or(default);
        if supported.contains(&pattern) {
            return Ok(pattern);
        }
        let names: Vec<_> = supported.iter().map(|pattern| pattern.name()).collect();
        Err(Problem::UnsupportedPattern {
            supported: names.join(","),
            received: pattern.name(),
        })
    }

    /// That what is sent has the task token in it, if the task waits for it to come back.
    // It reads as the other checks do.
    #[allow(clippy::unused_self)]
    pub(crate) fn needs_token(
        &self,
        pattern: IntegrationPattern,
        property: &'static str,
        sent: Option<&Value>,
        message: &str,
    ) -> Result<(), Problem> {
        let given = pattern != IntegrationPattern::WaitForTaskToken
            || sent.is_some_and(contains_task_token);
        match given {
            true => Ok(()),
            false => Err(Problem::property(property, message)),
        }
    }

    /// The task's timeout where the service is told of it, in the unit that the function gives; the state then has none.
    pub(crate) fn timeout_parameter(&mut self, unit: fn(Duration) -> u64) -> Option<Value> {
        Some(match self.options.timeout.take()? {
            Timeout::Duration(duration) => unit(duration).into(),
            Timeout::Jsonata(expression) => expression.into(),
            Timeout::At(path) => path.into(),
        })
    }

    /// A retrier that the task brings along, before those of the author.
    pub(crate) fn retry(&mut self, retry: Retry) {
        self.options.retries.insert(0, retry);
    }

    /// A task of an optimised integration, with the statements that the catalog has for its pattern and parameters.
    ///
    /// `known` has the ARNs of resources that the parameters name otherwise.
    pub(crate) fn integration(
        &self,
        service: &str,
        action: &str,
        pattern: impl Into<model::IntegrationPattern>,
        parameters: Value,
        known: KnownArns<'_>,
    ) -> Result<TaskDefinition, Problem> {
        let pattern = pattern.into();
        let statements =
            policy::integration(&self.scope, service, action, pattern, &parameters, known);
        let statements = statements.ok_or_else(|| {
            Problem::Tree(format!(
                "{service}:{action} is no integration that the catalog knows"
            ))
        })?;
        Ok(TaskDefinition::integration(
            service, action, pattern, parameters, statements,
        ))
    }
}

impl<T: Task> StateBuilder for T {
    fn options(&mut self) -> &mut StateOptions {
        Task::options(self)
    }

    fn build(mut self) -> State {
        let scope = self.scope().clone();
        let options = std::mem::take(Task::options(&mut self));
        let mut task = TaskScope { scope, options };
        let mut definition = self.define(&mut task).unwrap_or_else(|problem| {
            task.scope.report(problem);
            TaskDefinition::default()
        });
        if let Some(credentials) = &task.options.credentials {
            definition.statements.push(Statement::allow(
                ["sts:AssumeRole"],
                [&credentials.resource],
            ));
        }
        State::new(&task.scope, task.options, Kind::Task(Box::new(definition)))
    }
}

impl<T: Task> Assigning for T {}
impl<T: Task> InputOutput for T {}
impl<T: Task> ResultOptions for T {}
impl<T: Task> Catching for T {}
impl<T: Task> TaskBuilder for T {}

/// What can be said of every task.
pub trait TaskBuilder: StateBuilder {
    /// What the task waits for.
    #[must_use]
    fn integration_pattern(mut self, pattern: IntegrationPattern) -> Self {
        StateBuilder::options(&mut self).integration_pattern = Some(pattern);
        self
    }

    /// How long the task may take, in whole seconds: a duration, or a [`Timeout`] from the workflow's data.
    #[must_use]
    fn timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        StateBuilder::options(&mut self).timeout = Some(timeout.into());
        self
    }

    /// How long the task may go without a sign of life, in whole seconds: a duration, or a
    /// [`Timeout`] from the workflow's data.
    #[must_use]
    fn heartbeat(mut self, heartbeat: impl Into<Timeout>) -> Self {
        StateBuilder::options(&mut self).heartbeat = Some(heartbeat.into());
        self
    }

    /// The role with whose permissions the task runs, instead of the machine's.
    #[must_use]
    fn credentials(mut self, credentials: Credentials) -> Self {
        StateBuilder::options(&mut self).credentials = Some(credentials);
        self
    }
}

/// Makes a struct with the fields `scope` and `options` a task whose function `$define` defines it.
macro_rules! task_state {
    ($name:ident, $define:expr) => {
        impl $crate::states::Task for $name {
            fn options(&mut self) -> &mut $crate::states::StateOptions {
                &mut self.options
            }

            fn scope(&self) -> &$crate::core::Scope {
                &self.scope
            }

            fn define(
                self,
                task: &mut $crate::states::TaskScope,
            ) -> Result<$crate::states::TaskDefinition, $crate::core::Problem> {
                $define(self, task)
            }
        }
    };
}

pub(crate) use task_state;
