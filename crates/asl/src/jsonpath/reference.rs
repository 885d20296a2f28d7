//! Writing a value where a reference path points.

use serde_json::{Map, Value};

use super::ast::Step;
use super::error::WriteError;
use super::eval::position;

/// `target` with `value` at the place that the steps, all of them definite, lead to.
pub(super) fn write(steps: &[Step], mut target: Value, value: Value) -> Result<Value, WriteError> {
    let mut place = &mut target;
    for (at, step) in steps.iter().enumerate() {
        let last = at + 1 == steps.len();
        place = match (step, place) {
            (Step::Name(name), Value::Object(fields)) => {
                // A parent that is missing becomes an object; the leaf is overwritten below.
                let missing = || {
                    if last {
                        Value::Null
                    } else {
                        Value::Object(Map::new())
                    }
                };
                fields.entry(&**name).or_insert_with(missing)
            }
            (Step::Name(name), found) => return Err(no_place(name, found)),
            (Step::Index(index), found) => element(*index, found)?,
            (other, found) => return Err(no_place(&other.to_string(), found)),
        };
    }
    *place = value;
    Ok(target)
}

fn element(index: i64, found: &mut Value) -> Result<&mut Value, WriteError> {
    let at = found
        .as_array()
        .and_then(|elements| position(index, elements.len()));
    match at {
        Some(at) if found.get(at).is_some() => Ok(&mut found[at]),
        _ => Err(no_place(&index.to_string(), found)),
    }
}

fn no_place(step: &str, found: &Value) -> WriteError {
    WriteError::NoPlace {
        step: step.to_owned(),
        found: found.to_string(),
    }
}
