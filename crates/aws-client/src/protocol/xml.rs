//! XML: elements, and values in them.

use std::fmt::Write as _;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use quick_xml::escape::{escape, partial_escape, resolve_predefined_entity};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::query::scalar;
use crate::data::{Data, Fields, read_double};
use crate::error::Malformed;
use crate::model::{Namespace, Reference, Service, Shape, ShapeType};
use crate::time;

/// How deep an answer's elements may be.
const DEPTH: usize = 128;

/// An element of an answer.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Its name without prefix.
    pub(super) name: String,
    /// Its attributes, with their prefixes.
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    /// Its text without that of its children.
    pub(super) text: String,
}

impl Element {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let text =
            std::str::from_utf8(body).map_err(|_| Malformed::new("a body that is not in UTF-8"))?;
        let broken = |error: &dyn std::fmt::Display| {
            Malformed::new(format!("a body that is no XML: {error}"))
        };
        let mut reader = Reader::from_str(text);
        // The elements that are open; the first is none, and holds the root.
        let mut open = vec![Self::default()];
        loop {
            let event = reader.read_event().map_err(|error| broken(&error))?;
            let Some(current) = open.last_mut() else {
                return Err(broken(&"more ends than beginnings"));
            };
            match event {
                Event::Start(start) => {
                    if open.len() > DEPTH {
                        return Err(Malformed::new("elements that are too deep"));
                    }
                    open.push(Self::begin(&start)?);
                }
                Event::Empty(start) => current.children.push(Self::begin(&start)?),
                Event::End(_) => {
                    // The reader has compared the names.
                    if let Some(ended) = open.pop()
                        && let Some(above) = open.last_mut()
                    {
                        above.children.push(ended);
                    }
                }
                Event::Text(text) => {
                    current.text.push_str(&text.xml10_content());
                }
                Event::CData(text) => {
                    current.text.push_str(&text.xml10_content());
                }
                Event::GeneralRef(reference) => {
                    let char = reference
                        .resolve_char_ref()
                        .map_err(|error| broken(&error))?;
                    let name = &*reference;
                    match (char, resolve_predefined_entity(name)) {
                        (Some(char), _) => current.text.push(char),
                        (None, Some(text)) => current.text.push_str(text),
                        (None, None) => return Err(broken(&format!("unknown entity {name}"))),
                    }
                }
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        let root = match open.len() {
            1 => open.pop().and_then(|mut none| none.children.pop()),
            _ => None,
        };
        root.ok_or_else(|| broken(&"it ends too early"))
    }

    fn begin(start: &BytesStart) -> Result<Self, Malformed> {
        let broken = || Malformed::new("an element that is no XML");
        let mut element = Self {
            name: start.local_name().as_ref().to_owned(),
            ..Self::default()
        };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| broken())?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|_| broken())?;
            let name = attribute.key.as_ref().to_owned();
            element.attributes.push((name, value.into_owned()));
        }
        Ok(element)
    }

    /// The first child of that name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of that name.
    pub(super) fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }
}

/// The members that an element has, other than those that stand elsewhere in the response.
pub(super) fn read_structure(
    service: &Service,
    shape: &Shape,
    element: &Element,
) -> Result<Fields, Malformed> {
    let mut fields = Fields::new();
    for (index, (name, at)) in shape.members.iter().enumerate() {
        if at.location.is_some() {
            continue;
        }
        let of = service.shape(at).of.as_ref();
        let flat_list = at.flattened && service.shape(at).is == ShapeType::List;
        let item_name = of.filter(|_| flat_list).and_then(|of| of.name.as_ref());
        let wire = item_name.or(at.name.as_ref()).unwrap_or(name);
        if at.attribute {
            let mut attributes = element.attributes.iter();
            if let Some((_, value)) = attributes.find(|(name, _)| name == wire) {
                fields.push((index, Data::String(value.clone())));
            }
            continue;
        }
        let mut children = element.children.iter().filter(|child| child.name == *wire);
        let Some(first) = children.next() else {
            continue;
        };
        let value = match at.flattened {
            true => read_all(service, at, std::iter::once(first).chain(children)),
            false => read(service, at, first),
        };
        fields.push((index, value.map_err(|error| error.at(name))?));
    }
    Ok(fields)
}

fn read(service: &Service, at: &Reference, element: &Element) -> Result<Data, Malformed> {
    let shape = service.shape(at);
    let text = element.text.as_str();
    Ok(match shape.is {
        ShapeType::Structure => Data::Structure(read_structure(service, shape, element)?),
        ShapeType::List => read_all(service, at, element.children.iter())?,
        ShapeType::Map => {
            let entries = element
                .children
                .iter()
                .filter(|child| child.name == "entry");
            read_all(service, at, entries)?
        }
        _ => read_scalar(shape.is, text)?,
    })
}

/// Reads the items of a list, or the entries of a map.
fn read_all<'a>(
    service: &Service,
    at: &Reference,
    elements: impl Iterator<Item = &'a Element>,
) -> Result<Data, Malformed> {
    let shape = service.shape(at);
    let Some(of) = &shape.of else {
        return Ok(Data::Null);
    };
    if shape.is == ShapeType::List {
        let items = elements.map(|item| read(service, of, item));
        return Ok(Data::List(items.collect::<Result<_, _>>()?));
    }
    let key_name = shape.key.as_ref().and_then(|key| key.name.as_deref());
    let (key_name, value_name) = (
        key_name.unwrap_or("key"),
        of.name.as_deref().unwrap_or("value"),
    );
    let entries = elements.map(|entry| {
        let key = entry.child_text(key_name);
        let key = key.ok_or_else(|| Malformed::new(format!("an entry without <{key_name}>")))?;
        let value = match entry.child(value_name) {
            Some(value) => read(service, of, value)?,
            None => Data::Null,
        };
        Ok((key.to_owned(), value))
    });
    Ok(Data::Map(entries.collect::<Result<_, Malformed>>()?))
}

/// Reads a text as a value without parts: from an element, or a header.
pub(super) fn read_scalar(kind: ShapeType, text: &str) -> Result<Data, Malformed> {
    let trimmed = text.trim();
    Ok(match kind {
        ShapeType::Boolean => Data::Boolean(trimmed.eq_ignore_ascii_case("true")),
        ShapeType::Integer | ShapeType::Long => match trimmed.parse() {
            Ok(number) => Data::Integer(number),
            Err(_) => return Err(Malformed::value("a whole number")),
        },
        ShapeType::Float | ShapeType::Double => {
            Data::Double(read_double(trimmed).ok_or_else(|| Malformed::value("a number"))?)
        }
        ShapeType::Blob => match BASE64_STANDARD.decode(trimmed) {
            Ok(bytes) => Data::Blob(bytes),
            Err(_) => return Err(Malformed::value("bytes in base64")),
        },
        ShapeType::Timestamp => {
            Data::Timestamp(time::read(trimmed).ok_or_else(|| Malformed::value("a timestamp"))?)
        }
        _ => Data::String(text.to_owned()),
    })
}

/// Writes an element that has a value.
pub(super) fn write(out: &mut String, service: &Service, at: &Reference, name: &str, value: &Data) {
    let shape = service.shape(at);
    match value {
        Data::Null => {}
        Data::Structure(fields) => {
            let members = || {
                let member = |(index, value)| Some((shape.members.get_index(index)?, value));
                fields
                    .iter()
                    .filter_map(move |(index, value)| member((*index, value)))
            };
            begin(out, name, at.namespace.as_ref());
            for ((member, at), value) in members().filter(|((_, at), _)| at.attribute) {
                let name = at.name.as_ref().unwrap_or(member);
                let _ = write!(out, " {name}=\"{}\"", escape(scalar(at, value)));
            }
            out.push('>');
            for ((member, at), value) in members().filter(|((_, at), _)| !at.attribute) {
                write(out, service, at, at.name.as_ref().unwrap_or(member), value);
            }
            end(out, name);
        }
        Data::List(items) => {
            let Some(of) = &shape.of else {
                return;
            };
            if at.flattened {
                let items = items.iter();
                return items.for_each(|item| write(out, service, of, name, item));
            }
            begin(out, name, at.namespace.as_ref());
            out.push('>');
            let item_name = of.name.as_deref().unwrap_or("member");
            for item in items {
                write(out, service, of, item_name, item);
            }
            end(out, name);
        }
        Data::Map(entries) => write_map(out, service, at, name, entries),
        value => {
            begin(out, name, at.namespace.as_ref());
            let _ = write!(out, ">{}", partial_escape(scalar(at, value)));
            end(out, name);
        }
    }
}

fn write_map(
    out: &mut String,
    service: &Service,
    at: &Reference,
    name: &str,
    entries: &[(String, Data)],
) {
    let shape = service.shape(at);
    let (Some(key_at), Some(of)) = (&shape.key, &shape.of) else {
        return;
    };
    if !at.flattened {
        begin(out, name, at.namespace.as_ref());
        out.push('>');
    }
    let entry = if at.flattened { name } else { "entry" };
    for (key, value) in entries {
        let _ = write!(out, "<{entry}>");
        let key_name = key_at.name.as_deref().unwrap_or("key");
        write(out, service, key_at, key_name, &Data::String(key.clone()));
        write(
            out,
            service,
            of,
            of.name.as_deref().unwrap_or("value"),
            value,
        );
        end(out, entry);
    }
    if !at.flattened {
        end(out, name);
    }
}

fn begin(out: &mut String, name: &str, namespace: Option<&Namespace>) {
    let _ = write!(out, "<{name}");
    if let Some(Namespace { uri, prefix }) = namespace {
        let prefix = prefix.as_ref().map(|prefix| format!(":{prefix}"));
        let _ = write!(
            out,
            " xmlns{}=\"{}\"",
            prefix.unwrap_or_default(),
            escape(uri)
        );
    }
}

fn end(out: &mut String, name: &str) {
    let _ = write!(out, "</{name}>");
}
