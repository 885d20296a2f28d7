//! RPC v2: CBOR in, CBOR out.

use jiff::Timestamp;
use minicbor::data::{Tag, Type};
use minicbor::{Decoder, Encoder};

use super::Request;
use crate::data::{Data, Fields};
use crate::error::Malformed;
use crate::model::{Operation, Reference, Service, Shape, ShapeType};
use crate::time;

/// How deep an answer may be.
const DEPTH: usize = 128;
/// The tag of seconds since 1970.
const EPOCH: Tag = Tag::new(1);

pub(super) fn request(
    service: &Service,
    name: &str,
    operation: &Operation,
    fields: &Fields,
) -> Request {
    let mut headers = vec![
        ("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()),
        ("Accept".to_owned(), "application/cbor".to_owned()),
    ];
    if service.query_compatible {
        headers.push(("x-amzn-query-mode".to_owned(), "true".to_owned()));
    }
    let mut body = Vec::new();
    if let Some(input) = &operation.input {
        headers.push(("Content-Type".to_owned(), "application/cbor".to_owned()));
        write_structure(
            &mut Encoder::new(&mut body),
            service,
            service.shape(input),
            fields,
        );
    }
    let target = service.target.as_deref().unwrap_or_default();
    Request {
        method: "POST".to_owned(),
        path: format!("/service/{target}/operation/{name}"),
        headers,
        body,
        ..Request::default()
    }
}

type Out<'a> = Encoder<&'a mut Vec<u8>>;

/// Writing to memory does not fail.
fn sure<T>(_: Result<T, minicbor::encode::Error<std::convert::Infallible>>) {}

fn write_structure(out: &mut Out, service: &Service, shape: &Shape, fields: &Fields) {
    sure(out.map(fields.len() as u64));
    for (index, value) in fields {
        if let Some((name, at)) = shape.members.get_index(*index) {
            sure(out.str(at.name.as_ref().unwrap_or(name)));
            write(out, service, at, value);
        }
    }
}

fn write(out: &mut Out, service: &Service, at: &Reference, value: &Data) {
    let shape = service.shape(at);
    let of = shape.of.as_ref().unwrap_or(at);
    match value {
        Data::Null => sure(out.null()),
        Data::Boolean(value) => sure(out.bool(*value)),
        Data::Integer(value) => match shape.is {
            #[allow(clippy::cast_precision_loss)]
            ShapeType::Float | ShapeType::Double => write_double(out, shape.is, *value as f64),
            _ => sure(out.i64(*value)),
        },
        Data::Double(value) => write_double(out, shape.is, *value),
        Data::String(value) => sure(out.str(value)),
        Data::Blob(value) => sure(out.bytes(value)),
        Data::Timestamp(value) => {
            sure(out.tag(EPOCH));
            match value.subsec_nanosecond() {
                0 => sure(out.i64(value.as_second())),
                _ => sure(out.f64(time::seconds(*value).as_f64().unwrap_or_default())),
            }
        }
        Data::List(items) => {
            sure(out.array(items.len() as u64));
            for item in items {
                write(out, service, of, item);
            }
        }
        Data::Map(entries) => {
            sure(out.map(entries.len() as u64));
            for (key, value) in entries {
                sure(out.str(key));
                write(out, service, of, value);
            }
        }
        Data::Structure(fields) => write_structure(out, service, shape, fields),
        // No service of this protocol has documents.
        Data::Document(value) => sure(out.str(&value.to_string())),
    }
}

fn write_double(out: &mut Out, kind: ShapeType, value: f64) {
    match kind {
        #[allow(clippy::cast_possible_truncation)]
        ShapeType::Float => sure(out.f32(value as f32)),
        _ => sure(out.f64(value)),
    }
}

/// Reads the members that a body has; an empty body has none.
pub(super) fn read_body(
    service: &Service,
    shape: &Shape,
    body: &[u8],
) -> Result<Fields, Malformed> {
    match body {
        [] => Ok(Fields::new()),
        body => read_structure(&mut Decoder::new(body), service, shape, 0),
    }
}

/// The text of a member of a body, whatever else that has.
pub(super) fn text(body: &[u8], name: &str) -> Option<String> {
    let mut from = Decoder::new(body);
    let length = from.map().ok()?;
    let mut members = 0..length.unwrap_or(u64::MAX);
    while members.next().is_some() && more(&mut from, length).ok()? {
        match from.str().ok()? == name {
            true => return from.str().ok().map(str::to_owned),
            false => from.skip().ok()?,
        }
    }
    None
}

fn broken(error: impl std::fmt::Display) -> Malformed {
    Malformed::new(format!("a body that is no CBOR: {error}"))
}

/// Whether there is another item: the end of those without length is passed.
fn more(from: &mut Decoder, length: Option<u64>) -> Result<bool, Malformed> {
    if length.is_none() && from.datatype().map_err(broken)? == Type::Break {
        from.skip().map_err(broken)?;
        return Ok(false);
    }
    Ok(true)
}

fn read_structure(
    from: &mut Decoder,
    service: &Service,
    shape: &Shape,
    depth: usize,
) -> Result<Fields, Malformed> {
    let mut fields = Fields::new();
    let length = from.map().map_err(broken)?;
    let mut members = 0..length.unwrap_or(u64::MAX);
    while members.next().is_some() && more(from, length)? {
        let name = from.str().map_err(broken)?;
        let mut known = shape.members.iter().enumerate();
        let found = known.find(|(_, (member, at))| at.name.as_ref().unwrap_or(member) == name);
        match found {
            Some((index, (name, at))) => {
                let value = read(from, service, at, depth + 1).map_err(|error| error.at(name))?;
                if value != Data::Null {
                    fields.push((index, value));
                }
            }
            None => from.skip().map_err(broken)?,
        }
    }
    Ok(fields)
}

fn read(
    from: &mut Decoder,
    service: &Service,
    at: &Reference,
    depth: usize,
) -> Result<Data, Malformed> {
    if depth > DEPTH {
        return Err(Malformed::new("values that are too deep"));
    }
    let shape = service.shape(at);
    let of = shape.of.as_ref().unwrap_or(at);
    let kind = from.datatype().map_err(broken)?;
    if matches!(kind, Type::Null | Type::Undefined) {
        from.skip().map_err(broken)?;
        return Ok(Data::Null);
    }
    Ok(match shape.is {
        ShapeType::Boolean => Data::Boolean(from.bool().map_err(broken)?),
        ShapeType::Integer | ShapeType::Long => Data::Integer(from.i64().map_err(broken)?),
        ShapeType::Float | ShapeType::Double => Data::Double(number(from)?),
        ShapeType::String => Data::String(text_of(from)?),
        ShapeType::Blob => {
            let parts = from.bytes_iter().map_err(broken)?;
            let parts = parts.collect::<Result<Vec<_>, _>>().map_err(broken)?;
            Data::Blob(parts.concat())
        }
        ShapeType::Timestamp => Data::Timestamp(timestamp(from)?),
        ShapeType::Structure => Data::Structure(read_structure(from, service, shape, depth)?),
        ShapeType::List => {
            let (length, mut items) = (from.array().map_err(broken)?, Vec::new());
            let mut numbers = 0..length.unwrap_or(u64::MAX);
            while numbers.next().is_some() && more(from, length)? {
                items.push(read(from, service, of, depth + 1)?);
            }
            Data::List(items)
        }
        ShapeType::Map => {
            let (length, mut entries) = (from.map().map_err(broken)?, Vec::new());
            let mut numbers = 0..length.unwrap_or(u64::MAX);
            while numbers.next().is_some() && more(from, length)? {
                let key = text_of(from)?;
                entries.push((key, read(from, service, of, depth + 1)?));
            }
            Data::Map(entries)
        }
        ShapeType::Document | ShapeType::EventStream => {
            return Err(Malformed::value("of a type that CBOR has"));
        }
    })
}

fn text_of(from: &mut Decoder) -> Result<String, Malformed> {
    let parts = from.str_iter().map_err(broken)?;
    parts.collect::<Result<String, _>>().map_err(broken)
}

/// A number in any of the forms that one may have.
fn number(from: &mut Decoder) -> Result<f64, Malformed> {
    match from.datatype().map_err(broken)? {
        Type::F16 => from.f16().map(f64::from),
        Type::F32 => from.f32().map(f64::from),
        Type::F64 => from.f64(),
        #[allow(clippy::cast_precision_loss)]
        _ => from.i64().map(|number| number as f64),
    }
    .map_err(broken)
}

fn timestamp(from: &mut Decoder) -> Result<Timestamp, Malformed> {
    if from.datatype().map_err(broken)? == Type::Tag && from.tag().map_err(broken)? != EPOCH {
        return Err(Malformed::value("a timestamp"));
    }
    let time = time::of_seconds(number(from)?);
    time.ok_or_else(|| Malformed::value("a timestamp"))
}
