//! DataBrew: starts runs of jobs.

use crate::core::{Problem, Scope};
use crate::states::{IntegrationPattern, StateOptions, TaskDefinition, TaskScope, task_state};
use crate::value::{Text, Value};

/// Starts a run of a DataBrew job.
#[derive(Debug, Clone)]
#[must_use]
pub struct GlueDataBrewStartJobRun {
    scope: Scope,
    options: StateOptions,
    name: Text,
}

impl GlueDataBrewStartJobRun {
    /// Starts a run of a job by its name.
    pub fn new(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            name: name.into(),
        }
    }
}

task_state!(GlueDataBrewStartJobRun, define);

fn define(run: GlueDataBrewStartJobRun, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob};

    let pattern = task.pattern(RequestResponse, &[RequestResponse, RunJob])?;
    let parameters = Value::object([("Name", Some(run.name.into()))]);
    task.integration("databrew", "startJobRun", pattern, parameters, &[])
}
