//! State machines of a template with their definitions.

use serde_json::{Map, Value as Json};

use super::value::{from_template, substitute};
use crate::core::StackId;
use crate::value::{Object, Part, Text, Value};

const TYPES: [&str; 2] = [
    "AWS::StepFunctions::StateMachine",
    "AWS::Serverless::StateMachine",
];

/// What stands for a token in a definition while it is read as JSON: from the private use area, which no template
/// that people write has.
const MARKS: (char, char) = ('\u{F8F0}', '\u{F8F1}');

/// A state machine of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its name in the template.
    pub logical_id: String,
    /// Its properties.
    pub properties: Object,
    /// Its definition, with tokens where something is only known at deployment.
    pub definition: Value,
}

/// Why a template's state machine cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is no template.
    #[error("the template has no Resources")]
    NoResources,
    /// The definition is somewhere else.
    #[error("{logical_id}: the definition is at `{property}`, which cannot be read from here")]
    Elsewhere {
        /// The machine.
        logical_id: String,
        /// The property that says where.
        property: &'static str,
    },
    /// The definition is no JSON.
    #[error("{logical_id}: DefinitionString is no JSON: {reason}")]
    NoJson {
        /// The machine.
        logical_id: String,
        /// What the parser says.
        reason: String,
    },
    /// The machine has no definition.
    #[error("{logical_id} has no definition")]
    NoDefinition {
        /// The machine.
        logical_id: String,
    },
}

/// The state machines of a template.
pub fn machines(template: &Json, stack: StackId) -> Result<Vec<Machine>, TemplateError> {
    let resources = template["Resources"]
        .as_object()
        .ok_or(TemplateError::NoResources)?;
    let machines = resources.iter().filter(|(_, resource)| {
        resource["Type"]
            .as_str()
            .is_some_and(|kind| TYPES.contains(&kind))
    });
    machines
        .map(|(id, resource)| machine(id, &resource["Properties"], stack))
        .collect()
}

fn machine(id: &str, properties: &Json, stack: StackId) -> Result<Machine, TemplateError> {
    let Value::Object(read) = from_template(properties, stack) else {
        return Err(TemplateError::NoDefinition {
            logical_id: id.to_owned(),
        });
    };
    let elsewhere = ["DefinitionS3Location", "DefinitionUri"]
        .into_iter()
        .find(|name| read.contains_key(name));
    let definition = match (
        read.get("DefinitionString"),
        read.get("Definition"),
        elsewhere,
    ) {
        (Some(Value::Text(text)), _, _) => parse(id, text)?,
        (_, Some(definition @ Value::Object(_)), _) => definition.clone(),
        (_, _, Some(property)) => {
            return Err(TemplateError::Elsewhere {
                logical_id: id.to_owned(),
                property,
            });
        }
        _ => {
            return Err(TemplateError::NoDefinition {
                logical_id: id.to_owned(),
            });
        }
    };
    let definition = match properties["DefinitionSubstitutions"].as_object() {
        Some(values) => substituted(definition, values, stack),
        None => definition,
    };
    Ok(Machine {
        logical_id: id.to_owned(),
        properties: read,
        definition,
    })
}

/// A text with tokens as the JSON that it is: tokens stand within its strings.
fn parse(id: &str, text: &Text) -> Result<Value, TemplateError> {
    let mut tokens = Vec::new();
    let mut json = String::new();
    for part in text.parts() {
        match part {
            Part::Literal(text) => json += text,
            token => {
                json.push(MARKS.0);
                json += &tokens.len().to_string();
                json.push(MARKS.1);
                tokens.push(token.clone());
            }
        }
    }
    let parsed: Json = serde_json::from_str(&json).map_err(|error| TemplateError::NoJson {
        logical_id: id.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(restore(&parsed, &tokens))
}

fn restore(json: &Json, tokens: &[Part]) -> Value {
    match json {
        Json::String(text) => Value::Text(restore_text(text, tokens)),
        Json::Array(items) => Value::List(items.iter().map(|item| restore(item, tokens)).collect()),
        Json::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| (name.clone(), restore(value, tokens)));
            Value::Object(members.collect())
        }
        other => Value::from(other.clone()),
    }
}

fn restore_text(text: &str, tokens: &[Part]) -> Text {
    let mut restored = Text::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(MARKS.0) {
        let Some((index, after)) = after.split_once(MARKS.1) else {
            break;
        };
        let token = index
            .parse()
            .ok()
            .and_then(|index: usize| tokens.get(index))
            .cloned();
        restored = restored
            .then(before)
            .then(token.map(Text::from).unwrap_or_default());
        rest = after;
    }
    restored.then(rest)
}

/// A definition with the values of `DefinitionSubstitutions` for `${Name}`; other `${…}` stay.
fn substituted(value: Value, values: &Map<String, Json>, stack: StackId) -> Value {
    match value {
        Value::Text(text) => match text.as_literal() {
            Some(literal) => Value::Text(fill(literal, values, stack)),
            None => Value::Text(text),
        },
        Value::List(items) => Value::List(
            items
                .into_iter()
                .map(|item| substituted(item, values, stack))
                .collect(),
        ),
        Value::Object(members) => {
            let members = members
                .into_iter()
                .map(|(name, value)| (name, substituted(value, values, stack)));
            Value::Object(members.collect())
        }
        other => other,
    }
}

fn fill(text: &str, values: &Map<String, Json>, stack: StackId) -> Text {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        escaped += &rest[..start];
        let after = &rest[start + 2..];
        let known = after
            .split_once('}')
            .is_some_and(|(name, _)| values.contains_key(name));
        escaped += if known { "${" } else { "${!" };
        rest = after;
    }
    escaped += rest;
    substitute(&escaped, values, stack)
}
