//! Answers and errors in AWS's REST JSON protocol.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::Value;
use stepmill_engine::functions::{FunctionError, FunctionErrorCode, Invoked};
use uuid::Uuid;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");
const EXECUTED_VERSION: HeaderName = HeaderName::from_static("x-amz-executed-version");
const LOG_RESULT: HeaderName = HeaderName::from_static("x-amz-log-result");

/// An answer with a JSON body.
pub(super) fn json(status: StatusCode, body: &Value) -> super::Answer {
    Ok(respond(status, body.to_string().into()))
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> super::Answer {
    Ok(respond(status, Bytes::new()))
}

/// The answer to `Invoke`.
pub(super) fn invoked(result: Invoked) -> super::Answer {
    let status = StatusCode::from_u16(result.status).unwrap_or(StatusCode::OK);
    let mut response = respond(status, result.payload.into());
    let log = result.log_tail.map(|log| STANDARD.encode(log));
    for (name, text) in [
        (REQUEST_ID, result.request_id),
        (FUNCTION_ERROR, result.function_error.map(str::to_owned)),
        (EXECUTED_VERSION, result.executed_version),
        (LOG_RESULT, log),
    ] {
        if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// An error. Its members have the names that the API's model gives them, which differ in case.
pub(super) fn failure(error: &FunctionError) -> Response<Bytes> {
    use FunctionErrorCode as Code;
    let code = error.code;
    let message = match code {
        Code::ResourceNotFoundException | Code::ServiceException | Code::AccessDeniedException => {
            "Message"
        }
        _ => "message",
    };
    let mut body = serde_json::Map::new();
    let mut put = |name: &str, text: &str| body.insert(name.to_owned(), text.into());
    match code {
        // The protocol's own errors have no type.
        Code::AccessDeniedException
        | Code::ValidationException
        | Code::UnknownOperationException => {}
        Code::ServiceException => {
            put("Type", "Service");
        }
        _ => {
            put("Type", "User");
        }
    }
    put(message, &error.message);
    if code == Code::TooManyRequestsException {
        put("Reason", "ConcurrentInvocationLimitExceeded");
    }
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = respond(status, Value::Object(body).to_string().into());
    if let Ok(value) = HeaderValue::try_from(code.to_string()) {
        response.headers_mut().insert(ERROR_TYPE, value);
    }
    response
}

fn respond(status: StatusCode, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    if let Ok(id) = HeaderValue::try_from(Uuid::new_v4().to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    response
}
