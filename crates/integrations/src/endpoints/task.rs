//! A task that makes an HTTP request of its parameters.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Uri};
use serde_json::{Map, Value};
use stepmill_asl::model::ServiceResource;
use stepmill_aws_client::{TransportError, Web, WebAnswer};
use stepmill_catalog::{self as catalog, HttpRequests, Integration};

use super::message::with_query;
use crate::call::{Call, Outcome};
use crate::parameters;

/// How long a request may take where AWS names no time.
const PATIENCE: u64 = 70;
/// The longest answer where AWS names no length, in bytes.
const ANSWER_BYTES: u64 = 262_144;

/// A task, and what the catalog says of it.
pub(crate) struct Task<'a> {
    pub(crate) call: &'a Call,
    /// Its name in errors: `apigateway`.
    service: &'a str,
    pub(crate) row: &'static Integration,
    pub(crate) http: &'static HttpRequests,
    pub(crate) fields: Map<String, Value>,
}

impl<'a> Task<'a> {
    /// The task of a call with parameters that may be there, and all that must be there.
    pub(crate) fn of(resource: &'a ServiceResource, call: &'a Call) -> Result<Self, Outcome> {
        let row = catalog::integration(&resource.service, &resource.action);
        let known = row.and_then(|row| Some((row, row.http.as_ref()?)));
        let (row, http) = known.ok_or_else(|| {
            Outcome::Impossible(format!("Stepmill knows no requests of {}.", call.resource))
        })?;
        let fields = call.parameters()?;
        let task = Self {
            call,
            service: &resource.service,
            row,
            http,
            fields,
        };
        task.judge(parameters::check(row, &task.fields))?;
        Ok(task)
    }

    /// The value; or what comes of a task whose parameters are unusable.
    pub(crate) fn judge<T>(&self, result: Result<T, String>) -> Result<T, Outcome> {
        result.map_err(|reason| self.call.unusable(&reason))
    }

    /// What comes of a value that the field does not take.
    pub(crate) fn invalid(&self, field: &str) -> Outcome {
        self.call.unusable(&parameters::invalid(field))
    }

    /// A text that must be there.
    pub(crate) fn text(&self, field: &str) -> Result<&str, Outcome> {
        self.judge(parameters::required(&self.fields, field))
    }

    /// The method.
    pub(crate) fn method(&self) -> Result<Method, Outcome> {
        let name = self.text("Method")?;
        let known = self.http.methods.iter().any(|method| method == name);
        let method = Method::from_bytes(name.as_bytes());
        let method = method.ok().filter(|_| known);
        method.ok_or_else(|| self.invalid("Method"))
    }

    /// A URL of a field, with a query string added.
    pub(crate) fn url(&self, field: &str, text: &str, query: &str) -> Result<Uri, Outcome> {
        let (text, _) = text.split_once('#').unwrap_or((text, ""));
        let url: Option<Uri> = with_query(text, query).parse().ok();
        let url = url.filter(|url| {
            let host = url.host().unwrap_or_default();
            let authority = url.authority().map_or("@", http::uri::Authority::as_str);
            let scheme = url.scheme_str();
            matches!(scheme, Some("http" | "https")) && !host.is_empty() && !authority.contains('@')
        });
        url.ok_or_else(|| self.invalid(field))
    }

    /// The longest answer that can be a result, in bytes.
    pub(crate) fn answer_bytes(&self) -> usize {
        let limit = self.row.limits.max_response_bytes.unwrap_or(ANSWER_BYTES);
        usize::try_from(limit).unwrap_or(usize::MAX)
    }

    /// Sends a request, and reads an answer that can be a result.
    pub(crate) async fn send(
        &self,
        web: &Web,
        request: Request<Bytes>,
    ) -> Result<WebAnswer, Outcome> {
        let answer = self.try_send(web, request, self.answer_bytes()).await;
        answer.map_err(|error| self.unanswered(&error))
    }

    /// Sends a request, and reads an answer of so many bytes.
    pub(crate) async fn try_send(
        &self,
        web: &Web,
        request: Request<Bytes>,
        limit: usize,
    ) -> Result<WebAnswer, TransportError> {
        let seconds = self.row.limits.seconds.unwrap_or(PATIENCE);
        web.send(request, limit, Duration::from_secs(seconds)).await
    }

    /// What comes of a result that is too large.
    pub(crate) fn too_large(&self) -> Outcome {
        Outcome::failed(
            "States.DataLimitExceeded",
            format!(
                "The state/task '{}' returned a result with a size exceeding the maximum number \
                 of bytes service limit.",
                self.service
            ),
        )
    }

    /// What comes of a request that has no answer.
    pub(crate) fn unanswered(&self, error: &TransportError) -> Outcome {
        match error {
            TransportError::NotAllowed { host } => Outcome::Impossible(format!(
                "{} may not connect to {host}: tasks reach public addresses over TLS, and what \
                 the stepmill.toml names besides, by [http] allow = [\"{host}\"] or a network \
                 such as \"10.0.0.0/8\".",
                self.call.resource
            )),
            TransportError::TooLarge { .. } => self.too_large(),
            TransportError::Timeout { .. } | TransportError::Broken(_) => Outcome::failed(
                &self.http.unanswered_error,
                format!("Unable to execute HTTP request: {error}"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stepmill_asl::model::Resource;

    use super::*;

    const REQUEST: &str = r#"{"ApiEndpoint":"https://a","Method":"GET"}"#;

    fn call(resource: &str, input: &str) -> Call {
        Call {
            execution_arn: "arn:aws:states:r:1:execution:m:e".to_owned(),
            state_machine: "m".to_owned(),
            state_machine_arn: "arn:aws:states:r:1:stateMachine:m".to_owned(),
            execution_role_arn: "arn:aws:iam::1:role/r".to_owned(),
            state: "Do it".to_owned(),
            task: 1,
            attempt: 0,
            resource: Resource::parse(&format!("arn:aws:states:::{resource}")).unwrap(),
            input: input.to_owned(),
            role_arn: None,
            token: None,
            submitted: None,
            repeated: false,
            mocks: None,
        }
    }

    fn with(call: &Call, check: impl FnOnce(&Task<'_>)) {
        let Resource::Service(resource) = &call.resource else {
            panic!("{call:?}");
        };
        check(&Task::of(resource, call).unwrap_or_else(|outcome| panic!("{outcome:?}")));
    }

    #[test]
    fn what_has_no_answer_has_the_name_of_its_integration() {
        let late = TransportError::Timeout {
            after: Duration::from_secs(60),
        };
        let broken = TransportError::Broken("gone".to_owned());
        let connection = json!({ "ConnectionArn": "c" });
        let http = format!(
            "{},\"Authentication\":{connection}}}",
            REQUEST.trim_end_matches('}')
        );
        with(&call("http:invoke", &http), |task| {
            let cause = "Unable to execute HTTP request: no answer within 60s";
            let expected = Outcome::failed("States.Http.Socket", cause);
            assert_eq!(task.unanswered(&late), expected);
        });
        with(&call("apigateway:invoke", REQUEST), |task| {
            let cause = "Unable to execute HTTP request: gone";
            let expected = Outcome::failed("ApiGateway.SdkClientException", cause);
            assert_eq!(task.unanswered(&broken), expected);
        });
    }

    #[test]
    fn urls_have_a_host_and_no_password() {
        with(&call("apigateway:invoke", REQUEST), |task| {
            for (text, query, expected) in [
                ("https://a/b", "", Some("https://a/b")),
                ("https://a/b#c", "d=1", Some("https://a/b?d=1")),
                ("http://a:1/b?c=2", "d=1", Some("http://a:1/b?c=2&d=1")),
                ("https://a@b/", "", None),
                ("https://a:b@c/", "", None),
                ("https:///b", "", None),
                ("file:///etc/passwd", "", None),
                ("a/b", "", None),
                ("https://a/b c", "", None),
                ("", "", None),
            ] {
                let url = task.url("ApiEndpoint", text, query).ok();
                let url = url.map(|url| url.to_string());
                assert_eq!(url.as_deref(), expected, "{text}");
            }
        });
    }
}
