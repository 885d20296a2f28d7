//! `apigateway:invoke`.
//!
//! Source: Developer Guide, "Create API Gateway REST APIs with Step Functions".

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderValue, Method, Request};
use serde_json::Value;
use stepmill_aws_client::WebAnswer;

use crate::aws::{Aws, Caller, unconfigured, unsigned};
use crate::call::Outcome;
use crate::endpoints::{Endpoints, Task, headers, path, query, result};
use crate::parameters::{at, flag, lists, text};

/// Calls an API: the result, or what comes of it instead.
pub(crate) async fn invoke(
    task: &Task<'_>,
    endpoints: &Endpoints,
    aws: Option<&Aws>,
) -> Result<Value, Outcome> {
    let signs = signs(task)?;
    let host = task.text("ApiEndpoint")?;
    let name = task.http.signed_as.as_deref().unwrap_or_default();
    let caller = caller(task, aws, name, signs)?;
    let elsewhere = caller
        .as_ref()
        .and_then(|caller| caller.client.endpoint(name));
    let (base, web) = match elsewhere {
        Some(url) => (
            url.trim_end_matches('/').to_owned(),
            endpoints.configured(task.call)?,
        ),
        None if task.http.serves(host) => {
            (format!("https://{host}"), endpoints.guarded(task.call)?)
        }
        None => return Err(no_api(host, name)),
    };
    let mut request = request(task, host, &base)?;
    if let (true, Some(caller)) = (signs, &caller) {
        let region = host.split('.').nth(2).filter(|_| task.http.serves(host));
        let region = region.unwrap_or(&caller.region);
        let credentials = caller.credentials.as_ref();
        let signed = caller
            .client
            .sign(&mut request, name, region, credentials)
            .await;
        signed.map_err(|error| unsigned(&task.http.unanswered_error, task.call, &error))?;
    }
    let answer = task.send(web, request).await?;
    match result(&answer) {
        _ if !(200..300).contains(&answer.status) => Err(failed(task, &answer)),
        Some(result) => Ok(result),
        None => Err(Outcome::Impossible(format!(
            "The answer of {host} cannot be read as text."
        ))),
    }
}

fn signs(task: &Task<'_>) -> Result<bool, Outcome> {
    match task.judge(text(&task.fields, "AuthType"))? {
        None | Some("NO_AUTH") => Ok(false),
        Some("IAM_ROLE" | "RESOURCE_POLICY") => Ok(true),
        Some(_) => Err(task.invalid("AuthType")),
    }
}

/// Who calls; nobody in particular, if nothing is signed and nothing is said of AWS.
fn caller(
    task: &Task<'_>,
    aws: Option<&Aws>,
    name: &str,
    signs: bool,
) -> Result<Option<Caller>, Outcome> {
    match aws {
        Some(aws) if signs || aws.is_configured(name) => aws.caller(name, task.call).map(Some),
        None if signs => Err(unconfigured(name, task.call)),
        _ => Ok(None),
    }
}

fn request(task: &Task<'_>, host: &str, base: &str) -> Result<Request<Bytes>, Outcome> {
    let given = task.judge(lists(&task.fields, "Headers"))?;
    if let Some((name, _)) = given.iter().find(|(name, _)| task.http.forbids(name)) {
        let reason = format!("The 'Headers' field contains unsupported values: {name}");
        return Err(task.call.unusable(&reason));
    }
    let pairs = given.iter().map(|(name, value)| (&**name, &**value));
    let mut headers = headers(pairs).ok_or_else(|| task.invalid("Headers"))?;
    let method = task.method()?;
    let body = body(task, &method)?;
    if let Body::Json(_) = body {
        let json = HeaderValue::from_static("application/json");
        headers.entry(CONTENT_TYPE).or_insert(json);
    }
    let name = HeaderValue::from_str(host).map_err(|_| task.invalid("ApiEndpoint"))?;
    headers.insert(HOST, name);
    let parameters = task.judge(lists(&task.fields, "QueryParameters"))?;
    let query = query(parameters.iter().map(|(name, value)| (&**name, &**value)));
    let mut place = base.to_owned();
    for field in ["Stage", "Path"] {
        if let Some(part) = task.judge(text(&task.fields, field))? {
            place.push('/');
            place.push_str(path(part).trim_start_matches('/'));
        }
    }
    let url = task.url("ApiEndpoint", &place, &query)?;
    let mut request = Request::new(match body {
        Body::None => Bytes::new(),
        Body::Json(text) | Body::Text(text) => text.into(),
    });
    *request.method_mut() = method;
    *request.uri_mut() = url;
    *request.headers_mut() = headers;
    Ok(request)
}

enum Body {
    None,
    Json(String),
    Text(String),
}

/// The body. An empty one is no body where the method has none: AWS's own example has that.
fn body(task: &Task<'_>, method: &Method) -> Result<Body, Outcome> {
    let nulls = task.judge(flag(&task.fields, "AllowNullValues"))?;
    let Some(mut value) = at(&task.fields, "RequestBody").cloned() else {
        return Ok(Body::None);
    };
    if !task.http.takes_body(method.as_str()) {
        let empty = match &value {
            Value::Object(members) => members.is_empty(),
            Value::String(text) => text.is_empty(),
            _ => false,
        };
        let reason = format!("The field \"RequestBody\" is not supported for {method}");
        return match empty {
            true => Ok(Body::None),
            false => Err(task.call.unusable(&reason)),
        };
    }
    if !nulls {
        without_nulls(&mut value);
    }
    Ok(match value {
        Value::String(text) => Body::Text(text),
        value => Body::Json(value.to_string()),
    })
}

/// Leaves out members that are null, at any depth.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, value| !value.is_null());
            members.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

fn failed(task: &Task<'_>, answer: &WebAnswer) -> Outcome {
    let cause = String::from_utf8_lossy(&answer.body);
    Outcome::failed(task.http.error(answer.status), cause)
}

fn no_api(host: &str, name: &str) -> Outcome {
    Outcome::Impossible(format!(
        "{host} is no host of API Gateway such as ID.execute-api.REGION.amazonaws.com. To call APIs \
         elsewhere, set [aws.endpoints] {name} = \"URL\" in the stepmill.toml."
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_that_are_null_are_left_out() {
        let mut value =
            json!({ "a": null, "b": { "c": null, "d": 1 }, "e": [null, { "f": null }] });
        without_nulls(&mut value);
        assert_eq!(value, json!({ "b": { "d": 1 }, "e": [null, {}] }));
    }
}
