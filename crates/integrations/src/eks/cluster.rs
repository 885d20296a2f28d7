//! Requests to a cluster: TLS by its own authority, and a token that shows who asks.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use serde_json::{Value, json};
use stepmill_aws_client::{Overrides, Web, WebAnswer};

use crate::aws::{Aws, Caller, unconfigured, unsigned};
use crate::call::Outcome;
use crate::endpoints::{Endpoints, Task, parsed, path, result, set_secret};

/// The service that says who asks, and its model.
const STS: &str = "sts";
/// What tokens begin with, how long they are good for, and the header that names the cluster: as
/// `aws eks get-token` has them.
const TOKEN: &str = "k8s-aws-v1.";
const TOKEN_LASTS: Duration = Duration::from_secs(60);
const CLUSTER: &str = "x-k8s-aws-id";
/// The longest object or list that is looked into.
const OBJECT_BYTES: usize = 16 << 20;

/// A cluster, as a task asks it.
pub(super) struct Cluster<'a> {
    task: &'a Task<'a>,
    web: Web,
    caller: Caller,
    /// Its URL, without a slash at its end.
    endpoint: &'a str,
}

/// A request.
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) query: String,
    pub(super) body: Bytes,
    pub(super) kind: HeaderValue,
    /// The longest answer, in bytes.
    pub(super) limit: usize,
}

impl<'a> Ask<'a> {
    /// For an object or a list.
    pub(super) fn get(path: &'a str, query: String) -> Self {
        Self {
            method: Method::GET,
            path,
            query,
            body: Bytes::new(),
            kind: HeaderValue::from_static("application/json"),
            limit: OBJECT_BYTES,
        }
    }
}

impl<'a> Cluster<'a> {
    /// The cluster that a task names, with its certificate authority.
    pub(super) fn of(
        task: &'a Task<'a>,
        endpoints: &Endpoints,
        aws: Option<&Aws>,
    ) -> Result<Self, Outcome> {
        let aws = aws.ok_or_else(|| unconfigured(STS, task.call))?;
        let authority = STANDARD.decode(task.text("CertificateAuthority")?);
        let authority = authority.map_err(|_| task.invalid("CertificateAuthority"))?;
        let endpoint = task.text("Endpoint")?;
        if !endpoint.starts_with("https://") {
            return Err(task.invalid("Endpoint"));
        }
        Ok(Self {
            task,
            web: endpoints.believing(task.call, authority)?,
            caller: aws.caller(STS, task.call)?,
            endpoint: endpoint.trim_end_matches('/'),
        })
    }

    /// The answer as a result, or the error that it is.
    pub(super) async fn ask(&self, ask: Ask<'_>) -> Result<Value, Outcome> {
        let answer = self.send(ask).await?;
        let unreadable = || {
            let text = format!("The answer of {} cannot be read as text.", self.endpoint);
            Outcome::Impossible(text)
        };
        match answer.status {
            200..300 => result(&answer).ok_or_else(unreadable),
            _ => Err(self.failed(&answer)),
        }
    }

    /// The answer, whatever it is.
    pub(super) async fn send(&self, ask: Ask<'_>) -> Result<WebAnswer, Outcome> {
        let place = format!("{}{}", self.endpoint, path(ask.path));
        let url = self.task.url("Endpoint", &place, &ask.query)?;
        let mut request = Request::new(ask.body);
        *request.method_mut() = ask.method;
        *request.uri_mut() = url;
        let (body, token) = (!request.body().is_empty(), self.token().await?);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if body {
            headers.insert(CONTENT_TYPE, ask.kind);
        }
        set_secret(headers, "authorization", &format!("Bearer {token}"));
        let answer = self.task.try_send(&self.web, request, ask.limit).await;
        answer.map_err(|error| self.task.unanswered(&error))
    }

    /// The error of an answer that is no success, with the cause that AWS documents.
    pub(super) fn failed(&self, answer: &WebAnswer) -> Outcome {
        let cause = json!({
            "ResponseBody": parsed(&String::from_utf8_lossy(&answer.body)),
            "StatusCode": answer.status,
            "StatusText": answer.reason,
        });
        Outcome::failed(self.task.http.error(answer.status), cause.to_string())
    }

    /// A token: the URL by which the cluster asks STS who its bearer is.
    async fn token(&self) -> Result<String, Outcome> {
        let name = self.task.text("ClusterName")?;
        let overrides = Overrides {
            region: Some(self.caller.region.clone()),
            credentials: self.caller.credentials.clone(),
            ..Overrides::default()
        };
        let client = &self.caller.client;
        let headers = [(CLUSTER, name)];
        let url = client.presign(STS, "GetCallerIdentity", &headers, TOKEN_LASTS, &overrides);
        let url = url
            .await
            .map_err(|error| unsigned(&self.task.http.unanswered_error, self.task.call, &error))?;
        Ok(format!("{TOKEN}{}", URL_SAFE_NO_PAD.encode(url)))
    }
}
