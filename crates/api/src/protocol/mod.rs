//! AWS JSON 1.0: which action a request names, and how answers look.

mod error;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Response, StatusCode};
use uuid::Uuid;

pub use error::Failure;

use crate::model::Operation;

/// The content type of requests and answers.
pub(crate) const JSON: &str = "application/x-amz-json-1.0";
/// What the targets of this service begin with.
const TARGET: &str = "AWSStepFunctions.";

static REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
static X_AMZ_TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// The id of one request, in the answer's header `x-amzn-RequestId`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// A new one.
    pub(crate) fn new() -> Self {
        Self(Uuid::new_v4().to_string())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The action that a request's headers name.
pub(crate) fn operation(parts: &Parts) -> Result<Operation, Failure> {
    let content = text(parts, &CONTENT_TYPE);
    let kind = content.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(JSON) {
        let message = format!("The content type must be {JSON}");
        return Err(Failure::unknown_operation(message));
    }
    let target = text(parts, &X_AMZ_TARGET);
    target
        .strip_prefix(TARGET)
        .and_then(Operation::named)
        .ok_or_else(|| {
            Failure::unknown_operation(format!(
                "The header X-Amz-Target must be {TARGET} and the name of an action"
            ))
        })
}

/// The answer to a request that could be done.
pub(crate) fn answer(request_id: &RequestId, body: Bytes) -> Response<Bytes> {
    respond(StatusCode::OK, request_id, body)
}

fn respond(status: StatusCode, request_id: &RequestId, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    if let Ok(id) = HeaderValue::from_str(request_id.as_str()) {
        headers.insert(REQUEST_ID.clone(), id);
    }
    response
}

/// A header's value; empty if there is none, more than one, or not one of visible characters.
fn text<'a>(parts: &'a Parts, name: &HeaderName) -> &'a str {
    let mut values = parts.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().unwrap_or_default(),
        _ => "",
    }
}
