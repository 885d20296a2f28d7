//! Payload templates: members that are paths get the suffix `.$`.
//!
//! The rules are those of `FieldUtils.renderObject` of the AWS CDK.

use stepmill_asl::intrinsic::Expression;

use super::{JsonPath, Object, Part, Text, Value};

/// Why a value cannot be a payload template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateProblem {
    #[error("Cannot use JsonPath fields in an array, they must be used in objects")]
    InArray,
    #[error("Field references must be the entire string, cannot concatenate them (found '{0}')")]
    Concatenated(String),
    #[error("`{path}` is no JSON path and no intrinsic function: {reason}")]
    Malformed { path: String, reason: String },
}

/// The value as it stands in a state: members that are paths are renamed, other values are kept.
pub(crate) fn payload_template(value: &Value) -> Result<Value, TemplateProblem> {
    match value {
        Value::Object(members) => members
            .iter()
            .map(member)
            .collect::<Result<Object, _>>()
            .map(Value::Object),
        Value::List(items) => items
            .iter()
            .map(item)
            .collect::<Result<Vec<_>, _>>()
            .map(Value::List),
        Value::Text(text) if text.mixes_paths() => Err(TemplateProblem::Concatenated(shown(text))),
        Value::Lazy(lazy) => lazy
            .value()
            .map_or(Ok(Value::Null), |value| payload_template(&value)),
        other => Ok(other.clone()),
    }
}

fn member((name, value): (&String, &Value)) -> Result<(String, Value), TemplateProblem> {
    match value.as_path() {
        Some(path) => Ok((format!("{name}.$"), Value::from(checked(path)?))),
        None => Ok((name.clone(), payload_template(value)?)),
    }
}

fn item(value: &Value) -> Result<Value, TemplateProblem> {
    match value.as_path() {
        Some(_) => Err(TemplateProblem::InArray),
        None => payload_template(value),
    }
}

fn checked(path: &JsonPath) -> Result<&str, TemplateProblem> {
    let expression = path.expression();
    match Expression::parse(expression) {
        Ok(_) => Ok(expression),
        Err(problem) => Err(TemplateProblem::Malformed {
            path: expression.to_owned(),
            reason: problem.to_string(),
        }),
    }
}

/// A text as an error names it.
fn shown(text: &Text) -> String {
    let part = |part: &Part| match part {
        Part::Literal(text) => text.to_string(),
        Part::Path(path) => format!("${{{path}}}"),
        Part::Token(_) => "${Token}".to_owned(),
    };
    text.parts().iter().map(part).collect()
}

/// Whether a value gives the task token to a task.
pub(crate) fn contains_task_token(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.values().any(contains_task_token),
        Value::List(items) => items.iter().any(contains_task_token),
        Value::Text(text) => text.parts().iter().any(|part| match part {
            Part::Path(path) => names_token(path),
            Part::Literal(text) => text.contains("$states.context.Task.Token"),
            Part::Token(_) => false,
        }),
        _ => false,
    }
}

fn names_token(path: &JsonPath) -> bool {
    let token = |path: &str| ["$$.Task.Token", "$$.Task", "$$"].contains(&path);
    match Expression::parse(path.expression()) {
        Ok(expression) => expression.paths().any(|path| token(path.text())),
        Err(_) => token(path.expression()),
    }
}
