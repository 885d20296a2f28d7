//! What a machine's role must be allowed, by the facts of the catalog.

mod definition;
mod map;
mod template;

pub use definition::{Needed, RolePolicy, Unknown, of_definition};

pub(crate) use map::{map_resource, map_runs};

use stepmill_asl::model::IntegrationPattern;
use stepmill_catalog::{IamStatement, OneOrMany};

use crate::core::{Feature, Scope};
use crate::iam::Statement;
use crate::value::{Text, Value};
use template::Template;

/// ARNs of resources that a task names otherwise, by what names them: a queue's by its URL.
pub(crate) type KnownArns<'a> = &'a [(Text, Text)];

/// The statements for an optimised integration with its parameters; none if the catalog does not know it.
pub(crate) fn integration(
    scope: &Scope,
    service: &str,
    action: &str,
    pattern: IntegrationPattern,
    parameters: &Value,
    known: KnownArns<'_>,
) -> Option<Vec<Statement>> {
    let rows = rows(service, action, pattern)?;
    let template = Template {
        scope,
        parameters,
        known,
    };
    Some(statements(rows, &template))
}

/// The catalog's rows for an integration, or for an AWS SDK integration that it knows more of (`aws-sdk:glue`); none if
/// there is no such integration.
///
/// A waiting task needs what one that asks for the response needs, unless the catalog has rows of its own.
fn rows(
    service: &str,
    action: &str,
    pattern: IntegrationPattern,
) -> Option<&'static [IamStatement]> {
    if let Some(service) = service.strip_prefix("aws-sdk:") {
        let rows = stepmill_catalog::sdk_service(service)?.iam.get(action)?;
        return Some(rows);
    }
    let integration = stepmill_catalog::integration(service, action)?;
    let rows = integration
        .iam(pattern)
        .or_else(|| integration.iam(IntegrationPattern::RequestResponse));
    Some(rows.unwrap_or_default())
}

/// Rows as statements, for the CDK's version that the app has chosen.
fn statements(rows: &[IamStatement], template: &Template<'_>) -> Vec<Statement> {
    let version = if template.scope.has(Feature::Version2) {
        2
    } else {
        1
    };
    let rows = rows
        .iter()
        .filter(|row| row.cdk.is_none_or(|cdk| cdk == version));
    rows.filter_map(|row| statement(row, template)).collect()
}

/// A row as a statement; none if what it is about is missing.
fn statement(row: &IamStatement, template: &Template<'_>) -> Option<Statement> {
    if let Some(parameter) = &row.when {
        template.parameters.get(parameter)?;
    }
    let resources = match row.resources.as_slice() {
        [] => vec!["*".into()],
        templates => template.all(templates),
    };
    if resources.is_empty() {
        return None;
    }
    let mut statement = Statement::allow(row.actions.iter(), resources);
    if let Some(sid) = &row.sid {
        statement = statement.sid(sid);
    }
    for (operator, keys) in &row.conditions {
        for (key, value) in keys {
            let value = match value {
                // A value that is only known at run time cannot narrow the statement down.
                OneOrMany::One(value) => template.value(value).map(Value::from),
                OneOrMany::Many(values) => {
                    let values: Option<Vec<Text>> =
                        values.iter().map(|value| template.value(value)).collect();
                    values.map(Value::from)
                }
            };
            if let Some(value) = value {
                statement = statement.condition(operator, key, value);
            }
        }
    }
    Some(statement)
}
