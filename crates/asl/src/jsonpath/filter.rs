//! How a filter's operators compare values.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::ast::Operator;

impl Operator {
    /// Whether the operator holds between two values.
    pub(super) fn holds(self, left: &Value, right: &Value) -> bool {
        match self {
            Self::Equal => equal(left, right),
            Self::NotEqual => !equal(left, right),
            Self::Less => order(left, right).is_some_and(Ordering::is_lt),
            Self::LessOrEqual => order(left, right).is_some_and(Ordering::is_le),
            Self::Greater => order(left, right).is_some_and(Ordering::is_gt),
            Self::GreaterOrEqual => order(left, right).is_some_and(Ordering::is_ge),
            Self::In => right.as_array().is_some_and(|list| has(list, left)),
            Self::NotIn => right.as_array().is_some_and(|list| !has(list, left)),
            Self::SubsetOf => lists(left, right).is_some_and(|(l, r)| l.iter().all(|v| has(r, v))),
            Self::AnyOf => lists(left, right).is_some_and(|(l, r)| l.iter().any(|v| has(r, v))),
            Self::NoneOf => lists(left, right).is_some_and(|(l, r)| !l.iter().any(|v| has(r, v))),
            Self::All => lists(left, right).is_some_and(|(l, r)| r.iter().all(|v| has(l, v))),
            Self::Size => {
                let size = size(left).and_then(|size| u64::try_from(size).ok());
                size.is_some_and(|size| equal(&Value::from(size), right))
            }
            Self::Contains => match (left, right) {
                (Value::Array(list), _) => has(list, right),
                (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
                _ => false,
            },
            Self::Empty => {
                size(left).is_some_and(|size| right.as_bool().is_some_and(|e| e == (size == 0)))
            }
        }
    }
}

fn lists<'v>(left: &'v Value, right: &'v Value) -> Option<(&'v [Value], &'v [Value])> {
    left.as_array()
        .zip(right.as_array())
        .map(|(l, r)| (l.as_slice(), r.as_slice()))
}

fn has(list: &[Value], value: &Value) -> bool {
    list.iter().any(|element| equal(element, value))
}

/// The elements of an array or the characters of a text.
fn size(value: &Value) -> Option<usize> {
    match value {
        Value::Array(list) => Some(list.len()),
        Value::String(text) => Some(text.encode_utf16().count()),
        _ => None,
    }
}

/// Scalars as [`order`] has them, containers member by member.
fn equal(left: &Value, right: &Value) -> bool {
    order(left, right).map_or_else(|| left == right, Ordering::is_eq)
}

/// The order of two scalars. A text is compared with a number or a boolean as the value that it
/// spells, and texts by their UTF-16 units: so does Jayway, which is written in Java.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(l), Value::Number(r)) => compare(l, r),
        (Value::String(l), Value::String(r)) => Some(l.encode_utf16().cmp(r.encode_utf16())),
        (Value::Bool(l), Value::Bool(r)) => Some(l.cmp(r)),
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::String(l), Value::Number(r)) => compare(&spelled(l)?, r),
        (Value::Number(l), Value::String(r)) => compare(l, &spelled(r)?),
        (Value::String(l), Value::Bool(r)) => l.parse().ok().map(|l: bool| l.cmp(r)),
        (Value::Bool(l), Value::String(r)) => r.parse().ok().map(|r| l.cmp(&r)),
        _ => None,
    }
}

fn spelled(text: &str) -> Option<Number> {
    serde_json::from_str(text.trim()).ok()
}

/// Exact between integers, as floating point otherwise.
fn compare(left: &Number, right: &Number) -> Option<Ordering> {
    let integer = |n: &Number| {
        n.as_i64()
            .map(i128::from)
            .or_else(|| n.as_u64().map(i128::from))
    };
    match integer(left).zip(integer(right)) {
        Some((l, r)) => Some(l.cmp(&r)),
        None => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

/// The text of a scalar that a pattern is matched against.
pub(super) fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
