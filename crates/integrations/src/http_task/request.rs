//! The request of an HTTP task: its parameters, and what its connection adds.
//!
//! Source: Developer Guide, "Call HTTPS APIs in Step Functions workflows".

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, RANGE, USER_AGENT};
use http::{HeaderValue, Request};
use serde_json::{Map, Value};
use stepmill_aws_client::Secret;

use super::connection::Parameters;
use super::form::{ArrayFormat, form};
use crate::call::Outcome;
use crate::endpoints::{Task, headers, query, set_secret};
use crate::parameters::{Pairs, at, invalid, text};

/// The part of an answer that AWS asks for.
const PART: &str = "bytes=0-262144";

/// The request without what shows who makes it.
pub(super) fn request(task: &Task<'_>, added: &Parameters) -> Result<Request<Bytes>, Outcome> {
    let mut headers = task_headers(task)?;
    for (name, value) in &added.headers {
        if !set_secret(&mut headers, name, value.expose()) {
            return Err(unusable_connection(task, "header", name));
        }
    }
    let (body, kind) = body(task, added)?;
    if !body.is_empty() {
        let kind = HeaderValue::from_static(kind);
        headers.entry(CONTENT_TYPE).or_insert(kind);
    }
    let region = task.call.region();
    let agent = format!("Amazon|StepFunctions|HttpInvoke|{region}");
    if let Ok(agent) = HeaderValue::from_str(&agent) {
        headers.insert(USER_AGENT, agent);
    }
    headers.insert(RANGE, HeaderValue::from_static(PART));
    let own = task.judge(pairs(&task.fields, "QueryParameters"))?;
    let own = own.iter().filter(|(name, _)| !has(&added.query, name));
    let own = own.map(|(name, value)| (&**name, &**value));
    let theirs = added.query.iter();
    let query = query(own.chain(theirs.map(|(name, value)| (&**name, value.expose()))));
    let url = task.url("ApiEndpoint", task.text("ApiEndpoint")?, &query)?;
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = task.method()?;
    *request.uri_mut() = url;
    *request.headers_mut() = headers;
    Ok(request)
}

fn has(pairs: &[(String, Secret)], name: &str) -> bool {
    pairs.iter().any(|(added, _)| added == name)
}

/// What comes of a connection that adds what cannot be sent.
pub(super) fn unusable_connection(task: &Task<'_>, what: &str, name: &str) -> Outcome {
    Outcome::Impossible(format!(
        "{} cannot be made: the {what} {name} of its connection cannot be sent.",
        task.call.resource
    ))
}

fn task_headers(task: &Task<'_>) -> Result<HeaderMap, Outcome> {
    let given = task.judge(pairs(&task.fields, "Headers"))?;
    if let Some((name, _)) = given.iter().find(|(name, _)| task.http.forbids(name)) {
        let reason = format!("The 'Headers' field contains unsupported values: {name}");
        return Err(task.call.unusable(&reason));
    }
    let given = given.iter().map(|(name, value)| (&**name, &**value));
    headers(given).ok_or_else(|| task.invalid("Headers"))
}

/// Names with a value each, or a list of them.
fn pairs(fields: &Map<String, Value>, field: &str) -> Result<Vec<(String, String)>, String> {
    let wrong = || invalid(field);
    let Some(value) = at(fields, field) else {
        return Ok(Vec::new());
    };
    let mut pairs = Pairs::default();
    for (name, value) in value.as_object().ok_or_else(wrong)? {
        let values = match value {
            Value::Array(values) => values.iter().collect(),
            value => vec![value],
        };
        for value in values {
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => return Err(wrong()),
            };
            pairs.add(name, value).ok_or_else(wrong)?;
        }
    }
    Ok(pairs.all())
}

/// The body, and its type if no header says one.
fn body(task: &Task<'_>, added: &Parameters) -> Result<(String, &'static str), Outcome> {
    const JSON: &str = "application/json; charset=UTF-8";
    const FORM: &str = "application/x-www-form-urlencoded";
    let mut value = at(&task.fields, "RequestBody").cloned();
    if !added.body.is_empty() {
        let members = value.get_or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(members) = members else {
            return Err(Outcome::Impossible(format!(
                "The RequestBody of {} must be a JSON object: its connection adds members to it.",
                task.call.resource
            )));
        };
        let added = added.body.iter();
        members.extend(added.map(|(name, value)| (name.clone(), value.expose().into())));
    }
    let format = task.judge(text(
        &task.fields,
        "Transform.RequestEncodingOptions.ArrayFormat",
    ))?;
    let format = match format {
        None => ArrayFormat::default(),
        Some(name) => ArrayFormat::named(name).ok_or_else(|| task.invalid("ArrayFormat"))?,
    };
    let encoding = task.judge(text(&task.fields, "Transform.RequestBodyEncoding"))?;
    match (encoding, value) {
        (None | Some("NONE" | "URL_ENCODED"), None) => Ok((String::new(), JSON)),
        (None | Some("NONE"), Some(Value::String(text))) => Ok((text, JSON)),
        (None | Some("NONE"), Some(value)) => Ok((value.to_string(), JSON)),
        (Some("URL_ENCODED"), Some(Value::Object(members))) => {
            let form = form(&members, format).ok_or_else(|| task.invalid("RequestBody"))?;
            Ok((form, FORM))
        }
        (Some("URL_ENCODED"), Some(_)) => Err(task.invalid("RequestBody")),
        (Some(_), _) => Err(task.invalid("RequestBodyEncoding")),
    }
}
