//! The functions on arrays and objects.

use rustc_hash::FxHashSet;
use serde_json::Value;

use super::arguments::Arguments;
use super::error::FailureReason;

/// The most elements that `States.ArrayRange` makes.
///
/// Source: AWS Developer Guide, "Intrinsic functions for JSONPath states".
const MAX_RANGE: i128 = 1_000;

pub(super) fn partition(arguments: &Arguments<'_>) -> Result<Value, FailureReason> {
    let elements = arguments.array(0)?;
    match usize::try_from(arguments.integer(1)?) {
        Ok(size) if size > 0 => Ok(elements.chunks(size).map(<[Value]>::to_vec).collect()),
        _ => Err(arguments.failure("the size of a chunk must be positive")),
    }
}

pub(super) fn contains(arguments: &Arguments<'_>) -> Result<Value, FailureReason> {
    Ok(arguments.array(0)?.contains(arguments.value(1)).into())
}

/// From the first number to the second, which is included if a step lands on it.
pub(super) fn range(arguments: &Arguments<'_>) -> Result<Value, FailureReason> {
    let [first, last, step] = [
        arguments.integer(0)?,
        arguments.integer(1)?,
        arguments.integer(2)?,
    ]
    .map(i128::from);
    if step == 0 {
        return Err(arguments.failure("the step must not be 0"));
    }
    let steps = (last - first) / step;
    let ahead = (last - first).signum() * step.signum() >= 0;
    if ahead && steps >= MAX_RANGE {
        return Err(arguments.failure(format!("the range has more than {MAX_RANGE} elements")));
    }
    let count = if ahead { steps + 1 } else { 0 };
    // Between two i64, so an i64 itself.
    Ok((0..count)
        .filter_map(|i| i64::try_from(first + i * step).ok())
        .collect())
}

pub(super) fn get_item(arguments: &Arguments<'_>) -> Result<Value, FailureReason> {
    let elements = arguments.array(0)?;
    let index = arguments.integer(1)?;
    let element = usize::try_from(index).ok().and_then(|at| elements.get(at));
    element.cloned().ok_or_else(|| {
        let length = elements.len();
        arguments.failure(format!("there is no index {index} in {length} elements"))
    })
}

/// Each element where it stands first. AWS promises no order.
pub(super) fn unique(arguments: &Arguments<'_>) -> Result<Value, FailureReason> {
    let elements = arguments.array(0)?;
    let mut seen = FxHashSet::default();
    Ok(elements
        .iter()
        .filter(|element| seen.insert(*element))
        .cloned()
        .collect())
}

/// The fields of both; the second wins. AWS supports only this shallow merge.
pub(super) fn merge(arguments: &Arguments<'_>) -> Result<Value, FailureReason> {
    let mut merged = arguments.object(0)?.clone();
    let second = arguments.object(1)?;
    if arguments.value(2) != &Value::Bool(false) {
        return Err(
            arguments.failure("argument 3 must be false: only shallow merging is supported")
        );
    }
    merged.extend(
        second
            .iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    Ok(Value::Object(merged))
}
