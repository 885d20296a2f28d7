//! Values with places for what is only known when the case runs.

use serde_json::{Map, Value};

/// The value with what `{path}` stands for in it; `"..."` brings all members of an object.
pub(super) fn filled(template: &Value, context: &Value) -> Value {
    match template {
        Value::String(text) => match text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
            Some(path) if !path.starts_with('"') => at(context, path).clone(),
            _ => template.clone(),
        },
        Value::Array(items) => items.iter().map(|item| filled(item, context)).collect(),
        Value::Object(members) => {
            let mut whole = Map::new();
            for (name, value) in members {
                match (name.as_str(), filled(value, context)) {
                    ("...", Value::Object(all)) => whole.extend(all),
                    (name, value) => {
                        whole.insert(name.to_owned(), value);
                    }
                }
            }
            Value::Object(whole)
        }
        other => other.clone(),
    }
}

/// What stands at a path such as `response.Tasks.0.TaskArn`.
fn at<'a>(context: &'a Value, path: &str) -> &'a Value {
    let pointer = format!("/{}", path.replace('.', "/"));
    let found = context.pointer(&pointer);
    found.unwrap_or_else(|| panic!("{path} is not in {context}"))
}

/// Whether a value has all that a part of it says: objects may have more members, arrays another order,
/// and `"*"` is anything.
pub(super) fn holds(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(name, value)| whole.get(name).is_some_and(|found| holds(value, found))),
        (Value::Array(part), Value::Array(whole)) => {
            let has = |item: &Value| whole.iter().any(|found| holds(item, found));
            part.len() == whole.len() && part.iter().all(has)
        }
        (Value::String(any), _) if any == "*" => true,
        (part, whole) => part == whole,
    }
}

/// A value with what another has in addition: members, and members of the items of arrays.
pub(super) fn overlaid(value: Value, over: &Value) -> Value {
    match (value, over) {
        (Value::Object(mut members), Value::Object(more)) => {
            for (name, over) in more {
                let value = match members.get_mut(name) {
                    Some(value) => overlaid(value.take(), over),
                    None => over.clone(),
                };
                members.insert(name.clone(), value);
            }
            Value::Object(members)
        }
        (Value::Array(items), Value::Array(more)) if items.len() == more.len() => {
            let items = items.into_iter().zip(more);
            items.map(|(value, over)| overlaid(value, over)).collect()
        }
        (_, over) => over.clone(),
    }
}
