//! The values that a function is called with, and what functions ask of them.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use super::call::Function;
use super::error::FailureReason;

/// The most characters that texts to encode, decode or hash may have.
///
/// Source: AWS Developer Guide, "Intrinsic functions for JSONPath states".
const MAX_TEXT: usize = 10_000;

/// The values of a call's arguments; as many as the function's arity wants.
pub(super) struct Arguments<'d> {
    pub(super) function: Function,
    pub(super) values: Vec<Cow<'d, Value>>,
}

impl Arguments<'_> {
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn value(&self, at: usize) -> &Value {
        self.values.get(at).map_or(&Value::Null, |value| &**value)
    }

    /// A failure that the arguments are to blame for.
    pub(super) fn failure(&self, problem: impl Into<String>) -> FailureReason {
        FailureReason::Argument {
            function: self.function.name(),
            problem: problem.into(),
        }
    }

    fn wrong_type(&self, at: usize, wanted: &str) -> FailureReason {
        let kind = match self.value(at) {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        self.failure(format!(
            "argument {} must be {wanted}, but is {kind}",
            at + 1
        ))
    }

    pub(super) fn text(&self, at: usize) -> Result<&str, FailureReason> {
        self.value(at)
            .as_str()
            .ok_or_else(|| self.wrong_type(at, "a text"))
    }

    /// A text that is short enough to encode, decode or hash.
    pub(super) fn short<'t>(&self, text: &'t str) -> Result<&'t str, FailureReason> {
        // A character is at least one byte and one UTF-16 unit, which is what Java counts.
        if text.len() > MAX_TEXT && text.encode_utf16().count() > MAX_TEXT {
            return Err(self.failure(format!("the text has more than {MAX_TEXT} characters")));
        }
        Ok(text)
    }

    pub(super) fn array(&self, at: usize) -> Result<&[Value], FailureReason> {
        match self.value(at) {
            Value::Array(elements) => Ok(elements),
            _ => Err(self.wrong_type(at, "an array")),
        }
    }

    pub(super) fn object(&self, at: usize) -> Result<&Map<String, Value>, FailureReason> {
        self.value(at)
            .as_object()
            .ok_or_else(|| self.wrong_type(at, "an object"))
    }

    /// A number, rounded to the nearest integer.
    pub(super) fn integer(&self, at: usize) -> Result<i64, FailureReason> {
        let Value::Number(number) = self.value(at) else {
            return Err(self.wrong_type(at, "a number"));
        };
        round(number)
            .ok_or_else(|| self.failure(format!("argument {} is out of range: {number}", at + 1)))
    }

    /// A number, rounded to the nearest integer of 32 bits.
    pub(super) fn small(&self, at: usize) -> Result<i32, FailureReason> {
        let integer = self.integer(at)?;
        i32::try_from(integer).map_err(|_| {
            let range = format!("{} to {}", i32::MIN, i32::MAX);
            self.failure(format!(
                "argument {} must be from {range}, but is {integer}",
                at + 1
            ))
        })
    }
}

/// The nearest integer; halfway, the larger one, as Java rounds.
fn round(number: &Number) -> Option<i64> {
    /// 2⁶³, from which on an `i64` cannot follow.
    const BOUND: f64 = 9_223_372_036_854_775_808.0;
    if let Some(integer) = number.as_i64() {
        return Some(integer);
    }
    let value = number.as_f64()?;
    let floor = value.floor();
    let rounded = if value - floor >= 0.5 {
        floor + 1.0
    } else {
        floor
    };
    #[allow(clippy::cast_possible_truncation)] // whole, and within the range
    (-BOUND..BOUND).contains(&rounded).then_some(rounded as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_as_java_does() {
        for (value, expected) in [
            (1.49, Some(1)),
            (1.5, Some(2)),
            (2.5, Some(3)),
            (-1.49, Some(-1)),
            (-1.5, Some(-1)),
            (-1.51, Some(-2)),
            (-2.5, Some(-2)),
            (0.499_999_999_999_999_94, Some(0)),
            (1e18, Some(1_000_000_000_000_000_000)),
            (1e19, None),
            (-1e19, None),
        ] {
            let number = Number::from_f64(value).expect("finite");
            assert_eq!(round(&number), expected, "{value}");
        }
        assert_eq!(round(&Number::from(u64::MAX)), None);
        assert_eq!(round(&Number::from(i64::MIN)), Some(i64::MIN));
    }
}
