//! Steps of a cluster.

use super::{job, request};
use crate::core::{Problem, Scope};
use crate::states::{StateOptions, TaskDefinition, TaskScope, task_state};
use crate::tasks::property::{key_values, names};
use crate::value::{Object, Text, Value};

/// Adds a step to a cluster and, unless another pattern is said, waits for it to end.
#[derive(Debug, Clone)]
#[must_use]
pub struct EmrAddStep {
    scope: Scope,
    options: StateOptions,
    cluster_id: Text,
    name: Text,
    jar: Text,
    action_on_failure: ActionOnFailure,
    args: Option<Value>,
    execution_role_arn: Option<Text>,
    main_class: Option<Text>,
    properties: Option<Object>,
}

names! {
    /// What a cluster does when a step fails.
    pub enum ActionOnFailure {
        /// It terminates.
        TerminateCluster = "TERMINATE_CLUSTER",
        /// It cancels the steps that wait, and waits for others.
        CancelAndWait = "CANCEL_AND_WAIT",
        /// It goes on with the next step.
        Continue = "CONTINUE",
    }
}

impl EmrAddStep {
    /// Adds a step with a name to a cluster: it runs a JAR file.
    pub fn new(
        scope: &Scope,
        id: &str,
        cluster_id: impl Into<Text>,
        name: impl Into<Text>,
        jar: impl Into<Text>,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            cluster_id: cluster_id.into(),
            name: name.into(),
            jar: jar.into(),
            action_on_failure: ActionOnFailure::Continue,
            args: None,
            execution_role_arn: None,
            main_class: None,
            properties: None,
        }
    }

    /// What the cluster does when the step fails; it goes on unless said.
    pub fn action_on_failure(mut self, action: ActionOnFailure) -> Self {
        self.action_on_failure = action;
        self
    }

    /// The arguments of the main function: a list of texts, or a path to one.
    pub fn args(mut self, args: impl Into<Value>) -> Self {
        self.args = Some(args.into());
        self
    }

    /// The role with which the step runs, instead of the cluster's.
    pub fn execution_role_arn(mut self, arn: impl Into<Text>) -> Self {
        self.execution_role_arn = Some(arn.into());
        self
    }

    /// The main class, if the JAR file does not name it.
    pub fn main_class(mut self, class: impl Into<Text>) -> Self {
        self.main_class = Some(class.into());
        self
    }

    /// Java properties that are set when the step runs.
    pub fn properties<K: Into<String>, V: Into<Text>>(
        mut self,
        properties: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let properties = properties.into_iter();
        let properties = properties.map(|(key, value)| (key.into(), Value::Text(value.into())));
        self.properties = Some(properties.collect());
        self
    }
}

task_state!(EmrAddStep, define_addition);

fn define_addition(step: EmrAddStep, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    let jar_step = Value::object([
        ("Jar", Some(step.jar.into())),
        ("MainClass", step.main_class.map(Value::from)),
        ("Args", step.args),
        ("Properties", step.properties.map(key_values)),
    ]);
    let described = crate::object! {
        "Name": step.name,
        "ActionOnFailure": step.action_on_failure,
        "HadoopJarStep": jar_step,
    };
    let parameters = Value::object([
        ("ClusterId", Some(step.cluster_id.into())),
        ("ExecutionRoleArn", step.execution_role_arn.map(Value::from)),
        ("Step", Some(described)),
    ]);
    job(task, "addStep", parameters)
}

/// Cancels a step of a cluster that still waits.
#[derive(Debug, Clone)]
#[must_use]
pub struct EmrCancelStep {
    scope: Scope,
    options: StateOptions,
    cluster_id: Text,
    step_id: Text,
}

impl EmrCancelStep {
    /// Cancels a step of a cluster.
    pub fn new(
        scope: &Scope,
        id: &str,
        cluster_id: impl Into<Text>,
        step_id: impl Into<Text>,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            cluster_id: cluster_id.into(),
            step_id: step_id.into(),
        }
    }
}

task_state!(EmrCancelStep, define_cancellation);

fn define_cancellation(
    cancel: EmrCancelStep,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    let parameters = crate::object! {"ClusterId": cancel.cluster_id, "StepId": cancel.step_id};
    request(task, "cancelStep", parameters)
}
