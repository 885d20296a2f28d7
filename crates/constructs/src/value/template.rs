//! Payload templates: members that are paths get the suffix `.$`.
//!
//! The rules are those of `FieldUtils.renderObject` of the AWS CDK.

use stepmill_asl::intrinsic::{Expression, Function};

use super::{JsonPath, Name, Object, Part, Text, Value};

/// Why a value cannot be a payload template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateProblem {
    #[error("Cannot use JsonPath fields in an array, they must be used in objects")]
    InArray,
    #[error("Field references must be the entire string, cannot concatenate them (found '{0}')")]
    Concatenated(String),
    #[error(
        "JSON path values must be exactly '$', '$$', start with '$', start with '$$.', start with '$[', or start with an \
         intrinsic function: States.Array, States.ArrayPartition, States.ArrayContains, States.ArrayRange, \
         States.ArrayGetItem, States.ArrayLength, States.ArrayUnique, States.Base64Encode, States.Base64Decode, \
         States.Hash, States.JsonMerge, States.StringToJson, States.JsonToString, States.MathRandom, States.MathAdd, \
         States.StringSplit, States.UUID, or States.Format. Received: {0}"
    )]
    NoPath(String),
    #[error("`{path}` is no JSON path and no intrinsic function: {reason}")]
    Malformed { path: String, reason: String },
    #[error(
        "`{0}` is a JSON path, but the query language is JSONata: write an expression between {{% and %}}"
    )]
    InJsonata(String),
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

fn member((name, value): (&Name, &Value)) -> Result<(Name, Value), TemplateProblem> {
    match value.as_path() {
        Some(path) => Ok((name.clone() + ".$", well_formed(path)?.into())),
        None => Ok((name.clone(), payload_template(value)?)),
    }
}

fn item(value: &Value) -> Result<Value, TemplateProblem> {
    match value.as_path() {
        Some(_) => Err(TemplateProblem::InArray),
        None => payload_template(value),
    }
}

/// The expression of a path, if the language can read it.
pub(crate) fn well_formed(path: &JsonPath) -> Result<&Name, TemplateProblem> {
    let expression = path.name();
    let is_call = expression
        .split_once('(')
        .is_some_and(|(name, _)| Function::of_name(name.trim()).is_some());
    if !is_call && !expression.starts_with('$') {
        return Err(TemplateProblem::NoPath(expression.to_string()));
    }
    match Expression::parse(expression) {
        Ok(_) => Ok(expression),
        Err(problem) => Err(TemplateProblem::Malformed {
            path: expression.to_string(),
            reason: problem.to_string(),
        }),
    }
}

/// The value as it stands in a state whose query language is JSONata.
///
/// The input and what is in the context object have the same meaning there, so they are written in JSONata; other paths are
/// refused.
pub(crate) fn jsonata_template(value: &Value) -> Result<Value, TemplateProblem> {
    match value {
        Value::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| Ok((name.clone(), jsonata_template(value)?)));
            members.collect::<Result<Object, _>>().map(Value::Object)
        }
        Value::List(items) => {
            let items = items.iter().map(jsonata_template);
            items.collect::<Result<Vec<_>, _>>().map(Value::List)
        }
        Value::Text(text) if text.mixes_paths() => Err(TemplateProblem::Concatenated(shown(text))),
        Value::Text(text) => match text.as_path() {
            Some(path) => in_jsonata(path)
                .map(Value::from)
                .ok_or_else(|| TemplateProblem::InJsonata(path.to_string())),
            None => Ok(value.clone()),
        },
        Value::Lazy(lazy) => lazy
            .value()
            .map_or(Ok(Value::Null), |value| jsonata_template(&value)),
        other => Ok(other.clone()),
    }
}

fn in_jsonata(path: &JsonPath) -> Option<String> {
    let expression = path.expression();
    if expression == "$" {
        return Some("{% $states.input %}".to_owned());
    }
    let names = expression.strip_prefix("$$")?;
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let plain = match names.strip_prefix('.') {
        Some(names) => names.split('.').all(is_name),
        None => names.is_empty(),
    };
    plain.then(|| format!("{{% $states.context{names} %}}"))
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
            Part::Literal(text) => is_expression(text) && reads_token(text),
            Part::Token(_) => false,
        }),
        _ => false,
    }
}

fn is_expression(text: &str) -> bool {
    text.starts_with("{%") && text.ends_with("%}")
}

/// Whether a JSONata expression reads the task token: `$states.context`, or `Task` or `Task.Token` of it.
fn reads_token(expression: &str) -> bool {
    let continues = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let goes_deeper = |rest: &str| {
        continues(rest)
            || rest
                .strip_prefix('.')
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    expression
        .match_indices("$states.context")
        .map(|(start, found)| &expression[start + found.len()..])
        .any(|rest| {
            ["", ".Task", ".Task.Token"]
                .into_iter()
                .filter_map(|path| rest.strip_prefix(path))
                .any(|rest| !goes_deeper(rest))
        })
}

fn names_token(path: &JsonPath) -> bool {
    let token = |path: &str| ["$$.Task.Token", "$$.Task", "$$"].contains(&path);
    match Expression::parse(path.expression()) {
        Ok(expression) => expression.paths().any(|path| token(path.text())),
        Err(_) => token(path.expression()),
    }
}
