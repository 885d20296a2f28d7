//! Results: what a response says, as JSON.

use serde_json::{Map, Value};

use crate::data::{Data, Fields, double};
use crate::model::{Reference, Service, Shape};
use crate::style::Style;

/// The members of a structure as a JSON object.
pub(crate) fn show(service: &Service, shape: &Shape, fields: Fields, style: Style) -> Value {
    let mut object = Map::new();
    for (index, value) in fields {
        if let Some((name, at)) = shape.members.get_index(index) {
            let name = style.names.of(name).into_owned();
            object.insert(name, show_value(service, at, value, style));
        }
    }
    Value::Object(object)
}

fn show_value(service: &Service, at: &Reference, value: Data, style: Style) -> Value {
    let shape = service.shape(at);
    let of = |value| match &shape.of {
        Some(of) => show_value(service, of, value, style),
        None => Value::Null,
    };
    match value {
        Data::Null => Value::Null,
        Data::Boolean(value) => value.into(),
        Data::Integer(value) => value.into(),
        Data::Double(value) => double(value),
        Data::String(value) => value.into(),
        Data::Blob(value) => style.blobs.show(value).into(),
        Data::Timestamp(value) => style.timestamps.show(value),
        Data::List(items) => items.into_iter().map(of).collect(),
        Data::Map(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key, of(value)));
            Value::Object(entries.collect())
        }
        Data::Structure(fields) => show(service, shape, fields, style),
        Data::Document(value) => value,
    }
}
