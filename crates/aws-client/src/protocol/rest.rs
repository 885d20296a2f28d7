//! REST: members in the path, the query string, headers and the body.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::query::scalar;
use super::xml::{self, Element};
use super::{Answer, Request, json, member};
use crate::data::{Data, Fields};
use crate::error::{Malformed, ParameterError, Problem};
use crate::model::{
    Location, Operation, Protocol, Reference, Service, Shape, ShapeType, TimestampFormat,
};
use crate::time;

/// What RFC 3986 lets stand as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const RESERVED_BUT_SLASH: &AsciiSet = &RESERVED.remove(b'/');

/// A name or value of a path, a query string or a form.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

pub(super) fn request(
    service: &Service,
    operation: &Operation,
    fields: &Fields,
) -> Result<Request, ParameterError> {
    let (path, query) = match operation.uri.split_once('?') {
        Some((path, query)) => (path, query),
        None => (&*operation.uri, ""),
    };
    let literal = query.split('&').filter(|part| !part.is_empty());
    let literal = literal.map(|part| match part.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (part.to_owned(), None),
    });
    let mut request = Request {
        method: operation.method.clone(),
        path: path.to_owned(),
        query: literal.collect(),
        ..Request::default()
    };
    let Some(input) = &operation.input else {
        return Ok(request);
    };
    let shape = service.shape(input);
    for (name, at) in &shape.members {
        if at.location == Some(Location::Path) {
            request.path = fill(&request.path, name, at, member(shape, fields, name))?;
        }
    }
    for (index, value) in fields {
        let Some((name, at)) = shape.members.get_index(*index) else {
            continue;
        };
        let wire = at.name.as_ref().unwrap_or(name);
        match at.location {
            Some(Location::Query) => query_string(&mut request.query, service, at, wire, value),
            Some(Location::Header) => {
                let text = header(service, at, value);
                request
                    .headers
                    .extend(text.map(|text| (wire.clone(), text)));
            }
            Some(Location::Headers) => {
                if let Data::Map(entries) = value {
                    let entries = entries.iter();
                    let entries =
                        entries.map(|(key, value)| (format!("{wire}{key}"), scalar(at, value)));
                    request.headers.extend(entries);
                }
            }
            Some(Location::Path | Location::Status) | None => {}
        }
    }
    body(&mut request, service, input, fields);
    Ok(request)
}

/// Puts a member into the path.
fn fill(
    path: &str,
    name: &str,
    at: &Reference,
    value: Option<&Data>,
) -> Result<String, ParameterError> {
    let wire = at.name.as_deref().unwrap_or(name);
    let (label, greedy) = (format!("{{{wire}}}"), format!("{{{wire}+}}"));
    if !path.contains(&label) && !path.contains(&greedy) {
        return Ok(path.to_owned());
    }
    let text = value.map(|value| scalar(at, value)).unwrap_or_default();
    if text.is_empty() {
        return Err(ParameterError::of(name, Problem::Missing));
    }
    let greedy_text = utf8_percent_encode(&text, RESERVED_BUT_SLASH).to_string();
    Ok(path
        .replace(&label, &encode(&text))
        .replace(&greedy, &greedy_text))
}

fn query_string(
    query: &mut Vec<(String, Option<String>)>,
    service: &Service,
    at: &Reference,
    name: &str,
    value: &Data,
) {
    let of = service.shape(at).of.as_ref().unwrap_or(at);
    match value {
        Data::List(items) => {
            let items = items
                .iter()
                .map(|item| (name.to_owned(), Some(scalar(of, item))));
            query.extend(items);
        }
        Data::Map(entries) => {
            for (key, value) in entries {
                query_string(query, service, of, key, value);
            }
        }
        value => query.push((name.to_owned(), Some(scalar(at, value)))),
    }
}

/// A value in a header; none for an empty list.
fn header(service: &Service, at: &Reference, value: &Data) -> Option<String> {
    Some(match value {
        Data::Timestamp(value) => time::write(*value, at.format.unwrap_or(TimestampFormat::Http)),
        Data::Document(value) => BASE64_STANDARD.encode(value.to_string()),
        Data::List(items) if items.is_empty() => return None,
        Data::List(items) => {
            let of = service.shape(at).of.as_ref()?;
            let items = items.iter().filter_map(|item| match item {
                Data::String(text) if text.contains([',', '"']) => {
                    Some(format!("\"{}\"", text.replace('"', "\\\"")))
                }
                item => header(service, of, item),
            });
            items.collect::<Vec<_>>().join(",")
        }
        value => scalar(at, value),
    })
}

fn body(request: &mut Request, service: &Service, input: &Reference, fields: &Fields) {
    let shape = service.shape(input);
    let is_json = service.protocol == Protocol::RestJson;
    let payload = shape.payload.as_deref();
    let payload = payload.and_then(|name| Some((name, shape.members.get(name)?)));
    let in_body = || {
        let members = shape.members.values();
        members.filter(|at| at.location.is_none()).count() > 0
    };
    let body_fields = || -> Fields {
        let members = fields.iter().filter(|(index, _)| {
            let member = shape.members.get_index(*index);
            member.is_some_and(|(_, at)| at.location.is_none())
        });
        members.cloned().collect()
    };
    request.body = match payload {
        Some((name, at)) => match (member(shape, fields, name), service.shape(at).is) {
            (Some(Data::Blob(bytes)), _) => bytes.clone(),
            (Some(Data::String(text)), _) => text.clone().into_bytes(),
            (None, ShapeType::Blob | ShapeType::String) => Vec::new(),
            (Some(value), _) if is_json => json::write(service, at, value).to_string().into_bytes(),
            (None, _) if is_json => b"{}".to_vec(),
            (Some(value), _) => element(service, at, at.name.as_deref().unwrap_or(name), value),
            (None, _) => Vec::new(),
        },
        None if is_json && in_body() => {
            let body = json::write_structure(service, shape, &body_fields());
            body.to_string().into_bytes()
        }
        None if is_json => Vec::new(),
        None => match body_fields() {
            none if none.is_empty() => Vec::new(),
            some => {
                let root = input.name.as_deref().unwrap_or("Request");
                element(service, input, root, &Data::Structure(some))
            }
        },
    };
    let raw = payload
        .is_some_and(|(_, at)| matches!(service.shape(at).is, ShapeType::Blob | ShapeType::String));
    let mut headers = request.headers.iter();
    let typed = headers.any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if !raw && !typed && !request.body.is_empty() {
        let kind = if is_json {
            "application/json"
        } else {
            "application/xml"
        };
        request
            .headers
            .push(("Content-Type".to_owned(), kind.to_owned()));
    }
}

fn element(service: &Service, at: &Reference, name: &str, value: &Data) -> Vec<u8> {
    let mut text = String::new();
    xml::write(&mut text, service, at, name, value);
    text.into_bytes()
}

pub(super) fn result(
    service: &Service,
    operation: &Operation,
    shape: &Shape,
    answer: &Answer,
) -> Result<Fields, Malformed> {
    let mut fields = headers(service, shape, answer)?;
    let body = &*answer.body;
    let payload = shape
        .payload
        .as_ref()
        .and_then(|name| shape.members.get_full(name));
    if let Some((index, name, at)) = payload {
        let value = match service.shape(at).is {
            ShapeType::Blob => Some(Data::Blob(body.to_vec())),
            ShapeType::String => Some(Data::String(String::from_utf8_lossy(body).into_owned())),
            _ if body.is_empty() => None,
            _ if service.protocol == Protocol::RestJson => {
                let value = json::parse(body)?;
                Some(json::read(service, at, value).map_err(|error| error.at(name))?)
            }
            _ => {
                let root = Element::parse(body)?;
                let of = service.shape(at);
                Some(Data::Structure(xml::read_structure(service, of, &root)?))
            }
        };
        fields.extend(value.map(|value| (index, value)));
    } else if body.is_empty() || shape.members.values().all(|at| at.location.is_some()) {
        // Nothing that the model knows stands in the body.
    } else if service.protocol == Protocol::RestJson {
        fields.extend(json::read_body(service, shape, body)?);
    } else {
        let root = Element::parse(body)?;
        if !operation.unwrapped {
            fields.extend(xml::read_structure(service, shape, &root)?);
        } else if !root.text.is_empty() {
            fields.push((0, Data::String(root.text)));
        }
    }
    Ok(fields)
}

/// The members that stand in headers, and the status.
pub(super) fn headers(
    service: &Service,
    shape: &Shape,
    answer: &Answer,
) -> Result<Fields, Malformed> {
    let mut fields = Fields::new();
    for (index, (name, at)) in shape.members.iter().enumerate() {
        let wire = at.name.as_ref().unwrap_or(name);
        let value = match at.location {
            Some(Location::Status) => Some(Data::Integer(answer.status.into())),
            Some(Location::Headers) => Some(Data::Map(prefixed(answer, wire))),
            Some(Location::Header) => match answer.header(wire) {
                Some(text) => Some(read_header(service, at, text).map_err(|error| error.at(name))?),
                None => None,
            },
            _ => None,
        };
        fields.extend(value.map(|value| (index, value)));
    }
    Ok(fields)
}

/// The headers whose names begin with a prefix, without it.
fn prefixed(answer: &Answer, prefix: &str) -> Vec<(String, Data)> {
    let prefix = prefix.to_ascii_lowercase();
    let headers = answer.headers.iter().filter_map(|(name, value)| {
        let key = name.as_str().strip_prefix(&prefix)?;
        Some((
            key.to_owned(),
            Data::String(value.to_str().ok()?.to_owned()),
        ))
    });
    headers.collect()
}

fn read_header(service: &Service, at: &Reference, text: &str) -> Result<Data, Malformed> {
    let shape = service.shape(at);
    if at.json {
        let bytes = BASE64_STANDARD
            .decode(text)
            .map_err(|_| Malformed::value("JSON in base64"))?;
        let value: Value = json::parse(&bytes)?;
        return Ok(Data::Document(value));
    }
    match (shape.is, &shape.of) {
        (ShapeType::List, Some(of)) => {
            let items = text
                .split(',')
                .map(|item| read_header(service, of, item.trim()));
            Ok(Data::List(items.collect::<Result<_, _>>()?))
        }
        (kind, _) => xml::read_scalar(kind, text),
    }
}
