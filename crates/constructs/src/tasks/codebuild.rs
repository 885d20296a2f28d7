//! CodeBuild: starts builds.

use indexmap::IndexMap;

use crate::core::{Problem, Scope};
use crate::resources::{BuildEnvironmentVariable, Project};
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskMetrics, TaskScope, task_state,
};
use crate::value::{Object, Value};

/// Starts a build of a project.
#[derive(Debug, Clone)]
#[must_use]
pub struct CodeBuildStartBuild {
    scope: Scope,
    options: StateOptions,
    project: Project,
    environment_variables_override: IndexMap<String, BuildEnvironmentVariable>,
}

/// Starts a batch of builds of a project.
#[derive(Debug, Clone)]
#[must_use]
pub struct CodeBuildStartBuildBatch {
    scope: Scope,
    options: StateOptions,
    project: Project,
    environment_variables_override: IndexMap<String, BuildEnvironmentVariable>,
}

impl CodeBuildStartBuild {
    /// Starts a build of a project.
    pub fn new(scope: &Scope, id: &str, project: &Project) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            project: project.clone(),
            environment_variables_override: IndexMap::new(),
        }
    }

    /// Variables of the environment, instead of or beside those of the project.
    pub fn environment_variables_override<N: Into<String>>(
        mut self,
        variables: impl IntoIterator<Item = (N, BuildEnvironmentVariable)>,
    ) -> Self {
        let variables = variables.into_iter();
        self.environment_variables_override
            .extend(variables.map(|(name, variable)| (name.into(), variable)));
        self
    }
}

impl CodeBuildStartBuildBatch {
    /// Starts a batch of builds of a project.
    pub fn new(scope: &Scope, id: &str, project: &Project) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            project: project.clone(),
            environment_variables_override: IndexMap::new(),
        }
    }

    /// Variables of the environment, instead of or beside those of the project.
    pub fn environment_variables_override<N: Into<String>>(
        mut self,
        variables: impl IntoIterator<Item = (N, BuildEnvironmentVariable)>,
    ) -> Self {
        let variables = variables.into_iter();
        self.environment_variables_override
            .extend(variables.map(|(name, variable)| (name.into(), variable)));
        self
    }
}

task_state!(CodeBuildStartBuild, |build: CodeBuildStartBuild, task| {
    define(
        "startBuild",
        &build.project,
        build.environment_variables_override,
        task,
    )
});

task_state!(
    CodeBuildStartBuildBatch,
    |build: CodeBuildStartBuildBatch, task| {
        define(
            "startBuildBatch",
            &build.project,
            build.environment_variables_override,
            task,
        )
    }
);

fn define(
    action: &str,
    project: &Project,
    variables: IndexMap<String, BuildEnvironmentVariable>,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob};

    let pattern = task.pattern(RequestResponse, &[RequestResponse, RunJob])?;
    let variable = |(name, variable): (String, BuildEnvironmentVariable)| variable.named(&name);
    let variables: Vec<Value> = variables.into_iter().map(variable).collect();
    let variables = (!variables.is_empty()).then_some(Value::List(variables));
    let parameters = Value::object([
        ("ProjectName", Some(project.project_name().into())),
        ("EnvironmentVariablesOverride", variables),
    ]);
    let known = [(project.project_name(), project.project_arn())];
    let mut definition = task.integration("codebuild", action, pattern, parameters, &known)?;
    let dimension = ("ProjectArn".to_owned(), project.project_arn().into());
    definition.metrics = TaskMetrics {
        singular: Some("CodeBuildProject"),
        plural: Some("CodeBuildProjects"),
        dimensions: Object::from_iter([dimension]),
    };
    Ok(definition)
}
