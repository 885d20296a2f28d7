//! Tasks about a query that was started.

use crate::core::{Problem, Scope};
use crate::states::{IntegrationPattern, StateOptions, TaskDefinition, TaskScope, task_state};
use crate::value::{Object, Text, Value};

/// Tells how a query goes.
#[derive(Debug, Clone)]
#[must_use]
pub struct AthenaGetQueryExecution {
    scope: Scope,
    options: StateOptions,
    query_execution_id: Text,
}

impl AthenaGetQueryExecution {
    /// Tells how the query of an id goes.
    pub fn new(scope: &Scope, id: &str, query_execution_id: impl Into<Text>) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            query_execution_id: query_execution_id.into(),
        }
    }
}

task_state!(
    AthenaGetQueryExecution,
    |get: AthenaGetQueryExecution, task: &mut TaskScope| {
        about_query(task, "getQueryExecution", get.query_execution_id, [])
    }
);

/// Gets the rows that a query gave.
#[derive(Debug, Clone)]
#[must_use]
pub struct AthenaGetQueryResults {
    scope: Scope,
    options: StateOptions,
    query_execution_id: Text,
    next_token: Option<Text>,
    max_results: Option<Value>,
}

impl AthenaGetQueryResults {
    /// Gets the rows that the query of an id gave.
    pub fn new(scope: &Scope, id: &str, query_execution_id: impl Into<Text>) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            query_execution_id: query_execution_id.into(),
            next_token: None,
            max_results: None,
        }
    }

    /// Where to go on, as an earlier response said.
    pub fn next_token(mut self, token: impl Into<Text>) -> Self {
        self.next_token = Some(token.into());
        self
    }

    /// How many rows to get at most: a number, or a path to one; 1000 unless said.
    pub fn max_results(mut self, results: impl Into<Value>) -> Self {
        self.max_results = Some(results.into());
        self
    }
}

task_state!(
    AthenaGetQueryResults,
    |get: AthenaGetQueryResults, task: &mut TaskScope| {
        let more = [
            ("NextToken", get.next_token.map(Value::from)),
            ("MaxResults", get.max_results),
        ];
        about_query(task, "getQueryResults", get.query_execution_id, more)
    }
);

/// Stops a query.
#[derive(Debug, Clone)]
#[must_use]
pub struct AthenaStopQueryExecution {
    scope: Scope,
    options: StateOptions,
    query_execution_id: Text,
}

impl AthenaStopQueryExecution {
    /// Stops the query of an id.
    pub fn new(scope: &Scope, id: &str, query_execution_id: impl Into<Text>) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            query_execution_id: query_execution_id.into(),
        }
    }
}

task_state!(
    AthenaStopQueryExecution,
    |stop: AthenaStopQueryExecution, task: &mut TaskScope| {
        about_query(task, "stopQueryExecution", stop.query_execution_id, [])
    }
);

fn about_query<const N: usize>(
    task: &TaskScope,
    action: &str,
    query: Text,
    more: [(&str, Option<Value>); N],
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::RequestResponse;

    let pattern = task.pattern(RequestResponse, &[RequestResponse])?;
    let mut parameters = Object::new();
    parameters.insert("QueryExecutionId".to_owned(), query.into());
    for (name, value) in more {
        parameters.extend(value.map(|value| (name.to_owned(), value)));
    }
    task.integration("athena", action, pattern, parameters.into(), &[])
}
