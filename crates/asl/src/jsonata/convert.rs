//! Between JSON values and the engine's values.

use indexmap::IndexMap;
use jsonata_core::value::{JArray, JValue, with_stack};
use serde_json::{Map, Number, Value};

use super::error::EvaluationError;
use super::weight::{MAX_VALUE, TooLarge, weigh};

/// The engine's value for `value`. Numbers become doubles, as in JavaScript.
pub(super) fn into_engine(value: &Value) -> JValue {
    match value {
        Value::Null => JValue::Null,
        Value::Bool(flag) => JValue::Bool(*flag),
        Value::Number(number) => JValue::Number(number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => JValue::string(text.as_str()),
        Value::Array(items) => with_stack(|| {
            let flat = !items.iter().any(Value::is_array);
            JValue::Array(JArray::new_flat(
                items.iter().map(into_engine).collect(),
                flat,
            ))
        }),
        Value::Object(entries) => with_stack(|| {
            let entries: IndexMap<_, _> = entries
                .iter()
                .map(|(key, value)| (key.clone(), into_engine(value)))
                .collect();
            JValue::object(entries)
        }),
    }
}

/// The JSON value of an expression's result.
///
/// An undefined item becomes `null` and an undefined entry goes, as `JSON.stringify` has it. A
/// function anywhere is [`EvaluationError::Unsupported`]; a number JSON cannot write is D1001, as
/// it is wherever JSONata uses one.
pub(super) fn from_engine(value: &JValue) -> Result<Value, EvaluationError> {
    match value {
        JValue::Undefined => Err(EvaluationError::Undefined),
        JValue::Array(_) | JValue::Object(_) => {
            weigh(value, MAX_VALUE).map_err(|size| match size {
                TooLarge::Heavy => EvaluationError::MemoryExceeded,
                TooLarge::Deep => EvaluationError::StackOverflow,
            })?;
            part(value)
        }
        scalar => part(scalar),
    }
}

fn part(value: &JValue) -> Result<Value, EvaluationError> {
    Ok(match value {
        JValue::Null | JValue::Undefined => Value::Null,
        JValue::Bool(flag) => Value::Bool(*flag),
        JValue::Number(number) => Value::Number(self::number(*number)?),
        JValue::String(text) => Value::String(text.as_ref().to_owned()),
        JValue::Array(items) => with_stack(|| {
            items
                .iter()
                .map(part)
                .collect::<Result<_, _>>()
                .map(Value::Array)
        })?,
        JValue::Object(entries) => with_stack(|| {
            let mut map = Map::with_capacity(entries.len());
            for (key, value) in entries.iter().filter(|(_, value)| !value.is_undefined()) {
                map.insert(key.clone(), part(value)?);
            }
            Ok::<_, EvaluationError>(Value::Object(map))
        })?,
        JValue::Lambda(_) | JValue::Builtin { .. } | JValue::Regex { .. } => {
            return Err(EvaluationError::Unsupported);
        }
    })
}

/// `number` with the digits JavaScript prints.
#[allow(clippy::cast_possible_truncation)] // integral and below 2^53
fn number(number: f64) -> Result<Number, EvaluationError> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        return Ok(Number::from(number as i64));
    }
    let Some(double) = Number::from_f64(number) else {
        let name = if number.is_nan() {
            "NaN"
        } else if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        };
        return Err(EvaluationError::Failed {
            code: "D1001".to_owned(),
            message: format!("Number out of range: {name}"),
        });
    };
    let mut buffer = ryu_js::Buffer::new();
    let digits = buffer.format_finite(number);
    // A double of 2^53 or more prints its shortest digits filled up with zeros, which fit an
    // integer up to 2^64.
    Ok(digits
        .parse::<i64>()
        .map(Number::from)
        .or_else(|_| digits.parse::<u64>().map(Number::from))
        .unwrap_or(double))
}
