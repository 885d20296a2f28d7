//! Every optimised integration with every of its patterns, by the cases of `table.json`.

mod jobs;
mod moto;
mod strict;
mod table;
mod template;

use serde_json::{Value, json};
use stepmill_asl::model::{IntegrationPattern, Resource};
use stepmill_catalog::{self as catalog, ApiAction, Integration};
use stepmill_integrations::{Integrations, Outcome};

use crate::{EXECUTION, MACHINE, call, ok, run};
use table::{Case, Table};
use template::filled;

/// A case with a pattern.
struct Row {
    /// The service and the action, as resource ARNs have them.
    service: &'static str,
    action: &'static str,
    facts: &'static Integration,
    pattern: IntegrationPattern,
    case: &'static Case,
}

impl Row {
    /// Those of the catalog with one of the patterns that have a case.
    fn all(patterns: &[IntegrationPattern]) -> Vec<Self> {
        let mut rows = Vec::new();
        for (service, actions) in &catalog::catalog().services {
            for (action, row) in &actions.actions {
                let case = Table::get().cases.get(&format!("{service}:{action}"));
                let of_row = row.patterns.iter().copied();
                let of_row = of_row.filter(|pattern| patterns.contains(pattern));
                rows.extend(of_row.filter_map(|pattern| {
                    Some(Self {
                        service,
                        action,
                        facts: row,
                        pattern,
                        case: case?,
                    })
                }));
            }
        }
        rows
    }

    /// `athena:startQueryExecution.sync`
    fn resource(&self) -> String {
        format!("{}:{}{}", self.service, self.action, self.pattern.suffix())
    }

    /// The API action.
    fn api(&self) -> ApiAction {
        let resource = Resource::parse(&format!("arn:aws:states:::{}", self.resource()));
        let Some(Resource::Service(resource)) = resource else {
            panic!("{}", self.resource())
        };
        catalog::api_action(&resource).unwrap()
    }

    /// Makes what the case needs: results by name.
    async fn prepare(&self, tasks: &Integrations) -> Value {
        let mut context = json!({ "machine": MACHINE, "execution": EXECUTION });
        for name in &self.case.before {
            let step = &Table::get().resources[name];
            let parameters = filled(&step.parameters, &context);
            context[name] = ok(tasks, &step.resource, parameters).await;
        }
        context
    }

    /// What comes of the task.
    async fn run(&self, tasks: &Integrations, context: &Value) -> Outcome {
        let parameters = filled(&self.case.parameters, context);
        run(tasks, &call(&self.resource(), &parameters)).await
    }

    /// The task's result, or the response of one that waits for its token.
    async fn result(&self, tasks: &Integrations, context: &Value) -> Value {
        let text = match (self.pattern, self.run(tasks, context).await) {
            (IntegrationPattern::RequestResponse, Outcome::Succeeded(text))
            | (IntegrationPattern::WaitForTaskToken, Outcome::Submitted(text)) => text,
            (_, outcome) => panic!("{}: {outcome:?}", self.resource()),
        };
        serde_json::from_str(&text).unwrap()
    }
}

/// Request and response, with and without a token.
const CALLS: [IntegrationPattern; 2] = [
    IntegrationPattern::RequestResponse,
    IntegrationPattern::WaitForTaskToken,
];

/// A pattern's name in the catalog.
fn named(pattern: IntegrationPattern) -> &'static str {
    match pattern {
        IntegrationPattern::RequestResponse => "request-response",
        IntegrationPattern::RunJob => "sync",
        IntegrationPattern::RunJobJson => "sync:2",
        IntegrationPattern::WaitForTaskToken => "waitForTaskToken",
    }
}

#[test]
fn every_integration_has_a_case_for_every_pattern_or_a_test_elsewhere() {
    let table = Table::get();
    for (service, actions) in &catalog::catalog().services {
        for (action, row) in &actions.actions {
            let name = format!("{service}:{action}");
            let jobs = row.supports(IntegrationPattern::RunJob);
            if let Some(case) = table.cases.get(&name) {
                assert_eq!(case.sync.is_some(), jobs, "{name}");
                assert_ne!(case.moto.is_some(), case.lacks.is_some(), "{name}");
                continue;
            }
            let elsewhere = table.elsewhere.get(&name);
            let elsewhere = elsewhere.unwrap_or_else(|| panic!("{name} has no test"));
            for pattern in &row.patterns {
                assert!(
                    elsewhere.contains_key(named(*pattern)),
                    "{name} {pattern:?}"
                );
            }
        }
    }
}
