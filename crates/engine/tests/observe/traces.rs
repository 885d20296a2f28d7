//! Traces.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};
use stepmill_engine::{Span, SpanKind, Spans, Traces, TracesConfig};

use crate::http::serve;
use crate::world::{Ran, expect, run};

const PATIENCE: Duration = Duration::from_secs(60);

fn spans(ran: &Ran) -> Vec<Span> {
    let mut open = Spans::of(&ran.turns[0].execution);
    let turns = ran.turns.iter();
    turns
        .flat_map(|turn| open.turn(&ran.revision, &turn.records))
        .collect()
}

/// A line for each span, in milliseconds since the first one began, below what it is part of.
fn show(spans: &[Span]) -> String {
    let beginning = spans.iter().map(|span| span.start).min().unwrap();
    let mut below: HashMap<Option<u64>, Vec<&Span>> = HashMap::new();
    for span in spans {
        below.entry(span.parent).or_default().push(span);
    }
    let mut shown = String::new();
    let mut stack: Vec<(usize, &Span)> = Vec::new();
    let push = |stack: &mut Vec<_>, depth: usize, parent: Option<u64>| {
        let mut spans = below.get(&parent).cloned().unwrap_or_default();
        spans.sort_by_key(|span| (span.start, span.end, span.name.clone()));
        stack.extend(spans.into_iter().rev().map(|span| (depth, span)));
    };
    push(&mut stack, 0, None);
    while let Some((depth, span)) = stack.pop() {
        let since = |time: jiff::Timestamp| time.duration_since(beginning).as_millis();
        let _ = writeln!(
            shown,
            "{:indent$}{} {}-{} {}",
            "",
            span.name,
            since(span.start),
            since(span.end),
            span.error.as_deref().unwrap_or("ok"),
            indent = depth * 2,
        );
        push(&mut stack, depth + 1, Some(span.id));
    }
    shown
}

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:f";

fn cases() -> Vec<(&'static str, Value)> {
    let task = json!({"StartAt": "Call", "States": {"Call": {
        "Type": "Task", "Resource": FUNCTION, "End": true,
        "Retry": [{"ErrorEquals": ["Busy"]}],
    }}});
    let nested = json!({"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "Next": "After", "Branches": [
        {"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true, "ItemProcessor":
            {"StartAt": "Inner", "States": {"Inner": {"Type": "Map", "End": true, "ItemsPath": "$", "ItemProcessor":
                {"StartAt": "Leaf", "States": {"Leaf": {"Type": "Pass", "End": true}}}}}}}}},
        {"StartAt": "Call", "States": {"Call": {"Type": "Task", "Resource": FUNCTION, "End": true}}}
    ]}, "After": {"Type": "Succeed"}}});
    let failing = json!({"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true,
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Late"}], "Branches": [
        {"StartAt": "Call", "States": {"Call": {"Type": "Task", "Resource": FUNCTION, "End": true}}},
        {"StartAt": "Sleep", "States": {"Sleep": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ]}, "Late": {"Type": "Wait", "Seconds": 1, "End": true}}});
    vec![
        (
            "retried",
            json!({"definition": task, "tasks": {"Call": [{"fail": {"Error": "Busy"}}, {"succeed": 1}]}}),
        ),
        (
            "failed, redriven",
            json!({"definition": task, "tasks": {"Call": [{"fail": {"Error": "E"}}, {"succeed": 1}]}, "then": ["redrive"]}),
        ),
        (
            "stopped",
            json!({"definition": task, "tasks": {"Call": ["never"]}, "then": ["stop"]}),
        ),
        (
            "nested",
            json!({"definition": nested, "input": [[1, 2], [3]], "tasks": {"Call": [{"succeed": 1}]}}),
        ),
        (
            "caught",
            json!({"definition": failing, "tasks": {"Call": [{"fail": {"Error": "E"}}]}}),
        ),
    ]
}

#[test]
fn spans_are_as_told() {
    let mut found = String::new();
    for (name, case) in cases() {
        let ran = run(&case, "m", "e");
        let spans = spans(&ran);
        let _ = write!(found, "## {name}\n{}", show(&spans));
        // All that is entered is left, once, in one trace.
        let shown = show(&spans).lines().count();
        assert_eq!(shown, spans.len(), "{name}: some have no parent");
        assert!(spans.iter().all(|span| span.trace == spans[0].trace));
        assert!(spans.iter().all(|span| span.start <= span.end));
    }
    expect("traces.txt", &found);
}

#[test]
fn after_a_restart_spans_join_the_trace() {
    let (_, case) = cases().swap_remove(0);
    let ran = run(&case, "m", "e");
    let whole = spans(&ran);
    let last = ran.turns.last().unwrap();
    let mut open = Spans::of(&last.execution);
    let after = open.turn(&ran.revision, &last.records);
    // The state that was entered before has no span any more; the root span is the same.
    assert_eq!(after.last(), whole.last());
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].kind, SpanKind::Execution);
}

#[test]
fn spans_are_exported_as_otlp() {
    let (endpoint, requests) = serve(vec![(503, json!({})), (200, json!({"partialSuccess": {}}))]);
    let config = TracesConfig {
        endpoint: Some(format!("{endpoint}/")),
        service_name: None,
    };
    let (traces, delivery) = Traces::open(&config).unwrap().unwrap();
    let (_, case) = cases().swap_remove(2);
    let ran = run(&case, "m", "e");
    ran.tell(&*traces);
    let refused = requests.recv_timeout(PATIENCE).unwrap();
    let request = requests.recv_timeout(PATIENCE).unwrap();
    assert_eq!(refused.body, request.body);
    let head = request.head.to_lowercase();
    assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
    assert!(
        head.contains("\r\ncontent-type: application/json\r\n"),
        "{head}"
    );
    let resource = &request.body["resourceSpans"][0];
    assert_eq!(
        resource["resource"]["attributes"],
        json!([{"key": "service.name", "value": {"stringValue": "stepmill"}}])
    );
    let sent = resource["scopeSpans"][0]["spans"].as_array().unwrap();
    let trace = format!("{:032x}", spans(&ran)[0].trace);
    let [attempt, ..] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert_eq!(attempt["traceId"], trace.as_str());
    assert_eq!(attempt["name"], FUNCTION);
    assert_eq!(attempt["kind"], 3);
    assert_eq!(attempt["startTimeUnixNano"], "1700000000010000000");
    assert_eq!(attempt["endTimeUnixNano"], "1700000000020000000");
    assert_eq!(attempt["status"], json!({"code": 2, "message": "ABORTED"}));
    let losses = delivery.losses();
    assert!(delivery.finish(PATIENCE));
    assert_eq!(losses(), 0);
    let rest = requests.try_iter().flat_map(|request| {
        let spans = &request.body["resourceSpans"][0]["scopeSpans"][0]["spans"];
        spans.as_array().unwrap().clone()
    });
    let all: Vec<Value> = sent.iter().cloned().chain(rest).collect();
    assert_eq!(all.len(), 3);
    assert_eq!(all[0]["parentSpanId"], all[1]["spanId"]);
    assert_eq!(all[1]["parentSpanId"], all[2]["spanId"]);
    assert_eq!(all[2].get("parentSpanId"), None);
}
