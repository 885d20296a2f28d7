//! Templates of the catalog: JSON in which `{Tasks[0].TaskArn}` stands for what a value has there.

use serde_json::{Map, Value};

use crate::parameters::in_value;

/// The template with what the first of the sources has that has it; nothing where none has.
pub(super) fn fill(template: &Value, sources: &[&Value]) -> Option<Value> {
    match template {
        Value::String(text) => {
            let inner = text
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            match inner {
                Some(path) => sources
                    .iter()
                    .find_map(|source| in_value(source, path))
                    .cloned(),
                None => Some(template.clone()),
            }
        }
        Value::Array(items) => {
            let items = items.iter().filter_map(|item| fill(item, sources));
            Some(items.collect())
        }
        Value::Object(members) => Some(Value::Object(fill_members(members, sources))),
        other => Some(other.clone()),
    }
}

/// The same for the members of an object.
pub(super) fn fill_members(members: &Map<String, Value>, sources: &[&Value]) -> Map<String, Value> {
    let filled = members.iter().filter_map(|(name, value)| {
        let value = fill(value, sources)?;
        Some((name.clone(), value))
    });
    filled.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn templates_take_the_first_source_that_has_a_value() {
        let template = json!({ "Job": "{Job.Id}", "Ids": ["{Job.Id}", "{None}"], "Name": "{Name}", "Text": "as it is", "Not": "{None}" });
        let filled = fill(
            &template,
            &[
                &json!({ "Job": { "Id": 1 } }),
                &json!({ "Job": { "Id": 2 }, "Name": "n" }),
            ],
        );
        let expected = json!({ "Job": 1, "Ids": [1], "Name": "n", "Text": "as it is" });
        assert_eq!(filled, Some(expected));
    }
}
