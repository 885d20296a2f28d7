//! The functions that Step Functions adds to JSONata, and those of JSONata that read the world.
//!
//! Source: developer guide, "Transforming data with JSONata in Step Functions", section on the
//! functions provided by Step Functions. Integer parameters are rounded down.

use std::rc::Rc;

use jsonata_core::evaluator::{EvaluatorError, HostFnResult};
use jsonata_core::value::JValue;
use sha2::Digest;

use super::builtins::too_much;
use super::convert::into_engine;
use super::hosts::HostFunction;
use super::java_random;
use super::run::{MAX_SEQUENCE, Run};
use super::text;
use super::weight::{ITEM, MAX_VALUE};

/// The functions, by name.
pub(super) const OWN: &[(&str, HostFunction)] = &[
    ("clone", clone),
    ("hash", hash),
    ("millis", millis),
    ("now", now),
    ("parse", parse),
    ("partition", partition),
    ("random", random),
    ("range", range),
    ("shuffle", shuffle),
    ("uuid", uuid),
];

/// `$partition(array, size)`: the array in parts of `size` items, the last of what is left.
fn partition(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    let [array, size] = args else {
        return Err(mismatch("partition", args.len().min(2) + 1));
    };
    if array.is_undefined() {
        return Ok(JValue::Undefined);
    }
    let single;
    let items = match array {
        JValue::Array(items) => items.as_slice(),
        other => {
            single = [other.clone()];
            single.as_slice()
        }
    };
    let size = integer(size).ok_or_else(|| mismatch("partition", 2))?;
    let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
        return Err(failure(
            "Second argument of partition function must evaluate to a positive number",
        ));
    };
    run.charge(items.len() * ITEM * 3)?;
    Ok(JValue::array(
        items
            .chunks(size)
            .map(|part| JValue::array(part.to_vec()))
            .collect(),
    ))
}

/// `$range(first, last, step)`: the numbers from `first` to `last`, `last` included if a step ends
/// on it.
fn range(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    let [first, last, step] = args else {
        return Err(mismatch("range", args.len().min(3) + 1));
    };
    if args.iter().any(JValue::is_undefined) {
        return Ok(JValue::Undefined);
    }
    let whole = |index: usize, value| integer(value).ok_or_else(|| mismatch("range", index));
    let (first, last, step) = (whole(1, first)?, whole(2, last)?, whole(3, step)?);
    if step == 0 {
        return Err(failure("Third argument of range function cannot be zero"));
    }
    let distance = i128::from(last) - i128::from(first);
    let length = usize::try_from(distance / i128::from(step) + 1).unwrap_or(0);
    let length = if (distance < 0) == (step < 0) || distance == 0 {
        length
    } else {
        0
    };
    if length > MAX_SEQUENCE {
        return Err(too_much(run));
    }
    run.charge(length * ITEM)?;
    let numbers = std::iter::successors(Some(first), |number| number.checked_add(step));
    Ok(JValue::array(
        numbers.take(length).map(JValue::from).collect(),
    ))
}

/// `$hash(text, algorithm)`: the digest in hexadecimal.
fn hash(_: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    let [text, algorithm] = args else {
        return Err(mismatch("hash", args.len().min(2) + 1));
    };
    if text.is_undefined() {
        return Ok(JValue::Undefined);
    }
    let text = text.as_str().ok_or_else(|| mismatch("hash", 1))?.as_bytes();
    let digest = match algorithm.as_str().ok_or_else(|| mismatch("hash", 2))? {
        "MD5" => md5::Md5::digest(text).to_vec(),
        "SHA-1" => sha1::Sha1::digest(text).to_vec(),
        "SHA-256" => sha2::Sha256::digest(text).to_vec(),
        "SHA-384" => sha2::Sha384::digest(text).to_vec(),
        "SHA-512" => sha2::Sha512::digest(text).to_vec(),
        other => {
            return Err(failure(&format!(
                "Second argument of hash function must be one of MD5, SHA-1, SHA-256, SHA-384, \
                 SHA-512, but is \"{other}\""
            )));
        }
    };
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    let text: String = digest
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect();
    Ok(JValue::from(text))
}

/// `$random()`: a number from 0 up to 1. With a seed, the first that `java.util.Random` gives.
fn random(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    let number = match args {
        [JValue::Undefined] => return Ok(JValue::Undefined),
        [seed] => java_random::first_double(integer(seed).ok_or_else(|| mismatch("random", 1))?),
        // None, or those of a callback.
        _ => run.unit(),
    };
    Ok(JValue::Number(number))
}

/// `$uuid()`: a UUID of version 4.
#[allow(clippy::unnecessary_wraps)] // a host function
fn uuid(run: &Rc<Run>, _: &[JValue]) -> HostFnResult {
    Ok(JValue::from(run.uuid().to_string()))
}

/// `$parse(text)`: the value that the JSON text says.
fn parse(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    // A byte of text such as `[[],[],…` makes at most this many bytes of values.
    const GROWTH: usize = 16;
    let text = match args.first() {
        Some(JValue::Undefined) => return Ok(JValue::Undefined),
        Some(JValue::String(text)) => text,
        _ => return Err(mismatch("parse", 1)),
    };
    if text.len() > MAX_VALUE / GROWTH {
        return Err(too_much(run));
    }
    run.charge(text.len() * GROWTH)?;
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        failure(&format!(
            "The argument of the parse function is not valid JSON: {error}"
        ))
    })?;
    Ok(into_engine(&value))
}

/// `$now([picture [, timezone]])`: the time of the world.
fn now(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    match args {
        [JValue::String(_)] | [_, JValue::String(_)] => {
            let mut all = vec![JValue::from(run.now().as_millisecond())];
            all.extend_from_slice(args);
            text::from_millis(run, &all)
        }
        _ => Ok(JValue::from(format!("{:.3}", run.now()))),
    }
}

/// `$millis()`: the time of the world, in milliseconds.
#[allow(clippy::unnecessary_wraps)] // a host function
fn millis(run: &Rc<Run>, _: &[JValue]) -> HostFnResult {
    Ok(JValue::from(run.now().as_millisecond()))
}

/// `$shuffle(array)`, with the world's random numbers.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss
)] // array indexes
fn shuffle(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    let items = match args.first() {
        None => return Err(mismatch("shuffle", 1)),
        Some(JValue::Undefined) => return Ok(JValue::Undefined),
        Some(JValue::Array(items)) => items,
        Some(other) => return Ok(JValue::array(vec![other.clone()])),
    };
    run.charge(items.len() * ITEM)?;
    let mut shuffled: Vec<JValue> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let place = (run.unit() * (index + 1) as f64) as usize;
        shuffled.push(item.clone());
        shuffled.swap(place, index);
    }
    Ok(JValue::array(shuffled))
}

/// `$clone(value)`, which the engine lacks. Values never change, so a copy is the value.
fn clone(_: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    match args.first() {
        Some(value @ (JValue::Undefined | JValue::Array(_) | JValue::Object(_))) => {
            Ok(value.clone())
        }
        _ => Err(mismatch("clone", 1)),
    }
}

/// A number rounded down; `None` for what is no number.
#[allow(clippy::cast_possible_truncation)] // saturates
fn integer(value: &JValue) -> Option<i64> {
    value
        .as_f64()
        .filter(|number| number.is_finite())
        .map(|number| number.floor() as i64)
}

fn mismatch(function: &str, argument: usize) -> EvaluatorError {
    failure(&format!(
        "T0410: Argument {argument} of function {function} does not match function signature"
    ))
}

fn failure(message: &str) -> EvaluatorError {
    EvaluatorError::EvaluationError(message.to_owned())
}
