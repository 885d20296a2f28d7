//! Errors as AWS JSON 1.0 has them.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Map, Value};
use stepmill_engine::{Code, Error};

use super::{RequestId, respond};
use crate::model::Refusal;

/// Whose error it is: what stands before the `#` in its `__type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Namespace {
    /// The service's.
    Service,
    /// A violation of the model's constraints.
    Validate,
    /// One that every service has.
    Common,
}

impl Namespace {
    fn as_str(self) -> &'static str {
        match self {
            Self::Service => "com.amazonaws.swf.service.v2.model",
            Self::Validate => "com.amazon.coral.validate",
            Self::Common => "com.amazon.coral.service",
        }
    }
}

/// An answer that is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The HTTP status.
    pub status: StatusCode,
    /// The namespace of the code.
    namespace: Namespace,
    /// AWS's code.
    pub code: Box<str>,
    /// The message; AWS has errors without one.
    pub message: Option<Box<str>>,
    /// A further member of the error's shape.
    member: Option<(&'static str, Box<str>)>,
    /// What only the log is to say.
    pub internal: Option<Box<str>>,
    /// Whether the connection is closed with it.
    pub close: bool,
}

impl Failure {
    /// An error that every AWS service has.
    pub fn common(status: StatusCode, code: &str, message: impl Into<Option<String>>) -> Self {
        Self {
            status,
            namespace: Namespace::Common,
            code: code.into(),
            message: message.into().map(String::into_boxed_str),
            member: None,
            internal: None,
            close: false,
        }
    }

    /// The request cannot be read. AWS says why only where the JSON's types are wrong.
    pub fn serialization(message: Option<String>) -> Self {
        Self::common(StatusCode::BAD_REQUEST, "SerializationException", message)
    }

    /// No action of that name, or none at all.
    pub fn unknown_operation(message: String) -> Self {
        Self::common(
            StatusCode::BAD_REQUEST,
            "UnknownOperationException",
            message,
        )
    }

    /// There is nothing at this path.
    pub fn not_found(message: String) -> Self {
        Self::common(StatusCode::NOT_FOUND, "UnknownOperationException", message)
    }

    /// Something is wrong inside. The caller learns AWS's text, the log what it was.
    pub fn internal(what: impl Into<String>) -> Self {
        let message = "The request processing has failed because of an unknown error, exception \
                       or failure.";
        Self {
            internal: Some(what.into().into_boxed_str()),
            ..Self::common(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalFailure",
                message.to_owned(),
            )
        }
    }

    /// The server cannot do it now; SDKs try again.
    pub fn unavailable(what: impl Into<String>) -> Self {
        let message = "The request has failed due to a temporary failure of the server.";
        Self {
            internal: Some(what.into().into_boxed_str()),
            ..Self::common(
                StatusCode::SERVICE_UNAVAILABLE,
                "ServiceUnavailable",
                message.to_owned(),
            )
        }
    }

    /// With the connection closed behind it.
    #[must_use]
    pub fn closing(mut self) -> Self {
        self.close = true;
        self
    }

    /// The answer.
    pub fn response(&self, request_id: &RequestId) -> Response<Bytes> {
        let mut body = Map::new();
        let kind = format!("{}#{}", self.namespace.as_str(), self.code);
        body.insert("__type".to_owned(), Value::String(kind));
        if let Some(message) = &self.message {
            body.insert("message".to_owned(), Value::String(message.to_string()));
        }
        if let Some((name, value)) = &self.member {
            body.insert((*name).to_owned(), Value::String(value.to_string()));
        }
        let body = Value::Object(body).to_string();
        let mut response = respond(self.status, request_id, Bytes::from(body));
        if self.close {
            let close = http::HeaderValue::from_static("close");
            response
                .headers_mut()
                .insert(http::header::CONNECTION, close);
        }
        response
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error.code {
            Code::InternalFailure => Self::internal(error.message),
            Code::ServiceUnavailable => Self::unavailable(error.message),
            code => Self {
                status: StatusCode::BAD_REQUEST,
                namespace: Namespace::Service,
                // The variants have AWS's names.
                code: format!("{code:?}").into(),
                message: Some(error.message.into()),
                member: error.member.map(|(name, value)| (name, value.into())),
                internal: None,
                close: false,
            },
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Serialization(message) => Self::serialization(message),
            Refusal::Validation(message) => Self {
                namespace: Namespace::Validate,
                ..Self::common(StatusCode::BAD_REQUEST, "ValidationException", message)
            },
        }
    }
}
