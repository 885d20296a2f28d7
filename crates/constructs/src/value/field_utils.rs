//! What an object takes from the workflow's data.

use std::collections::BTreeSet;

use stepmill_asl::intrinsic::Expression;

use super::template::{contains_task_token, payload_template};
use super::{Part, Value};
use crate::core::Problem;

/// Helpers for those who write states of their own.
#[derive(Debug)]
pub struct FieldUtils;

impl FieldUtils {
    /// A value as a payload template: members that are paths get the suffix `.$`.
    pub fn render_object(object: &Value) -> Result<Value, Problem> {
        payload_template(object).map_err(|problem| Problem::property("object", problem.to_string()))
    }

    /// The paths that a value refers to, also as arguments of functions, each once and in their alphabetical order.
    pub fn find_referenced_paths(object: &Value) -> Vec<String> {
        let mut paths = BTreeSet::new();
        find(object, &mut paths);
        paths.into_iter().collect()
    }

    /// Whether a value gives the task token to a task.
    pub fn contains_task_token(object: &Value) -> bool {
        contains_task_token(object)
    }
}

fn find(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.values().for_each(|member| find(member, found)),
        Value::List(items) => items.iter().for_each(|item| find(item, found)),
        Value::Text(text) => {
            for part in text.parts() {
                if let Part::Path(path) = part {
                    match Expression::parse(path.expression()) {
                        Ok(expression) => {
                            found.extend(expression.paths().map(|path| path.text().to_owned()));
                        }
                        Err(_) => {
                            found.insert(path.expression().to_owned());
                        }
                    }
                }
            }
        }
        Value::Lazy(lazy) | Value::JsonText(lazy) => {
            if let Some(value) = lazy.value() {
                find(&value, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object;
    use crate::value::JsonPath;

    #[test]
    fn paths_are_found_in_calls_and_in_depth() {
        let value = object! {
            "a": JsonPath::string_at("$.z"),
            "b": object! {"c": vec![Value::from(JsonPath::format("{}{}", [
                JsonPath::string_at("$.x"),
                JsonPath::string_at("$$.Task.Token"),
            ]))]},
            "d": "$.not",
        };
        assert_eq!(
            FieldUtils::find_referenced_paths(&value),
            ["$$.Task.Token", "$.x", "$.z"]
        );
        assert!(FieldUtils::contains_task_token(&value));
    }

    #[test]
    fn members_that_are_paths_are_renamed() {
        let value = object! {"a": JsonPath::string_at("$.z"), "b": object! {"c": JsonPath::uuid()}};
        let expected = object! {"a.$": "$.z", "b": object! {"c.$": "States.UUID()"}};
        assert_eq!(FieldUtils::render_object(&value), Ok(expected));
        let in_array = object! {"a": [JsonPath::string_at("$.z")]};
        assert_eq!(
            FieldUtils::render_object(&in_array)
                .unwrap_err()
                .to_string(),
            "Cannot use JsonPath fields in an array, they must be used in objects"
        );
    }
}
