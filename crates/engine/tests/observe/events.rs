//! Status events.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};
use stepmill_engine::{EndpointError, Events, EventsConfig};

use crate::http::serve;
use crate::world::{ACCOUNT, REGION, Ran, expect, run};

const PATIENCE: Duration = Duration::from_secs(60);

fn accepted() -> Value {
    json!({"FailedEntryCount": 0, "Entries": []})
}

fn config(endpoint: &str) -> EventsConfig {
    EventsConfig {
        endpoint: Some(endpoint.to_owned()),
        event_bus: None,
    }
}

/// The entries that an execution's events come to.
fn sent(ran: &Ran) -> Vec<Value> {
    let (endpoint, requests) = serve(vec![(200, accepted())]);
    let (events, delivery) = Events::open(&config(&endpoint)).unwrap().unwrap();
    ran.tell(&*events);
    let losses = delivery.losses();
    assert!(delivery.finish(PATIENCE));
    assert_eq!(losses(), 0);
    let entries = requests
        .try_iter()
        .flat_map(|request| request.body["Entries"].as_array().unwrap().clone());
    entries.collect()
}

fn details(ran: &Ran) -> Vec<Value> {
    let parse = |entry: Value| serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    sent(ran).into_iter().map(parse).collect()
}

fn pass() -> Value {
    json!({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}})
}

#[test]
fn each_status_is_an_event() {
    let wait = json!({"StartAt": "W", "TimeoutSeconds": 9, "States": {
        "W": {"Type": "Wait", "Seconds": 60, "End": true}
    }});
    let task = json!({"StartAt": "T", "States": {"T": {
        "Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:f", "End": true
    }}});
    let failing = json!({"T": [
        {"fail": {"Error": "E", "Cause": "C"}}, "never", {"succeed": {"ok": true}}
    ]});
    let cases = [
        (
            "succeeds",
            json!({"definition": pass(), "input": {"a": "ä\""}, "version": "2", "alias": "live"}),
        ),
        ("times out", json!({"definition": wait})),
        (
            "fails, is redriven and stopped, and succeeds",
            json!({"definition": task, "tasks": failing, "then": ["redrive", "stop", "redrive"]}),
        ),
        ("Express", json!({"definition": pass(), "express": true})),
    ];
    let mut found = String::new();
    for (name, case) in cases {
        let _ = writeln!(found, "## {name}");
        for entry in sent(&run(&case, "m", "e")) {
            let _ = writeln!(found, "{entry}");
        }
    }
    expect("events.txt", &found);
}

#[test]
fn what_is_too_long_is_left_out() {
    // A quote in JSON text is two bytes there, and four in a status event.
    let text = |escaped: usize| json!("\"".repeat((escaped - 4) / 4));
    let limit = 248 * 1024;
    let case = |input: usize, output: usize| {
        let definition = json!({"StartAt": "P", "States": {
            "P": {"Type": "Pass", "Result": text(output), "End": true}
        }});
        let ran = run(
            &json!({"definition": definition, "input": text(input)}),
            "m",
            "e",
        );
        details(&ran).pop().unwrap()
    };
    let shown = |detail: &Value| {
        let shown = |text: &str, details: &str| {
            let included = detail[details]["included"].as_bool().unwrap();
            assert_eq!(detail[text].is_string(), included);
            included
        };
        (
            shown("input", "inputDetails"),
            shown("output", "outputDetails"),
        )
    };
    assert_eq!(shown(&case(1_000, limit - 1_000)), (true, true));
    assert_eq!(shown(&case(1_000, limit - 996)), (false, true));
    assert_eq!(shown(&case(1_000, limit)), (false, true));
    assert_eq!(shown(&case(1_000, limit + 4)), (false, false));
}

#[test]
fn requests_are_put_events_and_bounded() {
    let (endpoint, requests) = serve(vec![(200, accepted())]);
    let config = EventsConfig {
        event_bus: Some("bus".to_owned()),
        ..config(&endpoint)
    };
    let (events, delivery) = Events::open(&config).unwrap().unwrap();
    let small = run(&json!({"definition": pass()}), "m", "e");
    for _ in 0..20 {
        small.tell(&*events);
    }
    let large = run(
        &json!({"definition": pass(), "input": "x".repeat(100_000)}),
        "m",
        "e",
    );
    large.tell(&*events);
    let mut elsewhere = run(&json!({"definition": pass()}), "m", "e");
    elsewhere.revision.account = "444455556666".to_owned();
    elsewhere.tell(&*events);
    assert!(delivery.finish(PATIENCE));
    let mut entries = 0;
    for request in requests.try_iter() {
        let head = request.head.to_lowercase();
        assert!(head.starts_with("post / http/1.1\r\n"), "{head}");
        assert!(
            head.contains("\r\nx-amz-target: awsevents.putevents\r\n"),
            "{head}"
        );
        assert!(
            head.contains("\r\ncontent-type: application/x-amz-json-1.1\r\n"),
            "{head}"
        );
        let account = request.head.split_once("Credential=").unwrap().1;
        let scope = format!("/{REGION}/events/aws4_request");
        assert!(account[..60].contains(&scope), "{head}");
        let put = request.body["Entries"].as_array().unwrap();
        assert!((1..=10).contains(&put.len()));
        let bytes: usize = put.iter().map(|entry| entry.to_string().len()).sum();
        assert!(put.len() == 1 || bytes < 300_000, "{bytes}");
        for entry in put {
            assert_eq!(entry["EventBusName"], "bus");
        }
        let other = account.starts_with("444455556666/");
        assert!(other || account.starts_with(&format!("{ACCOUNT}/")));
        assert!(!other || put.len() == 2);
        entries += put.len();
    }
    assert_eq!(entries, 44);
}

#[test]
fn what_passes_is_tried_again() {
    let throttled = json!({"FailedEntryCount": 1, "Entries": [
        {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
    ]});
    let (endpoint, requests) = serve(vec![
        (503, json!("busy")),
        (200, throttled),
        (200, accepted()),
    ]);
    let (events, delivery) = Events::open(&config(&endpoint)).unwrap().unwrap();
    run(&json!({"definition": pass()}), "m", "e").tell_of_the_start(&*events);
    for _ in 0..3 {
        let request = requests.recv_timeout(PATIENCE).unwrap();
        let entries = request.body["Entries"].as_array().unwrap();
        assert_eq!(entries.len(), 1);
        let detail: Value = serde_json::from_str(entries[0]["Detail"].as_str().unwrap()).unwrap();
        assert_eq!(detail["status"], "RUNNING");
    }
    assert!(delivery.lost() == 0 && delivery.finish(PATIENCE));
    assert!(requests.try_recv().is_err());
}

#[test]
fn what_is_refused_is_lost() {
    let refused = json!({"FailedEntryCount": 1, "Entries": [
        {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
    ]});
    let denied = json!({"__type": "AccessDeniedException"});
    for answer in [
        (200, refused),
        (403, denied),
        (200, json!("no answer of PutEvents")),
    ] {
        let (endpoint, requests) = serve(vec![answer]);
        let (events, delivery) = Events::open(&config(&endpoint)).unwrap().unwrap();
        let definition =
            json!({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9, "End": true}}});
        let mut ran = run(&json!({"definition": definition}), "m", "e");
        // Only its start.
        ran.turns.truncate(1);
        ran.tell(&*events);
        let losses = delivery.losses();
        assert!(delivery.finish(PATIENCE));
        assert_eq!((losses(), requests.try_iter().count()), (1, 1));
    }
}

#[test]
fn nobody_waits_for_a_bridge_that_is_not_there() {
    // A port that was free a moment ago.
    let endpoint = bridge_that_is_gone();
    let (events, delivery) = Events::open(&config(&endpoint)).unwrap().unwrap();
    run(&json!({"definition": pass()}), "m", "e").tell(&*events);
    let losses = delivery.losses();
    // Closing cuts the pauses between attempts short.
    assert!(delivery.finish(PATIENCE));
    assert_eq!(losses(), 2);
}

fn bridge_that_is_gone() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn endpoints_are_checked() {
    assert!(Events::open(&EventsConfig::default()).unwrap().is_none());
    for wrong in [
        "",
        "localhost:4566",
        "/events",
        "ftp://localhost",
        "http://",
    ] {
        let error = Events::open(&config(wrong)).err().unwrap();
        assert!(
            matches!(error, EndpointError::NoUrl { .. }),
            "{wrong}: {error}"
        );
    }
    let secure = Events::open(&config("https://localhost:4566"));
    assert!(matches!(secure, Err(EndpointError::NoTls { .. })));
}
