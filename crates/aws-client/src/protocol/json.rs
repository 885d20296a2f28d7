//! AWS JSON, and JSON bodies of REST.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};

use super::Request;
use crate::data::{Data, Fields, double, read_double};
use crate::error::Malformed;
use crate::model::{Operation, Reference, Service, Shape, ShapeType, TimestampFormat};
use crate::time;

pub(super) fn request(
    service: &Service,
    name: &str,
    operation: &Operation,
    fields: &Fields,
) -> Request {
    let body = match &operation.input {
        Some(input) => write_structure(service, service.shape(input), fields),
        None => Value::Object(Map::new()),
    };
    let target = service.target.as_deref().unwrap_or_default();
    let version = service.json_version.as_deref().unwrap_or("1.0");
    let mut headers = vec![
        ("X-Amz-Target".to_owned(), format!("{target}.{name}")),
        (
            "Content-Type".to_owned(),
            format!("application/x-amz-json-{version}"),
        ),
    ];
    if service.query_compatible {
        headers.push(("x-amzn-query-mode".to_owned(), "true".to_owned()));
    }
    Request {
        method: operation.method.clone(),
        path: "/".to_owned(),
        headers,
        body: body.to_string().into_bytes(),
        ..Request::default()
    }
}

pub(super) fn write_structure(service: &Service, shape: &Shape, fields: &Fields) -> Value {
    let members = fields.iter().filter_map(|(index, value)| {
        let (name, at) = shape.members.get_index(*index)?;
        let name = at.name.as_ref().unwrap_or(name);
        Some((name.clone(), write(service, at, value)))
    });
    Value::Object(members.collect())
}

pub(super) fn write(service: &Service, at: &Reference, value: &Data) -> Value {
    let shape = service.shape(at);
    let of = |value: &Data| match &shape.of {
        Some(of) => write(service, of, value),
        None => Value::Null,
    };
    match value {
        Data::Null => Value::Null,
        Data::Boolean(value) => (*value).into(),
        Data::Integer(value) => (*value).into(),
        Data::Double(value) => double(*value),
        Data::String(value) => value.as_str().into(),
        Data::Blob(value) => BASE64_STANDARD.encode(value).into(),
        Data::Timestamp(value) => match at.format.unwrap_or(TimestampFormat::Epoch) {
            TimestampFormat::Epoch => time::seconds(*value).into(),
            format => time::write(*value, format).into(),
        },
        Data::List(items) => items.iter().map(of).collect(),
        Data::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.clone(), of(value)));
            Value::Object(entries.collect())
        }
        Data::Structure(fields) => write_structure(service, shape, fields),
        Data::Document(value) => value.clone(),
    }
}

/// Reads the members that a body has; an empty body has none.
pub(super) fn read_body(
    service: &Service,
    shape: &Shape,
    body: &[u8],
) -> Result<Fields, Malformed> {
    if body.is_empty() {
        return Ok(Fields::new());
    }
    match parse(body)? {
        Value::Object(object) => read_structure(service, shape, object),
        Value::Null => Ok(Fields::new()),
        _ => Err(Malformed::new("a body that is no object")),
    }
}

pub(super) fn parse(body: &[u8]) -> Result<Value, Malformed> {
    serde_json::from_slice(body)
        .map_err(|error| Malformed::new(format!("a body that is no JSON: {error}")))
}

pub(super) fn read_structure(
    service: &Service,
    shape: &Shape,
    mut object: Map<String, Value>,
) -> Result<Fields, Malformed> {
    let mut fields = Fields::new();
    for (index, (name, at)) in shape.members.iter().enumerate() {
        if at.location.is_some() {
            continue;
        }
        let wire = at.name.as_ref().unwrap_or(name);
        match object.get_mut(wire).map(Value::take) {
            None | Some(Value::Null) => {}
            Some(value) => {
                let value = read(service, at, value).map_err(|error| error.at(name))?;
                fields.push((index, value));
            }
        }
    }
    Ok(fields)
}

/// Reads a value. Numbers and texts stand for each other, as careless servers have it.
pub(super) fn read(service: &Service, at: &Reference, value: Value) -> Result<Data, Malformed> {
    let shape = service.shape(at);
    Ok(match (shape.is, value) {
        (ShapeType::Document | ShapeType::EventStream, value) => Data::Document(value),
        (_, Value::Null) => Data::Null,
        (ShapeType::String, Value::String(text)) => Data::String(text),
        (ShapeType::String, value @ (Value::Number(_) | Value::Bool(_))) => {
            Data::String(value.to_string())
        }
        (ShapeType::Boolean, Value::Bool(value)) => Data::Boolean(value),
        (ShapeType::Boolean, Value::String(text)) => {
            Data::Boolean(text.eq_ignore_ascii_case("true"))
        }
        (ShapeType::Integer | ShapeType::Long, value @ (Value::Number(_) | Value::String(_))) => {
            Data::Integer(whole(&value).ok_or_else(|| Malformed::value("a whole number"))?)
        }
        (ShapeType::Float | ShapeType::Double, Value::Number(number)) => match number.as_f64() {
            Some(number) => Data::Double(number),
            None => return Err(Malformed::value("a number")),
        },
        (ShapeType::Float | ShapeType::Double, Value::String(text)) => {
            Data::Double(read_double(&text).ok_or_else(|| Malformed::value("a number"))?)
        }
        (ShapeType::Blob, Value::String(text)) => {
            let bytes = BASE64_STANDARD.decode(text);
            Data::Blob(bytes.map_err(|_| Malformed::value("bytes in base64"))?)
        }
        (ShapeType::Timestamp, Value::Number(number)) => {
            let time = number.as_f64().and_then(time::of_seconds);
            Data::Timestamp(time.ok_or_else(|| Malformed::value("a timestamp"))?)
        }
        (ShapeType::Timestamp, Value::String(text)) => {
            Data::Timestamp(time::read(&text).ok_or_else(|| Malformed::value("a timestamp"))?)
        }
        (ShapeType::Structure, Value::Object(object)) => {
            Data::Structure(read_structure(service, shape, object)?)
        }
        (ShapeType::List, Value::Array(items)) => {
            let Some(of) = &shape.of else {
                return Ok(Data::Null);
            };
            let items = items.into_iter().map(|item| read(service, of, item));
            Data::List(items.collect::<Result<_, _>>()?)
        }
        (ShapeType::Map, Value::Object(object)) => {
            let Some(of) = &shape.of else {
                return Ok(Data::Null);
            };
            let entries = object.into_iter();
            let entries = entries.map(|(key, value)| Ok((key, read(service, of, value)?)));
            Data::Map(entries.collect::<Result<_, Malformed>>()?)
        }
        (ShapeType::String, _) => return Err(Malformed::value("a string")),
        (ShapeType::Structure | ShapeType::Map, _) => return Err(Malformed::value("an object")),
        (ShapeType::List, _) => return Err(Malformed::value("an array")),
        (ShapeType::Boolean, _) => return Err(Malformed::value("a boolean")),
        _ => return Err(Malformed::value("of its type")),
    })
}

/// The whole number that a value is; what a fraction has is not kept.
fn whole(value: &Value) -> Option<i64> {
    let float = match value {
        Value::Number(number) => match number.as_i64() {
            Some(whole) => return Some(whole),
            None => number.as_f64()?,
        },
        Value::String(text) => match text.parse() {
            Ok(whole) => return Some(whole),
            Err(_) => text.parse().ok()?,
        },
        _ => return None,
    };
    #[allow(clippy::cast_possible_truncation)]
    (float.abs() < 9e18).then_some(float as i64)
}
