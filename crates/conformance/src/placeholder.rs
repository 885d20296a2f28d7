//! The placeholders in what a case sends: `${u1}`, `${role}`, `${s3.executionArn}`.

use std::collections::HashMap;

use serde_json::{Map, Value};
use uuid::Uuid;

/// Why a placeholder has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceholderError {
    /// It names a step that has not answered.
    #[error("no value for ${{{0}}}")]
    NoValue(String),
    /// The response that it looks into has no such member.
    #[error("`{path}` leads nowhere at `{part}`")]
    NoSuchMember {
        /// The whole path.
        path: String,
        /// The part that is not there.
        part: String,
    },
}

/// Who calls, and where.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account that the caller is in.
    pub account: String,
    /// A second account.
    pub second_account: String,
    /// The region.
    pub region: String,
}

impl Default for Caller {
    fn default() -> Self {
        Self {
            account: "000000000000".to_owned(),
            second_account: "000000000002".to_owned(),
            region: "us-east-1".to_owned(),
        }
    }
}

/// The values that one case's placeholders have.
#[derive(Clone, Debug)]
pub struct Placeholders {
    caller: Caller,
    values: HashMap<String, String>,
    responses: HashMap<String, Value>,
}

impl Placeholders {
    /// Nothing chosen and nothing answered yet.
    pub fn new(caller: Caller) -> Self {
        Self {
            caller,
            values: HashMap::new(),
            responses: HashMap::new(),
        }
    }

    /// Keeps the response of step `id`.
    pub fn answered(&mut self, id: &str, response: Value) {
        self.responses.insert(id.to_owned(), response);
    }

    /// `value` with all placeholders filled in, in members' names too.
    pub fn fill(&mut self, value: &Value) -> Result<Value, PlaceholderError> {
        Ok(match value {
            Value::String(text) => self.fill_text(text)?,
            Value::Array(list) => list
                .iter()
                .map(|element| self.fill(element))
                .collect::<Result<_, _>>()?,
            Value::Object(members) => {
                let mut filled = Map::with_capacity(members.len());
                for (name, member) in members {
                    filled.insert(as_text(self.fill_text(name)?), self.fill(member)?);
                }
                Value::Object(filled)
            }
            other => other.clone(),
        })
    }

    /// `text` with all placeholders filled in; what is no text becomes its JSON text.
    pub fn fill_to_text(&mut self, text: &str) -> Result<String, PlaceholderError> {
        self.fill_text(text).map(as_text)
    }

    /// A text that is one placeholder as a whole takes its value as it is, of whatever type.
    fn fill_text(&mut self, text: &str) -> Result<Value, PlaceholderError> {
        let whole = text
            .strip_prefix("${")
            .and_then(|rest| rest.strip_suffix('}'));
        if let Some(name) = whole.filter(|name| is_placeholder(name)) {
            return self.value(name);
        }
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let (before, after) = (&rest[..start], &rest[start + 2..]);
            filled.push_str(before);
            let name = after
                .split_once('}')
                .filter(|(name, _)| is_placeholder(name));
            if let Some((name, tail)) = name {
                filled.push_str(&as_text(self.value(name)?));
                rest = tail;
            } else {
                filled.push_str("${");
                rest = after;
            }
        }
        filled.push_str(rest);
        Ok(Value::String(filled))
    }

    fn value(&mut self, name: &str) -> Result<Value, PlaceholderError> {
        if let Some((step, path)) = step_and_path(name) {
            let response = self
                .responses
                .get(step)
                .ok_or_else(|| PlaceholderError::NoValue(name.to_owned()))?;
            return follow(response, path);
        }
        let caller = &self.caller;
        let chosen = self
            .values
            .entry(name.to_owned())
            .or_insert_with(|| match name {
                "account" => caller.account.clone(),
                "account2" => caller.second_account.clone(),
                "region" => caller.region.clone(),
                role if role.starts_with("role") => {
                    format!(
                        "arn:aws:iam::{}:role/conformance-{role}-{}",
                        caller.account,
                        unique(8)
                    )
                }
                _ => unique(8),
            });
        Ok(Value::String(chosen.clone()))
    }
}

/// A text of `length` (at most 32) characters out of `[0-9a-f]` that no other call gives.
pub fn unique(length: usize) -> String {
    let mut text = Uuid::new_v4().simple().to_string();
    text.truncate(length);
    text
}

/// The part of `value` at `path`: `.executionArn`, `events[0].id`, `output.json().x`. A JSON text
/// that begins with `{` was recorded as its value, so paths lead into it.
pub fn follow(value: &Value, path: &str) -> Result<Value, PlaceholderError> {
    let mut at = value.clone();
    let mut rest = path;
    while !rest.is_empty() {
        let nowhere = |part: &str| PlaceholderError::NoSuchMember {
            path: path.to_owned(),
            part: part.to_owned(),
        };
        let next = if let Some((index, tail)) = rest
            .strip_prefix('[')
            .and_then(|after| after.split_once(']'))
        {
            rest = tail;
            index
                .parse::<usize>()
                .ok()
                .and_then(|index| at.get(index))
                .ok_or_else(|| nowhere(index))?
                .clone()
        } else {
            let name = rest.strip_prefix('.').unwrap_or(rest);
            let (name, tail) = name.split_at(name.find(['.', '[']).unwrap_or(name.len()));
            rest = tail;
            if name == "json()" {
                at.as_str()
                    .and_then(|text| serde_json::from_str(text).ok())
                    .ok_or_else(|| nowhere(name))?
            } else {
                let text = at.as_str().filter(|text| text.starts_with('{'));
                let parsed: Option<Value> = text.and_then(|text| serde_json::from_str(text).ok());
                let found = parsed.as_ref().unwrap_or(&at).get(name);
                found.ok_or_else(|| nowhere(name))?.clone()
            }
        };
        at = next;
    }
    Ok(at)
}

fn is_placeholder(name: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    matches!(name, "account" | "account2" | "region")
        || name.strip_prefix("role").is_some_and(digits)
        || name
            .strip_prefix('u')
            .is_some_and(|rest| !rest.is_empty() && digits(rest))
        || (step_and_path(name).is_some() && !name.contains('}'))
}

/// `s3.executionArn` as the step and the path into its response.
fn step_and_path(name: &str) -> Option<(&str, &str)> {
    let rest = name.strip_prefix('s')?;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (step, path) = name.split_at(1 + digits);
    (digits > 0 && (path.is_empty() || path.starts_with(['.', '[']))).then_some((step, path))
}

fn as_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Caller, PlaceholderError, Placeholders, follow};

    fn placeholders() -> Placeholders {
        let mut placeholders = Placeholders::new(Caller::default());
        placeholders.answered(
            "s3",
            json!({"executionArn": "arn:x", "list": [{"n": 7}], "output": "{\"deep\": [1.5]}", "o": {"k": 1}}),
        );
        placeholders
    }

    #[test]
    fn responses_are_looked_into() {
        let sent = json!({
            "arn": "${s3.executionArn}",
            "in text": "<${s3.executionArn}|${s3.list[0].n}>",
            "typed": "${s3.list[0].n}",
            "object": "${s3.o}",
            "parsed": "${s3.output.json().deep[0]}",
            "${s3.executionArn}": true,
        });
        assert_eq!(
            placeholders().fill(&sent).unwrap(),
            json!({"arn": "arn:x", "in text": "<arn:x|7>", "typed": 7, "object": {"k": 1}, "parsed": 1.5, "arn:x": true}),
        );
    }

    #[test]
    fn chosen_values_stay_the_same_within_a_case() {
        let mut placeholders = placeholders();
        let filled = placeholders
            .fill(&json!(["${u1}", "a-${u1}", "${u2}"]))
            .unwrap();
        let [one, again, two] = [0, 1, 2].map(|index| filled[index].as_str().unwrap());
        assert_eq!(one.len(), 8);
        assert!(
            one.bytes()
                .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
        );
        assert_eq!(again, format!("a-{one}"));
        assert_ne!(one, two);
        let role = placeholders.fill_to_text("${role}").unwrap();
        assert!(role.starts_with("arn:aws:iam::000000000000:role/"));
        assert_eq!(placeholders.fill_to_text("${role}").unwrap(), role);
        assert_ne!(placeholders.fill_to_text("${role2}").unwrap(), role);
    }

    #[test]
    fn the_caller_is_known() {
        assert_eq!(
            placeholders()
                .fill_to_text("${region}:${account}:${account2}")
                .unwrap(),
            "us-east-1:000000000000:000000000002"
        );
    }

    #[test]
    fn what_is_no_placeholder_stays() {
        for text in [
            "${u}",
            "${roleArn}",
            "a ${x} b",
            "${",
            "${sx.y}",
            "$u1",
            "${s}",
            "${}",
        ] {
            assert_eq!(
                placeholders().fill(&json!(text)).unwrap(),
                Value::from(text)
            );
        }
    }

    #[test]
    fn what_has_no_value_is_an_error() {
        assert_eq!(
            placeholders().fill(&json!("${s9.x}")),
            Err(PlaceholderError::NoValue("s9.x".to_owned()))
        );
        assert!(placeholders().fill(&json!("a ${s3.nothing} b")).is_err());
        assert!(follow(&json!({"a": [1]}), "a[1]").is_err());
        assert!(follow(&json!({"a": "{"}), "a.json()").is_err());
        let text = json!({"cause": "{\"Entries\":[1]}"});
        assert_eq!(follow(&text, ".cause.Entries[0]").unwrap(), json!(1));
        assert_eq!(follow(&json!({"a": [1]}), "").unwrap(), json!({"a": [1]}));
    }
}
