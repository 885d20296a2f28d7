//! Lambda's REST API: `cases.json` has requests and the answers to them, in order, on one registry.
//!
//! An answer has a `status`, `headers` that it must have (`null` for one that it must not), and
//! members that its body must have, or the whole `text`. `CODE` in a request is an archive.

#![cfg(unix)]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

#[path = "../../../engine/tests/functions/memory.rs"]
mod memory;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use stepmill_api::lambda::handle;
use stepmill_engine::functions::{Functions, FunctionsOptions};
use stepmill_engine::{Caller, Keeper};
use stepmill_integrations::lambda::{Host, HostOptions};

use memory::Documents;

/// `app.handler` prints a line, raises an exception for 0, and else gives its event and the custom
/// part of the client context.
const CODE: &str = include_str!("code.zip.base64");

#[derive(Deserialize)]
struct Case {
    /// `METHOD PATH`
    request: String,
    #[serde(default)]
    headers: Map<String, Value>,
    /// A text is sent as it is.
    body: Option<Value>,
    answer: Answer,
}

#[derive(Deserialize)]
struct Answer {
    status: u16,
    #[serde(default)]
    headers: Map<String, Value>,
    body: Option<Value>,
    text: Option<String>,
    /// Parts of the decoded header `x-amz-log-result`.
    #[serde(default)]
    log: Vec<String>,
}

#[tokio::test]
async fn cases() {
    let options = HostOptions {
        init_timeout: Duration::from_secs(60),
        ..HostOptions::default()
    };
    let host = Arc::new(Host::start([], options).await.unwrap());
    let keeper = Keeper::new(Arc::new(Documents::default())).unwrap();
    let functions = Functions::open(keeper, host, FunctionsOptions::default()).unwrap();
    let cases: Vec<Case> = serde_json::from_str(include_str!("cases.json")).unwrap();
    assert!(cases.len() > 30);
    for case in cases {
        run(&functions, &case).await;
    }
}

async fn run(functions: &Functions, case: &Case) {
    let place = &case.request;
    let (method, path) = place.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in &case.headers {
        request = request.header(name, value.as_str().unwrap());
    }
    let body = match &case.body {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(body) => body.to_string().replace("CODE", CODE.trim()),
    };
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let response = handle(functions, &Caller::default(), &parts, Bytes::from(body)).await;
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    assert_eq!(response.status(), case.answer.status, "{place}: {text}");
    assert!(
        response.headers().contains_key("x-amzn-requestid"),
        "{place}"
    );
    for (name, expected) in &case.answer.headers {
        let value = response
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap());
        assert_eq!(json!(value), *expected, "{place}: {name}");
    }
    if let Some(expected) = &case.answer.text {
        assert_eq!(text, *expected, "{place}");
    }
    if let Some(expected) = &case.answer.body {
        let body: Value = serde_json::from_str(&text).unwrap();
        for (name, expected) in expected.as_object().unwrap() {
            assert_eq!(body[name], *expected, "{place}: {name} of {body}");
        }
    }
    if !case.answer.log.is_empty() {
        let log = STANDARD.decode(&response.headers()["x-amz-log-result"]);
        let log = String::from_utf8(log.unwrap()).unwrap();
        for part in &case.answer.log {
            assert!(log.contains(part), "{place}: {log}");
        }
    }
}
