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

/// Whether a value has all that a part of it says: objects may have more members, `"*"` is anything.
pub(super) fn holds(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(name, value)| whole.get(name).is_some_and(|found| holds(value, found))),
        (Value::Array(part), Value::Array(whole)) => {
            part.len() == whole.len() && part.iter().zip(whole).all(|(a, b)| holds(a, b))
        }
        (Value::String(any), _) if any == "*" => true,
        (part, whole) => part == whole,
    }
}
