//! The protocols of AWS's services, as functions: parameters to a request, a response to a result.

mod cbor;
mod error;
pub(crate) mod event_stream;
mod json;
mod query;
mod rest;
mod xml;

use bytes::Bytes;
use http::HeaderMap;

pub(crate) use error::{Announced, announced, is_xml_error, request_id};
pub(crate) use rest::encode;

use crate::data::{Data, Fields};
use crate::error::{Malformed, ParameterError, Problem};
use crate::model::{Operation, Protocol, Service, Shape};

/// A request without endpoint and signature.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// The HTTP method.
    pub(crate) method: String,
    /// The path behind that of the endpoint, percent-encoded. Empty where the endpoint has it all.
    pub(crate) path: String,
    /// The query string's names and values, not encoded; a name alone has none.
    pub(crate) query: Vec<(String, Option<String>)>,
    /// Headers.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Vec<u8>,
    /// What stands before the endpoint's host.
    pub(crate) host_prefix: Option<String>,
}

/// A response as it came.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
}

impl Answer {
    /// A header's value, if it is there and text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The request that an operation is called by.
pub(crate) fn request(
    service: &Service,
    name: &str,
    operation: &Operation,
    fields: &Fields,
) -> Result<Request, ParameterError> {
    let shape = operation.input.as_ref().map(|input| service.shape(input));
    let host_prefix = host_prefix(operation, shape, fields)?;
    let request = match service.protocol {
        Protocol::Json => json::request(service, name, operation, fields),
        Protocol::Query | Protocol::Ec2 => query::request(service, name, operation, fields),
        Protocol::Cbor => cbor::request(service, name, operation, fields),
        Protocol::RestJson | Protocol::RestXml => rest::request(service, operation, fields)?,
    };
    Ok(Request {
        host_prefix,
        ..request
    })
}

/// What a response that is no error says.
pub(crate) fn result(
    service: &Service,
    operation: &Operation,
    answer: &Answer,
) -> Result<Fields, Malformed> {
    let Some(output) = &operation.output else {
        return Ok(Fields::new());
    };
    let shape = service.shape(output);
    match service.protocol {
        Protocol::Json => json::read_body(service, shape, &answer.body),
        Protocol::Query | Protocol::Ec2 => query::result(service, operation, shape, &answer.body),
        Protocol::Cbor => cbor::read_body(service, shape, &answer.body),
        Protocol::RestJson | Protocol::RestXml => rest::result(service, operation, shape, answer),
    }
}

/// The value of a member, by its name in the model.
pub(crate) fn member<'a>(shape: &Shape, fields: &'a Fields, name: &str) -> Option<&'a Data> {
    let index = shape.members.get_index_of(name)?;
    let mut fields = fields.iter();
    fields
        .find(|(there, _)| *there == index)
        .map(|(_, value)| value)
}

/// Fills the members of `template`, which are those that the model lets stand in a host's name.
fn host_prefix(
    operation: &Operation,
    shape: Option<&Shape>,
    fields: &Fields,
) -> Result<Option<String>, ParameterError> {
    let Some(template) = &operation.host else {
        return Ok(None);
    };
    let mut host = template.clone();
    let members = shape.iter().flat_map(|shape| &shape.members);
    for (index, (name, _)) in members.enumerate().filter(|(_, (_, at))| at.host) {
        let value = fields.iter().find(|(there, _)| *there == index);
        let label = match value {
            Some((_, Data::String(label))) if is_label(label) => label,
            Some(_) => return Err(ParameterError::of(name, Problem::NotALabel)),
            None => return Err(ParameterError::of(name, Problem::Missing)),
        };
        host = host.replace(&format!("{{{name}}}"), label);
    }
    Ok(Some(host))
}

fn is_label(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    !text.is_empty() && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// An operation by each protocol, whose answers have lists, maps, numbers and times.
    const OPERATIONS: [(&str, &str); 6] = [
        ("dynamodb", "DescribeTable"),
        ("lambda", "GetFunction"),
        ("s3", "ListObjectsV2"),
        ("sns", "GetTopicAttributes"),
        ("ec2", "DescribeInstances"),
        ("eventbridgev2", "DescribeEventBus"),
    ];

    /// Parts of answers, in any order.
    fn body() -> impl Strategy<Value = Vec<u8>> {
        let words = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"Table\"",
            "\"TableName\"",
            "1e999",
            "null",
            "\"",
            "\\u12",
            "<ListBucketResult>",
            "<Contents>",
            "</Contents>",
            "<Size>",
            "&#x0;",
            "&x;",
            "<![CDATA[",
            "]]>",
            "<Error>",
            "<Code>",
            "<!DOCTYPE",
            "<a b='",
            "\u{a0}",
            "-1",
            "Attributes",
            "<entry>",
            "<key>",
        ]);
        let word = words.prop_map(|word| word.as_bytes().to_vec());
        let part = prop_oneof![
            word,
            vec(any::<u8>(), 0..4),
            Just(vec![0xbf]),
            Just(vec![0x9f])
        ];
        vec(part, 0..40).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn any_answer_is_read_or_refused(body in body(), status in 200..600_u16) {
            for (service, operation) in OPERATIONS {
                let service = Service::named(service).unwrap();
                let operation = service.operation(operation).unwrap();
                let answer = Answer { status, headers: HeaderMap::new(), body: body.clone().into() };
                let _ = result(&service, operation, &answer);
                let _ = announced(&service, operation, &answer);
            }
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |open: &str, close: &str| {
            let text = format!("{}{}", open.repeat(100_000), close.repeat(100_000));
            Answer {
                status: 200,
                headers: HeaderMap::new(),
                body: text.into(),
            }
        };
        let maps = Answer {
            body: Bytes::from([0xa1, 0x61, b'x'].repeat(100_000)),
            ..deep("", "")
        };
        for (service, operation, answer) in [
            ("dynamodb", "DescribeTable", deep("{\"Table\":", "}")),
            ("s3", "ListObjectsV2", deep("<a>", "</a>")),
            ("eventbridgev2", "DescribeEventBus", maps),
        ] {
            let service = Service::named(service).unwrap();
            let operation = service.operation(operation).unwrap();
            assert!(result(&service, operation, &answer).is_err());
        }
    }
}
