//! `http:invoke`: HTTPS APIs, with connections of EventBridge.
//!
//! Source: Developer Guide, "Call HTTPS APIs in Step Functions workflows"; EventBridge User Guide,
//! "Authorization methods for connections".

mod connection;
mod connections;
mod form;
mod request;
mod token;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use stepmill_aws_client::{Secret, Web, WebAnswer};

use crate::aws::Aws;
use crate::call::Outcome;
use crate::endpoints::{Endpoints, Task, result, set_secret};
use crate::parameters::text;

use connection::{Authorization, OAuth};
pub(crate) use token::Tokens;

/// Calls an API: the result, or what comes of it instead.
pub(crate) async fn invoke(
    task: &Task<'_>,
    endpoints: &Endpoints,
    aws: Option<&Aws>,
) -> Result<Value, Outcome> {
    if task.call.role_arn.is_some() {
        return Err(Outcome::Impossible(format!(
            "{} takes no Credentials: its connection says who calls.",
            task.call.resource
        )));
    }
    let arn = connection_arn(task)?;
    let connection = connections::find(task, endpoints, aws, arn).await?;
    let mut request = request::request(task, &connection.parameters)?;
    let web = endpoints.guarded(task.call)?;
    let answer = match &connection.authorization {
        Authorization::Basic { username, password } => {
            let text = format!("{}:{}", username.expose(), password.expose());
            let value = format!("Basic {}", BASE64.encode(text));
            authorize(task, &mut request, "authorization", &value)?;
            task.send(web, request).await?
        }
        Authorization::ApiKey { name, value } => {
            authorize(task, &mut request, name, value.expose())?;
            task.send(web, request).await?
        }
        Authorization::OAuth(oauth) => {
            send_with_token(task, endpoints, web, &request, (arn, oauth)).await?
        }
    };
    judge(task, &answer)
}

/// The connection's ARN: in the one or the other of two fields.
fn connection_arn<'a>(task: &'a Task<'_>) -> Result<&'a str, Outcome> {
    let new = task.judge(text(&task.fields, "InvocationConfig.ConnectionArn"))?;
    let old = task.judge(text(&task.fields, "Authentication.ConnectionArn"))?;
    match (new, old) {
        (Some(arn), None) | (None, Some(arn)) => Ok(arn),
        _ => Err(task.call.unusable(
            "One of the fields 'Authentication' and 'InvocationConfig' must name a connection",
        )),
    }
}

fn authorize(
    task: &Task<'_>,
    request: &mut Request<Bytes>,
    name: &str,
    value: &str,
) -> Result<(), Outcome> {
    match set_secret(request.headers_mut(), name, value) {
        true => Ok(()),
        false => Err(request::unusable_connection(task, "header", name)),
    }
}

/// Sends the request with a token, and once more with a new one if the first is refused.
async fn send_with_token(
    task: &Task<'_>,
    endpoints: &Endpoints,
    web: &Web,
    request: &Request<Bytes>,
    (arn, oauth): (&str, &OAuth),
) -> Result<WebAnswer, Outcome> {
    let mut refused: Option<Secret> = None;
    loop {
        let tokens = &endpoints.tokens;
        let token = tokens.get(task, web, arn, oauth, refused.as_ref()).await?;
        let mut request = request.clone();
        let value = format!("Bearer {}", token.expose());
        authorize(task, &mut request, "authorization", &value)?;
        let answer = task.send(web, request).await?;
        if refused.is_some() || !matches!(answer.status, 401 | 407) {
            return Ok(answer);
        }
        refused = Some(token);
    }
}

fn judge(task: &Task<'_>, answer: &WebAnswer) -> Result<Value, Outcome> {
    let kind = answer.headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let body = std::str::from_utf8(&answer.body).ok();
    let (Some(body), Some(result), false) = (body, result(answer), task.http.refuses(kind)) else {
        return Err(Outcome::Impossible(format!(
            "The answer of status {} is no text that {} can pass on: its type is {kind:?}.",
            answer.status, task.call.resource
        )));
    };
    match answer.status {
        200..300 => Ok(result),
        status => Err(Outcome::failed(task.http.error(status), body)),
    }
}
