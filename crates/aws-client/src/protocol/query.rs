//! Query, and EC2's variant of it: forms in, XML out.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::Request;
use super::rest::encode;
use super::xml::{self, Element};
use crate::data::{Data, Fields, double};
use crate::error::Malformed;
use crate::model::{Operation, Protocol, Reference, Service, Shape, TimestampFormat};
use crate::time;

pub(super) fn request(
    service: &Service,
    name: &str,
    operation: &Operation,
    fields: &Fields,
) -> Request {
    let mut form = Form {
        service,
        ec2: service.protocol == Protocol::Ec2,
        entries: vec![
            ("Action".to_owned(), name.to_owned()),
            ("Version".to_owned(), service.version.clone()),
        ],
    };
    if let Some(input) = &operation.input {
        form.structure(service.shape(input), fields, "");
    }
    let entries = form.entries.iter();
    let entries = entries.map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    Request {
        method: operation.method.clone(),
        path: "/".to_owned(),
        headers: vec![(
            "Content-Type".to_owned(),
            "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
        )],
        body: entries.collect::<Vec<_>>().join("&").into_bytes(),
        ..Request::default()
    }
}

struct Form<'a> {
    service: &'a Service,
    ec2: bool,
    entries: Vec<(String, String)>,
}

impl Form<'_> {
    fn structure(&mut self, shape: &Shape, fields: &Fields, prefix: &str) {
        for (index, value) in fields {
            let Some((member, at)) = shape.members.get_index(*index) else {
                continue;
            };
            let name = self.name(at, member);
            let name = match prefix {
                "" => name,
                prefix => format!("{prefix}.{name}"),
            };
            self.value(at, value, name);
        }
    }

    /// The name of a member: EC2's models give names of answers, which requests capitalise.
    fn name(&self, at: &Reference, member: &str) -> String {
        match (&at.query, &at.name) {
            (Some(query), _) if self.ec2 => query.clone(),
            (_, Some(name)) if self.ec2 => {
                let mut name = name.clone();
                if let Some(first) = name.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                name
            }
            (_, Some(name)) => name.clone(),
            _ => member.to_owned(),
        }
    }

    fn value(&mut self, at: &Reference, value: &Data, name: String) {
        let shape = self.service.shape(at);
        let text = match value {
            Data::Structure(fields) => return self.structure(shape, fields, &name),
            Data::List(items) => return self.list(at, shape, items, name),
            Data::Map(entries) => return self.map(at, shape, entries, &name),
            Data::Null => return,
            value => scalar(at, value),
        };
        self.entries.push((name, text));
    }

    fn list(&mut self, at: &Reference, shape: &Shape, items: &[Data], name: String) {
        let Some(of) = &shape.of else {
            return;
        };
        if items.is_empty() && !self.ec2 {
            // An empty list is said, not left out.
            self.entries.push((name, String::new()));
            return;
        }
        let prefix = match &of.name {
            _ if self.ec2 => name,
            // The items' name takes the place of the list's.
            Some(item) if at.flattened => match name.rsplit_once('.') {
                Some((above, _)) => format!("{above}.{item}"),
                None => item.clone(),
            },
            None if at.flattened => name,
            item => format!("{name}.{}", item.as_deref().unwrap_or("member")),
        };
        for (number, item) in items.iter().enumerate() {
            self.value(of, item, format!("{prefix}.{}", number + 1));
        }
    }

    fn map(&mut self, at: &Reference, shape: &Shape, entries: &[(String, Data)], name: &str) {
        let (Some(key_at), Some(of)) = (&shape.key, &shape.of) else {
            return;
        };
        let prefix = match at.flattened {
            true => name.to_owned(),
            false => format!("{name}.entry"),
        };
        let key_name = key_at.name.as_deref().unwrap_or("key");
        let value_name = of.name.as_deref().unwrap_or("value");
        for (number, (key, value)) in entries.iter().enumerate() {
            let number = number + 1;
            let key = (format!("{prefix}.{number}.{key_name}"), key.clone());
            self.entries.push(key);
            self.value(of, value, format!("{prefix}.{number}.{value_name}"));
        }
    }
}

/// A value without parts as text, as forms and XML have it.
pub(super) fn scalar(at: &Reference, value: &Data) -> String {
    match value {
        Data::Boolean(value) => value.to_string(),
        Data::Integer(value) => value.to_string(),
        Data::Double(value) => match double(*value) {
            serde_json::Value::String(name) => name,
            number => number.to_string(),
        },
        Data::String(value) => value.clone(),
        Data::Blob(value) => BASE64_STANDARD.encode(value),
        Data::Timestamp(value) => time::write(*value, at.format.unwrap_or(TimestampFormat::Iso)),
        Data::Document(value) => value.to_string(),
        Data::Null | Data::List(_) | Data::Map(_) | Data::Structure(_) => String::new(),
    }
}

pub(super) fn result(
    service: &Service,
    operation: &Operation,
    shape: &Shape,
    body: &[u8],
) -> Result<Fields, Malformed> {
    let root = Element::parse(body)?;
    let start = match &operation.wrapper {
        Some(wrapper) => root
            .child(wrapper)
            .ok_or_else(|| Malformed::new(format!("<{}> without <{wrapper}>", root.name)))?,
        None => &root,
    };
    xml::read_structure(service, shape, start)
}
