//! Every operation of every service: requests, results, errors.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};

use super::converse;
use crate::model::{Operation, Protocol, Service};
use crate::protocol::{self, Answer};
use crate::style::Style;
use crate::{parameters, results};

#[derive(Deserialize)]
struct Question {
    service: String,
    operation: String,
    protocol: Protocol,
    request: Option<Value>,
    response: Option<Response>,
    /// Whether the response is an error.
    #[serde(default)]
    error: bool,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    headers: serde_json::Map<String, Value>,
    body: String,
}

#[test]
fn every_operation_agrees_with_botocore() {
    let mut asked: Option<(String, Service)> = None;
    converse("operations.py", |question| {
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
        answer(&asked.as_ref().unwrap().1, &question)
    });
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
