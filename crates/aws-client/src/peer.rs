//! Every operation of every service against botocore: it asks, and compares with its own answers.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::model::{Operation, Protocol, Service};
use crate::protocol::{self, Answer};
use crate::style::Style;
use crate::{parameters, results};

/// Python with botocore.
const PYTHON: &str = "STEPMILL_TEST_PYTHON";

#[derive(Deserialize)]
struct Question {
    service: String,
    operation: String,
    /// Whether the response is an error.
    #[serde(default)]
    error: bool,
    protocol: Protocol,
    request: Option<Value>,
    response: Option<Response>,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    headers: serde_json::Map<String, Value>,
    body: String,
}

#[test]
fn every_operation_agrees_with_botocore() {
    let Some(python) = env::var_os(PYTHON) else {
        let text = format!("skipped: botocore needs {PYTHON}; cargo xtask test sets it up\n");
        // Written past the test harness, which keeps back what passing tests print.
        let _ = std::io::stderr().write_all(text.as_bytes());
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/botocore/peer.py");
    let mut peer = Command::new(python)
        .arg("-B")
        .arg(script)
        .args(
            env::var("STEPMILL_TEST_SERVICES")
                .iter()
                .flat_map(|names| names.split(' ')),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut to, from) = (peer.stdin.take().unwrap(), peer.stdout.take().unwrap());
    let (mut report, mut asked) = (None, None);
    for line in BufReader::new(from).lines() {
        let mut question: Value = serde_json::from_str(&line.unwrap()).unwrap();
        match question.get_mut("report") {
            Some(found) => report = Some(found.take()),
            None => {
                let question: Question = serde_json::from_value(question).unwrap();
                // Its protocol may be another than the client's choice.
                let known = |(name, service): &(String, Service)| {
                    *name == question.service && service.protocol == question.protocol
                };
                if !asked.as_ref().is_some_and(known) {
                    let mut service = (*Service::named(&question.service).unwrap()).clone();
                    service.protocol = question.protocol;
                    asked = Some((question.service.clone(), service));
                }
                let (_, service) = asked.as_ref().unwrap();
                writeln!(to, "{}", answer(service, &question)).unwrap();
            }
        }
    }
    assert!(peer.wait().unwrap().success());
    let report = report.unwrap();
    let failures: Vec<&str> = report["failures"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    println!(
        "botocore {}: {} operations of {} services, {}; {} differ",
        report["botocore"],
        report["operations"],
        report["services"],
        report["counts"],
        failures.len()
    );
    assert!(report["operations"].as_u64() > Some(0));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn answer(service: &Service, question: &Question) -> Value {
    let style = Style::default();
    let name = &question.operation;
    let operation = service.operation(name).unwrap();
    if let Some(response) = &question.response {
        let answer = response.answer();
        if question.error {
            return announced(service, operation, &answer);
        }
        return match protocol::result(service, operation, &answer) {
            Ok(fields) => {
                let output = operation
                    .output
                    .as_ref()
                    .map(|output| service.shape(output));
                let output = output.map(|shape| results::show(service, shape, fields, style));
                json!({ "result": output.unwrap_or_else(|| json!({})) })
            }
            Err(error) => json!({ "error": error.to_string() }),
        };
    }
    if let Some(member) = operation.event_stream(service) {
        return json!({ "event_stream": member });
    }
    let parameters = question.request.as_ref().unwrap();
    let fields = parameters::read(service, operation, parameters, style, String::new);
    let request = fields.and_then(|fields| protocol::request(service, name, operation, &fields));
    match request {
        Ok(request) => json!({
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "headers": request.headers,
            "host_prefix": request.host_prefix,
            "body": BASE64_STANDARD.encode(request.body),
        }),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

fn announced(service: &Service, operation: &Operation, answer: &Answer) -> Value {
    let found = protocol::announced(service, operation, answer);
    let shape = service
        .exception(operation, &found.code)
        .map(|(name, _)| name);
    let detail = found.detail.map(|(place, fields)| {
        results::show(service, &service.shapes[place], fields, Style::default())
    });
    json!({ "announced": {
        "shape": shape, "code": found.code, "message": found.message, "detail": detail,
    }})
}

impl Response {
    fn answer(&self) -> Answer {
        let headers = self.headers.iter().map(|(name, value)| {
            let name: HeaderName = name.to_ascii_lowercase().parse().unwrap();
            (
                name,
                HeaderValue::from_str(value.as_str().unwrap()).unwrap(),
            )
        });
        Answer {
            status: self.status,
            headers: headers.collect::<HeaderMap>(),
            body: BASE64_STANDARD.decode(&self.body).unwrap().into(),
        }
    }
}
