//! The functions on texts.

use base64::alphabet;
use base64::engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig};
use md5::Md5;
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::arguments::Arguments;
use super::error::FailureReason;
use super::java;

/// Base64 as Java's basic decoder takes it: padding may be missing, spare bits may be set.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Fills the `{}` of the template; `slots` says where they are, if the template is a literal.
pub(super) fn format(
    arguments: &Arguments<'_>,
    slots: Option<&[usize]>,
) -> Result<Value, FailureReason> {
    let template = arguments.text(0)?;
    let found: Vec<usize>;
    let slots = if let Some(slots) = slots {
        slots
    } else {
        found = template.match_indices("{}").map(|(at, _)| at).collect();
        &found
    };
    let given = arguments.len() - 1;
    if slots.len() != given {
        let wanted = slots.len();
        return Err(arguments.failure(format!("the template has {wanted} {{}}, not {given}")));
    }
    let mut filled = String::with_capacity(template.len());
    let mut rest = 0;
    for (value, &slot) in arguments.values.iter().skip(1).zip(slots) {
        filled.push_str(&template[rest..slot]);
        java::print(value, &mut filled);
        rest = slot + "{}".len();
    }
    filled.push_str(&template[rest..]);
    Ok(Value::String(filled))
}

/// A blank text is null, and `-0` an integer (observed on AWS).
pub(super) fn parse(arguments: &Arguments<'_>) -> Result<Value, FailureReason> {
    let text = arguments.text(0)?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    let mut value = serde_json::from_str(text)
        .map_err(|error| arguments.failure(format!("the text is not JSON: {error}")))?;
    if text.contains("-0") && !text.contains("-0.") {
        unsign_zeros(&mut value);
    }
    Ok(value)
}

/// `-0` is a float to serde_json, as JSON has only one kind of number; Java knows no integer `-0`.
fn unsign_zeros(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() && number.as_f64() == Some(0.0) => {
            *value = 0.into();
        }
        Value::Array(elements) => elements.iter_mut().for_each(unsign_zeros),
        Value::Object(fields) => fields.values_mut().for_each(unsign_zeros),
        _ => {}
    }
}

pub(super) fn encode(arguments: &Arguments<'_>) -> Result<Value, FailureReason> {
    Ok(BASE64.encode(arguments.short(arguments.text(0)?)?).into())
}

pub(super) fn decode(arguments: &Arguments<'_>) -> Result<Value, FailureReason> {
    let bytes = BASE64
        .decode(arguments.short(arguments.text(0)?)?)
        .map_err(|error| arguments.failure(format!("the text is not Base64: {error}")))?;
    // Java replaces what is not UTF-8.
    Ok(String::from_utf8_lossy(&bytes).into())
}

/// The digest of a text, or of the JSON of anything else.
pub(super) fn hash(arguments: &Arguments<'_>) -> Result<Value, FailureReason> {
    let json;
    let data = match arguments.value(0) {
        Value::String(text) => text,
        other => {
            json = other.to_string();
            &json
        }
    };
    let data = arguments.short(data)?.as_bytes();
    let digest = match arguments.text(1)? {
        "MD5" => hex(&Md5::digest(data)),
        "SHA-1" => hex(&Sha1::digest(data)),
        "SHA-256" => hex(&Sha256::digest(data)),
        "SHA-384" => hex(&Sha384::digest(data)),
        "SHA-512" => hex(&Sha512::digest(data)),
        other => {
            let known = "MD5, SHA-1, SHA-256, SHA-384, SHA-512";
            return Err(
                arguments.failure(format!("the algorithm must be one of {known}, not {other}"))
            );
        }
    };
    Ok(digest.into())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xF)])
        .collect()
}

/// The parts between the delimiters, each of which is one character; empty parts are dropped.
pub(super) fn split(arguments: &Arguments<'_>) -> Result<Value, FailureReason> {
    let (text, delimiters) = (arguments.text(0)?, arguments.text(1)?);
    let parts = text
        .split(|c| delimiters.contains(c))
        .filter(|part| !part.is_empty());
    Ok(parts.collect())
}
