//! Glue: starts crawlers.

use crate::core::{Problem, Scope};
use crate::states::{IntegrationPattern, StateOptions, TaskDefinition, TaskScope, task_state};
use crate::value::Text;

/// Starts a crawler, which looks into data stores and writes down what is in them.
#[derive(Debug, Clone)]
#[must_use]
pub struct GlueStartCrawlerRun {
    scope: Scope,
    options: StateOptions,
    crawler_name: Text,
}

impl GlueStartCrawlerRun {
    /// Starts the crawler of a name.
    pub fn new(scope: &Scope, id: &str, crawler_name: impl Into<Text>) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            crawler_name: crawler_name.into(),
        }
    }
}

task_state!(GlueStartCrawlerRun, define);

fn define(start: GlueStartCrawlerRun, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::RequestResponse;

    // The action takes a name and nothing else: there is no place for a task token.
    let pattern = task.pattern(RequestResponse, &[RequestResponse])?;
    let parameters = crate::object! {"Name": start.crawler_name};
    task.integration("aws-sdk:glue", "startCrawler", pattern, parameters, &[])
}
