//! Intrinsic functions of a template as tokens.

use serde_json::{Map, Value as Json};

use crate::core::StackId;
use crate::value::{Object, Pseudo, Text, Token, Value};

/// The functions that become tokens with their arguments as they stand.
const FUNCTIONS: [&str; 14] = [
    "Fn::Select",
    "Fn::Split",
    "Fn::FindInMap",
    "Fn::ImportValue",
    "Fn::GetAZs",
    "Fn::Base64",
    "Fn::Cidr",
    "Fn::If",
    "Fn::Join",
    "Fn::Sub",
    "Fn::Transform",
    "Fn::ToJsonString",
    "Fn::Length",
    "Fn::ForEach",
];

/// A value of a template, with tokens for its intrinsic functions; references are to a stack.
pub fn from_template(json: &Json, stack: StackId) -> Value {
    match json {
        Json::Array(items) => Value::List(
            items
                .iter()
                .map(|item| from_template(item, stack))
                .collect(),
        ),
        Json::Object(members) => {
            function(members, stack).map_or_else(|| object(members, stack), Value::Text)
        }
        other => Value::from(other.clone()),
    }
}

fn object(members: &Map<String, Json>, stack: StackId) -> Value {
    let members = members
        .iter()
        .map(|(name, value)| (name.clone(), from_template(value, stack)));
    Value::Object(members.collect::<Object>())
}

fn function(members: &Map<String, Json>, stack: StackId) -> Option<Text> {
    let (name, arguments) = members.iter().next().filter(|_| members.len() == 1)?;
    match (name.as_str(), arguments) {
        ("Ref", Json::String(id)) => Some(reference(id, stack)),
        ("Fn::GetAtt", Json::String(path)) => attribute(path, stack),
        ("Fn::GetAtt", Json::Array(path)) => match path.as_slice() {
            [Json::String(id), Json::String(attribute)] => {
                Some(Token::GetAtt(stack, id.as_str().into(), attribute.as_str().into()).into())
            }
            _ => None,
        },
        ("Fn::Join", Json::Array(arguments)) => {
            join(arguments, stack).or_else(|| other(name, members, stack))
        }
        ("Fn::Sub", Json::String(text)) => Some(substitute(text, &Map::new(), stack)),
        ("Fn::Sub", Json::Array(arguments)) => match arguments.as_slice() {
            [Json::String(text), Json::Object(values)] => Some(substitute(text, values, stack)),
            _ => None,
        },
        _ => other(name, members, stack),
    }
}

fn other(name: &str, members: &Map<String, Json>, stack: StackId) -> Option<Text> {
    let known = FUNCTIONS.into_iter().find(|known| *known == name)?;
    Some(Token::Function(known, Box::new(from_template(&members[name], stack))).into())
}

fn reference(id: &str, stack: StackId) -> Text {
    Pseudo::of_name(id).map_or_else(|| Token::Ref(stack, id.into()).into(), Text::from)
}

fn attribute(path: &str, stack: StackId) -> Option<Text> {
    let (id, attribute) = path.split_once('.')?;
    Some(Token::GetAtt(stack, id.into(), attribute.into()).into())
}

/// Texts with a separator between them, if all of them can be seen.
fn join(arguments: &[Json], stack: StackId) -> Option<Text> {
    let [Json::String(separator), Json::Array(items)] = arguments else {
        return None;
    };
    let mut joined = Text::default();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            joined = joined.then(separator);
        }
        joined = joined.then(text(from_template(item, stack))?);
    }
    Some(joined)
}

fn text(value: Value) -> Option<Text> {
    match value {
        Value::Text(text) => Some(text),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(value) => Some(value.to_string().into()),
        _ => None,
    }
}

/// A text with `${Id}`, `${Id.Attribute}` and `${!Literal}` in it.
pub(super) fn substitute(text: &str, values: &Map<String, Json>, stack: StackId) -> Text {
    let mut filled = Text::default();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(end) = rest[start..].find('}').map(|end| start + end) else {
            break;
        };
        filled = filled.then(&rest[..start]);
        let name = &rest[start + 2..end];
        filled = match (name.strip_prefix('!'), values.get(name)) {
            (Some(literal), _) => filled.then(format!("${{{literal}}}")),
            (None, Some(value)) => {
                filled.then(self::text(from_template(value, stack)).unwrap_or_default())
            }
            (None, None) => {
                filled.then(attribute(name, stack).unwrap_or_else(|| reference(name, stack)))
            }
        };
        rest = &rest[end + 1..];
    }
    filled.then(rest)
}
