//! `eks:call` and `eks:runJob`: the Kubernetes API of a cluster.
//!
//! Source: Developer Guide, "Create and manage Amazon EKS clusters with Step Functions".

mod cluster;
mod job;
mod logs;

use bytes::Bytes;
use http::{HeaderValue, Method};
use serde_json::Value;

use crate::aws::Aws;
use crate::call::{Outcome, Progress};
use crate::endpoints::{Endpoints, Task, query};
use crate::parameters::{at, lists};

use cluster::{Ask, Cluster};

/// Makes a request of the task's parameters.
pub(crate) async fn call(
    task: &Task<'_>,
    endpoints: &Endpoints,
    aws: Option<&Aws>,
) -> Result<Value, Outcome> {
    let method = task.method()?;
    let path = task.text("Path")?;
    if !path.starts_with('/') {
        return Err(task.invalid("Path"));
    }
    let parameters = task.judge(lists(&task.fields, "QueryParameters"))?;
    let body = at(&task.fields, "RequestBody");
    let kind = kind(&method, body);
    let ask = Ask {
        method,
        path,
        query: query(parameters.iter().map(|(name, value)| (&**name, &**value))),
        body: body.map(content).unwrap_or_default(),
        kind,
        limit: task.answer_bytes(),
    };
    let cluster = Cluster::of(task, endpoints, aws)?;
    cluster.ask(ask).await
}

/// Starts a job and, if it is to be waited for, tells of it and waits for its end.
pub(crate) async fn run_job(
    task: &Task<'_>,
    endpoints: &Endpoints,
    aws: Option<&Aws>,
    waits: Option<&(dyn Fn(Progress) + Sync)>,
) -> Result<Value, Outcome> {
    let cluster = Cluster::of(task, endpoints, aws)?;
    let Some(progress) = waits else {
        return job::start(task, &cluster).await;
    };
    let started = if let Some(started) = job::submitted(task.call) {
        started
    } else {
        let started = job::start(task, &cluster).await?;
        progress(Progress::Submitted(started.clone()));
        started
    };
    let interval = aws.and_then(Aws::interval);
    job::ended(task, &cluster, &started, interval).await
}

/// A body: a text as it is, anything else as JSON.
fn content(body: &Value) -> Bytes {
    match body {
        Value::String(text) => text.clone().into(),
        body => body.to_string().into(),
    }
}

/// What Kubernetes is told of a body. A patch is a list of changes, or what is merged.
fn kind(method: &Method, body: Option<&Value>) -> HeaderValue {
    HeaderValue::from_static(match (method, body) {
        (&Method::PATCH, Some(Value::Array(_))) => "application/json-patch+json",
        (&Method::PATCH, _) => "application/merge-patch+json",
        _ => "application/json",
    })
}
