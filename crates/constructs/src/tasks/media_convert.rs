//! MediaConvert: converts media files.

use crate::core::{Problem, Scope};
use crate::states::{IntegrationPattern, StateOptions, TaskDefinition, TaskScope, task_state};
use crate::value::Value;

/// Converts media files.
#[derive(Debug, Clone)]
#[must_use]
pub struct MediaConvertCreateJob {
    scope: Scope,
    options: StateOptions,
    create_job_request: Value,
}

impl MediaConvertCreateJob {
    /// Makes a job by a request as the API knows it, with `Role`, the ARN of the role that MediaConvert works with, and
    /// `Settings`.
    pub fn new(scope: &Scope, id: &str, create_job_request: impl Into<Value>) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            create_job_request: create_job_request.into(),
        }
    }
}

task_state!(MediaConvertCreateJob, define);

fn define(create: MediaConvertCreateJob, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob};

    let pattern = task.pattern(RequestResponse, &[RequestResponse, RunJob])?;
    for name in ["Role", "Settings"] {
        let value = create.create_job_request.get(name);
        if value.is_none_or(|value| *value == Value::Null) {
            let place = task.scope.path_text();
            let message = format!("{place} is missing required property: {name}");
            return Err(Problem::property("create_job_request", message));
        }
    }
    let request = create.create_job_request;
    task.integration("mediaconvert", "createJob", pattern, request, &[])
}
