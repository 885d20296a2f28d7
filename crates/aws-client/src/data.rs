//! What requests and responses say, between JSON on one side and a protocol on the other.

use jiff::Timestamp;
use serde_json::Value;

/// A value of some shape. What protocols write has been checked against its shape.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Data {
    /// A value that is not there: of a list or a map in a response.
    Null,
    Boolean(bool),
    Integer(i64),
    Double(f64),
    String(String),
    Blob(Vec<u8>),
    Timestamp(Timestamp),
    List(Vec<Data>),
    Map(Vec<(String, Data)>),
    Structure(Fields),
    /// Any JSON.
    Document(Value),
}

/// The members of a structure that are there: their places in the shape, and their values.
pub(crate) type Fields = Vec<(usize, Data)>;

/// A number as JSON and forms have it: `1.5`, and `NaN` and the infinities by name.
pub(crate) fn double(number: f64) -> Value {
    match serde_json::Number::from_f64(number) {
        Some(number) => number.into(),
        None if number.is_nan() => "NaN".into(),
        None if number > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    }
}

/// The number that a text means, also one of those by name.
pub(crate) fn read_double(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        // What else Rust reads as such is no number here.
        _ => text.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}
