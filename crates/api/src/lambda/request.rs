//! Reading what REST requests have beside their body.

use bytes::Bytes;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use stepmill_engine::functions::{
    Body, FunctionError, FunctionErrorCode, InvocationType, Invoke, Page,
};

/// More segments than any path has.
const MAX_SEGMENTS: usize = 8;
/// More parameters than any query has, each of the at most 50 tag keys being one.
const MAX_PARAMETERS: usize = 100;

/// The parts of a path, decoded.
pub(super) fn segments(path: &str) -> Result<Vec<String>, FunctionError> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/')
        .take(MAX_SEGMENTS)
        .map(|segment| {
            let decoded = percent_decode_str(segment).decode_utf8();
            let decoded = decoded.map_err(|_| invalid("The path is not UTF-8"))?;
            Ok(decoded.into_owned())
        })
        .collect()
}

/// The parameters of a query that are not read yet.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(text: &str) -> Result<Self, FunctionError> {
        let decode = |text: &str| {
            let text = text.replace('+', " ");
            let decoded = percent_decode_str(&text).decode_utf8();
            decoded
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| invalid("The query is not UTF-8"))
        };
        let parameters = text.split('&').filter(|parameter| !parameter.is_empty());
        let parameters: Vec<_> = parameters
            .take(MAX_PARAMETERS + 1)
            .map(|parameter| {
                let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
                Ok((decode(name)?, decode(value)?))
            })
            .collect::<Result<_, FunctionError>>()?;
        if parameters.len() > MAX_PARAMETERS {
            return Err(invalid("The query has too many parameters"));
        }
        Ok(Self(parameters))
    }

    /// The value of a parameter.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let index = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(index).1)
    }

    /// The values of a parameter that may stand there more than once.
    pub(super) fn take_all(&mut self, name: &str) -> Vec<String> {
        std::iter::from_fn(|| self.take(name)).collect()
    }

    /// `Marker` and `MaxItems`
    pub(super) fn page(&mut self) -> Result<Page, FunctionError> {
        let max_items = self.take("MaxItems").map(|text| {
            text.parse().map_err(|_| {
                FunctionError::new(
                    FunctionErrorCode::SerializationException,
                    format!("MaxItems must be an integer, not '{text}'"),
                )
            })
        });
        Ok(Page {
            marker: self.take("Marker"),
            max_items: max_items.transpose()?,
        })
    }

    /// Refuses parameters that nobody has read.
    pub(super) fn finish(self) -> Result<(), FunctionError> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(invalid(&format!(
                "The query parameter '{name}' is not supported here"
            ))),
        }
    }
}

/// A body that must be a JSON object; none is as good as an empty one.
pub(super) fn body(bytes: &Bytes) -> Result<Body, FunctionError> {
    if bytes.is_empty() {
        return Ok(Body::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(malformed("The request's body must be a JSON object")),
        Err(error) => Err(malformed(&format!(
            "Could not parse request body into json: {error}"
        ))),
    }
}

/// `Invoke`, whose parameters are headers and whose body is the payload.
pub(super) fn invocation(
    parts: &Parts,
    qualifier: Option<String>,
    payload: &Bytes,
) -> Result<Invoke, FunctionError> {
    let kind = match header(parts, "x-amz-invocation-type")? {
        None | Some("RequestResponse") => InvocationType::RequestResponse,
        Some("Event") => InvocationType::Event,
        Some("DryRun") => InvocationType::DryRun,
        Some(other) => {
            let members = "[Event, RequestResponse, DryRun]";
            return Err(not_one_of(other, "invocationType", members));
        }
    };
    let log_tail = match header(parts, "x-amz-log-type")? {
        None | Some("None") => false,
        Some("Tail") => true,
        Some(other) => return Err(not_one_of(other, "logType", "[None, Tail]")),
    };
    for (name, field) in [
        ("x-amz-durable-execution-name", "DurableExecutionName"),
        ("x-amz-tenant-id", "TenantId"),
    ] {
        if header(parts, name)?.is_some() {
            return Err(invalid(&format!(
                "Stepmill's local Lambda does not support {field}"
            )));
        }
    }
    Ok(Invoke {
        qualifier,
        kind,
        log_tail,
        client_context: header(parts, "x-amz-client-context")?.map(str::to_owned),
        payload: payload.to_vec(),
    })
}

fn header<'a>(parts: &'a Parts, name: &str) -> Result<Option<&'a str>, FunctionError> {
    match parts.headers.get(name).map(http::HeaderValue::to_str) {
        None => Ok(None),
        Some(Ok(text)) => Ok(Some(text)),
        Some(Err(_)) => Err(invalid(&format!("The header {name} is not text"))),
    }
}

/// There is no such action, or not here.
pub(super) fn unknown(parts: &Parts) -> FunctionError {
    FunctionError::new(
        FunctionErrorCode::UnknownOperationException,
        format!(
            "Stepmill's local Lambda has no action {} {}",
            parts.method,
            parts.uri.path()
        ),
    )
}

/// A value that is none of those that a parameter may have, in AWS's words.
pub(super) fn not_one_of(value: &str, member: &str, members: &str) -> FunctionError {
    FunctionError::new(
        FunctionErrorCode::ValidationException,
        format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy \
             constraint: Member must satisfy enum value set: {members}"
        ),
    )
}

fn invalid(message: &str) -> FunctionError {
    FunctionError::new(FunctionErrorCode::ValidationException, message)
}

fn malformed(message: &str) -> FunctionError {
    FunctionError::new(FunctionErrorCode::InvalidRequestContentException, message)
}
