//! What responses say that are errors.

use serde_json::Value;

use super::xml::{self, Element};
use super::{Answer, cbor, json, rest};
use crate::data::Fields;
use crate::model::{Operation, Protocol, Service};

/// An error as a service announces it.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    /// Its code: the name of the model, or what the service calls it; empty if it does not say.
    pub(crate) code: String,
    pub(crate) message: String,
    /// The code that it had when the service spoke Query.
    pub(crate) query_code: Option<String>,
    pub(crate) request_id: Option<String>,
    /// The members of the error, where the model has it: its place in the service's shapes.
    pub(crate) detail: Option<(usize, Fields)>,
}

/// What an error response says. It may be broken, or come from something else on the way.
pub(crate) fn announced(service: &Service, operation: &Operation, answer: &Answer) -> Announced {
    // What stands before a service may answer in XML, whatever the service speaks.
    let is_xml = answer.body.trim_ascii_start().starts_with(b"<");
    let found = match service.protocol {
        Protocol::Json | Protocol::RestJson if !is_xml => of_json(service, operation, answer),
        Protocol::Cbor if !is_xml => of_cbor(service, operation, answer),
        _ => of_xml(service, operation, answer),
    };
    let query_error = answer.header("x-amzn-query-error");
    let query_code = query_error.and_then(|error| Some(error.split_once(';')?.0.to_owned()));
    Announced {
        query_code: query_code.filter(|code| !code.is_empty()),
        request_id: request_id(answer).or(found.request_id),
        ..found
    }
}

/// The request's id, as the headers have it.
pub(crate) fn request_id(answer: &Answer) -> Option<String> {
    let names = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"];
    let mut ids = names.iter().filter_map(|name| answer.header(name));
    ids.next().map(str::to_owned)
}

/// The name in `com.amazonaws.dynamodb#ResourceNotFoundException:http://…`.
fn sanitized(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default()
}

fn of_json(service: &Service, operation: &Operation, answer: &Answer) -> Announced {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |names: &[&str]| {
        let mut found = names.iter().filter_map(|name| body.get(name)?.as_str());
        found.next().map(str::to_owned)
    };
    let header = answer.header("x-amzn-errortype").map(str::to_owned);
    let code = header.or_else(|| text(&["__type", "code", "Code"]));
    let code = sanitized(&code.unwrap_or_default()).to_owned();
    let detail = service
        .exception(operation, &code)
        .and_then(|(_, exception)| {
            let shape = service.shapes.get(exception.shape)?;
            let mut fields = rest::headers(service, shape, answer).ok()?;
            if let Value::Object(object) = body.clone() {
                fields.extend(json::read_structure(service, shape, object).ok()?);
            }
            Some((exception.shape, fields))
        });
    Announced {
        message: text(&["message", "Message", "errorMessage"]).unwrap_or_default(),
        code,
        detail,
        ..Announced::default()
    }
}

fn of_cbor(service: &Service, operation: &Operation, answer: &Answer) -> Announced {
    let text = |name| cbor::text(&answer.body, name);
    let code = sanitized(&text("__type").unwrap_or_default()).to_owned();
    let detail = service
        .exception(operation, &code)
        .and_then(|(_, exception)| {
            let shape = service.shapes.get(exception.shape)?;
            Some((
                exception.shape,
                cbor::read_body(service, shape, &answer.body).ok()?,
            ))
        });
    Announced {
        message: text("message")
            .or_else(|| text("Message"))
            .unwrap_or_default(),
        code,
        detail,
        ..Announced::default()
    }
}

/// `<Error>`, alone or in `<ErrorResponse>`, or in `<Errors>` of `<Response>`.
fn of_xml(service: &Service, operation: &Operation, answer: &Answer) -> Announced {
    let Ok(root) = Element::parse(&answer.body) else {
        return Announced::default();
    };
    let inner = root.child("Errors").unwrap_or(&root);
    let error = inner.child("Error").unwrap_or(inner);
    let text = |name| error.child_text(name).unwrap_or_default().to_owned();
    let code = text("Code");
    let detail = service
        .exception(operation, &code)
        .and_then(|(_, exception)| {
            let shape = service.shapes.get(exception.shape)?;
            Some((
                exception.shape,
                xml::read_structure(service, shape, error).ok()?,
            ))
        });
    let ids = ["RequestId", "RequestID", "requestId"].into_iter();
    let mut ids = ids.filter_map(|name| root.child_text(name).or(error.child_text(name)));
    Announced {
        message: text("Message"),
        request_id: ids.next().map(str::to_owned),
        code,
        detail,
        ..Announced::default()
    }
}

/// Whether a body is an error of REST-XML, whatever the status says.
pub(crate) fn is_xml_error(body: &[u8]) -> bool {
    // Most bodies need not be read for that.
    let begins = body.trim_ascii_start().starts_with(b"<");
    begins && Element::parse(body).is_ok_and(|root| root.name == "Error")
}
