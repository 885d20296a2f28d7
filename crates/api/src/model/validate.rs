//! Values checked against the model's constraints, with AWS's text about those that break them.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::Model;
use super::shape::{Kind, Member, Range, ShapeId};

/// So many violations are told.
const MAX_VIOLATIONS: usize = 100;

/// So many characters of a value are repeated.
const MAX_SHOWN: usize = 16_384;

/// AWS's text about all that is wrong; `None` if nothing is.
pub(super) fn validate(
    model: &Model,
    input: ShapeId,
    request: &Map<String, Value>,
) -> Option<String> {
    let mut walk = Walk {
        model,
        path: String::new(),
        found: Vec::new(),
    };
    if let Kind::Structure(members) = &model.shape(input).kind {
        walk.structure(members, request);
    }
    let found = walk.found;
    let plural = match found.len() {
        0 => return None,
        1 => "",
        _ => "s",
    };
    Some(format!(
        "{} validation error{plural} detected: {}",
        found.len(),
        found.join("; ")
    ))
}

struct Walk<'a> {
    model: &'a Model,
    /// Where the value stands: `routingConfiguration.1.member.weight`.
    path: String,
    found: Vec<String>,
}

impl Walk<'_> {
    /// The members in the model's order.
    fn structure(&mut self, members: &[Member], object: &Map<String, Value>) {
        for member in members {
            let value = object.get(&member.name);
            if value.is_none() && !member.required {
                continue;
            }
            let length = self.path.len();
            if length > 0 {
                self.path.push('.');
            }
            self.path.push_str(&member.name);
            match value {
                Some(value) => self.value(member.shape, value),
                None => self.null(),
            }
            self.path.truncate(length);
        }
    }

    fn value(&mut self, id: ShapeId, value: &Value) {
        let shape = self.model.shape(id);
        let shown = |walk: &Self| match shape.sensitive {
            // AWS leaves values out that its model calls sensitive.
            true => String::new(),
            false => format!(" '{}'", walk.shown(id, value)),
        };
        match (&shape.kind, value) {
            (
                Kind::Text {
                    length,
                    pattern,
                    values,
                },
                Value::String(text),
            ) => {
                if let Some(pattern) = pattern
                    && !(pattern.matches)(text)
                {
                    let constraint = format!(
                        "Member must satisfy regular expression pattern: {}",
                        pattern.text
                    );
                    self.violation(&shown(self), &constraint);
                }
                if let Some(constraint) = length_broken(*length, || characters(text, *length)) {
                    self.violation(&shown(self), &constraint);
                }
                if !values.is_empty() && !values.contains(text) {
                    let constraint = format!(
                        "Member must satisfy enum value set: [{}]",
                        values.join(", ")
                    );
                    self.violation(&shown(self), &constraint);
                }
            }
            (Kind::Integer(range) | Kind::Float(range), Value::Number(number)) => {
                if let Some(constraint) = value_broken(*range, number) {
                    self.violation(&shown(self), &constraint);
                }
            }
            (Kind::List { item, length }, Value::Array(items)) => {
                if let Some(constraint) = length_broken(*length, || items.len() as u64) {
                    self.violation(&shown(self), &constraint);
                }
                let item = *item;
                for (index, value) in items.iter().enumerate() {
                    let length = self.path.len();
                    // Writing to a String cannot fail.
                    let _ = write!(self.path, ".{}.member", index + 1);
                    match value {
                        Value::Null => self.null(),
                        value => self.value(item, value),
                    }
                    self.path.truncate(length);
                }
            }
            (Kind::Structure(members), Value::Object(object)) => self.structure(members, object),
            // Decoding has made values of the shape's type only.
            _ => {}
        }
    }

    fn null(&mut self) {
        self.violation(" null", "Member must not be null");
    }

    fn violation(&mut self, value: &str, constraint: &str) {
        if self.found.len() < MAX_VIOLATIONS {
            let path = &self.path;
            self.found.push(format!(
                "Value{value} at '{path}' failed to satisfy constraint: {constraint}"
            ));
        }
    }

    /// A value as AWS shows it: the text that Java makes of it.
    fn shown(&self, id: ShapeId, value: &Value) -> String {
        let mut text = String::new();
        self.show(id, value, &mut text);
        if let Some((end, _)) = text.char_indices().nth(MAX_SHOWN) {
            text.truncate(end);
            text.push('…');
        }
        text
    }

    fn show(&self, id: ShapeId, value: &Value, text: &mut String) {
        let shape = self.model.shape(id);
        match (&shape.kind, value) {
            (_, Value::String(value)) => text.push_str(value),
            (Kind::List { item, .. }, Value::Array(items)) => {
                text.push('[');
                for (index, value) in items.iter().enumerate() {
                    if index > 0 {
                        text.push_str(", ");
                    }
                    self.show(*item, value, text);
                }
                text.push(']');
            }
            (Kind::Structure(members), Value::Object(object)) => {
                text.push_str(&shape.name);
                text.push('(');
                for (index, member) in members.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    let _ = write!(text, "{comma}{}=", member.name);
                    self.show(
                        member.shape,
                        object.get(&member.name).unwrap_or(&Value::Null),
                        text,
                    );
                }
                text.push(')');
            }
            (_, value) => {
                let _ = write!(text, "{value}");
            }
        }
    }
}

/// The number of characters, if the bytes leave it open whether that is in the range.
fn characters(text: &str, range: Range<u64>) -> u64 {
    let bytes = text.len() as u64;
    // As many characters as bytes at most, and at least a quarter of that.
    let surely = range.max.is_none_or(|max| bytes <= max)
        && range.min.is_none_or(|min| bytes.div_ceil(4) >= min);
    match surely {
        true => bytes,
        false => text.chars().count() as u64,
    }
}

fn length_broken(range: Range<u64>, length: impl FnOnce() -> u64) -> Option<String> {
    let Range { min, max } = range;
    if min.is_none() && max.is_none() {
        return None;
    }
    let length = length();
    if let Some(max) = max.filter(|max| length > *max) {
        return Some(format!(
            "Member must have length less than or equal to {max}"
        ));
    }
    let min = min.filter(|min| length < *min)?;
    Some(format!(
        "Member must have length greater than or equal to {min}"
    ))
}

fn value_broken(range: Range<i64>, number: &serde_json::Number) -> Option<String> {
    // Bounds in the model are small; as floats they are exact.
    #[allow(clippy::cast_precision_loss)]
    let (below, above) = match (number.as_i64(), number.as_f64()) {
        (Some(value), _) => (
            range.min.filter(|min| value < *min),
            range.max.filter(|max| value > *max),
        ),
        (None, value) => {
            let value = value.unwrap_or(f64::NAN);
            (
                range.min.filter(|min| value < *min as f64),
                range.max.filter(|max| value > *max as f64),
            )
        }
    };
    if let Some(max) = above {
        return Some(format!(
            "Member must have value less than or equal to {max}"
        ));
    }
    below.map(|min| format!("Member must have value greater than or equal to {min}"))
}
