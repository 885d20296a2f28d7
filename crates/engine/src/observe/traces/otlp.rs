//! OTLP over HTTP, in its JSON encoding.
//!
//! Source: OpenTelemetry Protocol Specification 1, "OTLP/HTTP" and "JSON Protobuf Encoding": ids in
//! hexadecimal digits, 64-bit numbers as texts.

use serde_json::{Value, json};

use super::span::{Span, SpanKind};
use crate::observe::http::{Endpoint, EndpointError, Refusal, surely};
use crate::observe::queue::Queue;

/// Spans of one request, at most.
const MOST_SPANS: usize = 500;

/// `SPAN_KIND_INTERNAL`
const INTERNAL: u8 = 1;
/// `SPAN_KIND_SERVER`
const SERVER: u8 = 2;
/// `SPAN_KIND_CLIENT`
const CLIENT: u8 = 3;
/// `STATUS_CODE_ERROR`
const ERROR: u8 = 2;

/// What takes traces.
pub(super) struct Collector {
    endpoint: Endpoint,
    service: String,
}

impl Collector {
    pub(super) fn new(endpoint: &str, service: &str) -> Result<Self, EndpointError> {
        Ok(Self {
            endpoint: Endpoint::new("traces.endpoint", endpoint)?.with_path("/v1/traces"),
            service: service.to_owned(),
        })
    }

    /// Sends spans; what cannot be sent is counted as lost.
    pub(super) fn export(&self, spans: &[Span], queue: &Queue<Span>) {
        for spans in spans.chunks(MOST_SPANS) {
            let body = self.request(spans).to_string();
            let headers = [("Content-Type", "application/json")];
            let sent = surely(queue, || -> Result<(), Refusal> {
                self.endpoint.post(&headers, body.as_bytes()).map(drop)
            });
            if let Err(why) = sent {
                tracing::warn!(why, "spans could not be sent");
                queue.lose(spans.len());
            }
        }
    }

    /// `ExportTraceServiceRequest`
    fn request(&self, spans: &[Span]) -> Value {
        let spans: Vec<Value> = spans.iter().map(encode).collect();
        json!({"resourceSpans": [{
            "resource": {"attributes": [attribute("service.name", &self.service)]},
            "scopeSpans": [{
                "scope": {"name": "stepmill", "version": env!("CARGO_PKG_VERSION")},
                "spans": spans
            }]
        }]})
    }
}

fn encode(span: &Span) -> Value {
    let kind = match span.kind {
        SpanKind::Execution => SERVER,
        SpanKind::State => INTERNAL,
        SpanKind::Attempt => CLIENT,
    };
    let attributes = span.attributes.iter();
    let attributes: Vec<Value> = attributes
        .map(|(key, value)| attribute(key, value))
        .collect();
    let mut encoded = json!({
        "traceId": format!("{:032x}", span.trace),
        "spanId": format!("{:016x}", span.id),
        "name": span.name,
        "kind": kind,
        "startTimeUnixNano": span.start.as_nanosecond().to_string(),
        "endTimeUnixNano": span.end.as_nanosecond().to_string(),
        "attributes": attributes,
    });
    if let Some(parent) = span.parent {
        encoded["parentSpanId"] = json!(format!("{parent:016x}"));
    }
    if let Some(error) = &span.error {
        encoded["status"] = json!({"code": ERROR, "message": error});
    }
    encoded
}

fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}
