//! Driving executions: time skipped, executions stopped, and effects after the commit.
#![allow(clippy::unwrap_used, clippy::panic)] // what helps a test may fail it

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::{Value, json};
use stepmill_asl::{Options, parse};
use stepmill_engine::{ACCOUNT, Chance, Clock, Finished, REGION, Runner, Start, identity};
use stepmill_integrations::Integrations;
use stepmill_integrations::lambda::{Function, Host, HostOptions, Runtime};
use stepmill_integrations::mock::{MockConfig, TestCase};
use stepmill_interpreter::{Fact, Limits, Payload, Reason, Record, Status};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Far longer than anything here takes: reaching it is a failure.
const PATIENCE: Duration = Duration::from_secs(60);

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

fn start(definition: &Value, input: &Value, express: bool) -> Start {
    let parsed = parse(&definition.to_string(), &Options::default());
    let machine = parsed
        .machine
        .unwrap_or_else(|| panic!("{:?}", parsed.diagnostics));
    Start {
        machine: Arc::new(machine),
        identity: identity("machine", express, ACCOUNT, REGION),
        input: Payload::from(input.clone()),
        limits: if express {
            Limits::EXPRESS
        } else {
            Limits::STANDARD
        },
        mocks: None,
    }
}

/// What is random is the same each time.
fn runner(integrations: Integrations, clock: Clock) -> Runner {
    Runner::new(integrations, clock, Chance::new(1, [1; 32]))
}

/// The same start with mocked answers.
fn with(mocks: Arc<TestCase>, start: Start) -> Start {
    Start {
        mocks: Some(mocks),
        ..start
    }
}

/// Answers for states as a mock configuration says.
fn mocked(responses: &Value) -> Arc<TestCase> {
    let states: serde_json::Map<String, Value> = responses
        .as_object()
        .unwrap()
        .keys()
        .map(|state| (state.clone(), json!(state)))
        .collect();
    let config = json!({
        "StateMachines": {"machine": {"TestCases": {"case": states}}},
        "MockedResponses": responses
    });
    let config = MockConfig::parse(&config.to_string()).unwrap();
    Arc::new(config.test_case("machine", "case").unwrap())
}

async fn finish(engine: &Runner, start: Start) -> Finished {
    let run = engine.start(start);
    tokio::time::timeout(PATIENCE, run.finish())
        .await
        .unwrap()
        .unwrap()
}

fn span(finished: &Finished) -> SignedDuration {
    let records = &finished.records;
    records.last().unwrap().time.duration_since(records[0].time)
}

fn output(finished: &Finished) -> Value {
    match &finished.status {
        Status::Succeeded(output) => output.value().clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn hours_are_skipped() {
    let definition = json!({"StartAt": "Sleep", "States": {
        "Sleep": {"Type": "Wait", "Seconds": 36_000, "Next": "Both"},
        "Both": {"Type": "Parallel", "Next": "Charge", "ResultPath": null, "Branches": [
            {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 7_200, "End": true}}},
            {"StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": 3_600, "End": true}}}
        ]},
        "Charge": {"Type": "Task", "Resource": FUNCTION, "End": true, "Retry": [
            {"ErrorEquals": ["Busy"], "IntervalSeconds": 1_800, "BackoffRate": 1.0}
        ]}
    }});
    let mocks = mocked(&json!({"Charge": {
        "0-1": {"Throw": {"Error": "Busy", "Cause": "later"}},
        "2": {"Return": {"paid": true}}
    }}));
    let engine = runner(Integrations::new(), Clock::skipping());
    let began = Instant::now();
    let finished = finish(&engine, with(mocks, start(&definition, &json!({}), false))).await;
    assert!(began.elapsed() < PATIENCE);
    assert_eq!(output(&finished), json!({"paid": true}));
    let hours = SignedDuration::from_secs(36_000 + 7_200 + 2 * 1_800);
    let span = span(&finished);
    assert!(span >= hours, "{span:?}");
    // What was not skipped is what it took.
    assert!(
        span < hours + SignedDuration::try_from(PATIENCE).unwrap(),
        "{span:?}"
    );
}

#[tokio::test]
async fn an_execution_is_stopped_in_a_wait() {
    let definition = json!({"StartAt": "Sleep", "States": {
        "Sleep": {"Type": "Wait", "Seconds": 36_000, "End": true}
    }});
    let engine = runner(Integrations::new(), Clock::Real);
    let mut run = engine.start(start(&definition, &json!({}), false));
    let first = tokio::time::timeout(PATIENCE, run.next())
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(first[0].fact, Fact::ExecutionStarted { .. }));
    let reason = Reason {
        error: Some("Enough".into()),
        cause: None,
    };
    run.stop(reason.clone());
    let second = tokio::time::timeout(PATIENCE, run.next())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].fact, Fact::ExecutionAborted(reason.clone()));
    assert!(run.next().await.is_none());
    // Too late, and no harm.
    run.stop(Reason::default());
    let finished = tokio::time::timeout(PATIENCE, run.finish())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(finished.status, Status::Aborted(reason));
}

#[tokio::test]
async fn a_loop_lets_others_in() {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Choice", "Default": "A",
            "Choices": [{"Variable": "$.x", "IsPresent": true, "Next": "C"}]},
        "C": {"Type": "Succeed"}
    }});
    let engine = runner(Integrations::new(), Clock::Real);
    let mut endless = start(&definition, &json!({}), false);
    endless.limits.history_events = None;
    let mut run = engine.start(endless);
    // Another execution runs beside it on the same thread, and it hears of its stop.
    let finished = finish(&engine, start(&definition, &json!({"x": 1}), false)).await;
    assert_eq!(output(&finished), json!({"x": 1}));
    while run.next().await.unwrap().len() < 100 {}
    run.stop(Reason::default());
    let finished = tokio::time::timeout(PATIENCE, run.finish())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(finished.status, Status::Aborted(Reason::default()));
}

#[tokio::test]
async fn a_call_that_cannot_be_made_ends_the_execution() {
    let definition = json!({"StartAt": "Send", "States": {
        "Send": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true,
            "Parameters": {"QueueUrl": "u", "MessageBody": "b"},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "No"}]},
        "No": {"Type": "Succeed"}
    }});
    let engine = runner(Integrations::new(), Clock::skipping());
    let finished = finish(&engine, start(&definition, &json!({}), false)).await;
    let Status::Failed(reason) = &finished.status else {
        panic!("{:?}", finished.status);
    };
    assert_eq!(reason.error.as_deref(), Some("States.Runtime"));
}

#[tokio::test]
async fn records_come_out_as_they_are_committed() {
    let definition = json!({"StartAt": "M", "States": {
        "M": {"Type": "Map", "End": true, "ItemProcessor": {
            "ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "T", "States": {
            "T": {"Type": "Task", "Resource": FUNCTION, "End": true}
        }}}
    }});
    let mocks = mocked(&json!({"T": {"0-9": {"Return": "done"}}}));
    let engine = runner(Integrations::new(), Clock::skipping());
    let mut run = engine.start(with(mocks, start(&definition, &json!([1, 2, 3]), false)));
    let mut seen: Vec<Record> = Vec::new();
    while let Some(records) = tokio::time::timeout(PATIENCE, run.next()).await.unwrap() {
        seen.extend(records);
    }
    let finished = tokio::time::timeout(PATIENCE, run.finish())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(seen, finished.records);
    assert_eq!(output(&finished), json!(["done", "done", "done"]));
}

/// A function that tells the test of its call, and answers what the test says.
const CALLER: &str = "
import os, socket
def handler(event, context):
    with socket.create_connection(('127.0.0.1', int(os.environ['PORT']))) as test:
        test.sendall(b'!')
        return test.recv(100).decode()
";

/// An engine with that function, and where its calls come in.
async fn with_caller() -> (Runner, TcpListener, tempfile::TempDir) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("handler.py"), CALLER).unwrap();
    let runtime = Runtime::Python { minor: 12 };
    let mut function = Function::new("f", runtime, "handler.handler", directory.path());
    function.timeout = PATIENCE;
    let port = listener.local_addr().unwrap().port().to_string();
    function.environment.insert("PORT".to_owned(), port);
    let options = HostOptions {
        init_timeout: PATIENCE,
        ..HostOptions::default()
    };
    let host = Host::start([function], options).await.unwrap();
    let engine = runner(
        Integrations::new().with_lambda(Arc::new(host)),
        Clock::skipping(),
    );
    (engine, listener, directory)
}

async fn call(listener: &TcpListener) -> TcpStream {
    let accepted = tokio::time::timeout(PATIENCE, listener.accept()).await;
    let (mut stream, _) = accepted.unwrap().unwrap();
    stream.read_u8().await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_called_after_its_schedule_is_committed() {
    let definition = json!({"StartAt": "T", "States": {
        "T": {"Type": "Task", "Resource": FUNCTION, "Next": "U"},
        "U": {"Type": "Task", "Resource": FUNCTION, "End": true}
    }});
    let (engine, listener, _directory) = with_caller().await;
    let mut run = engine.start(start(&definition, &json!({}), false));
    let mut seen: Vec<Record> = Vec::new();
    for (calls, answer) in [(1, "first"), (2, "second")] {
        let mut stream = call(&listener).await;
        // All that was committed is here already; nothing more comes before the answer.
        while let Ok(records) = tokio::time::timeout(Duration::ZERO, run.next()).await {
            seen.extend(records.unwrap());
        }
        let scheduled = seen
            .iter()
            .filter(|r| matches!(r.fact, Fact::TaskScheduled(_)));
        assert_eq!(scheduled.count(), calls);
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
    let finished = tokio::time::timeout(PATIENCE, run.finish())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(output(&finished), json!("second"));
}

#[tokio::test(flavor = "multi_thread")]
async fn time_is_not_skipped_while_a_task_runs() {
    let definition = json!({"StartAt": "P", "States": {
        "P": {"Type": "Parallel", "End": true, "Branches": [
            {"StartAt": "T", "States": {
                "T": {"Type": "Task", "Resource": FUNCTION, "TimeoutSeconds": 7_200, "End": true}
            }},
            {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3_600, "End": true}}}
        ]}
    }});
    let (engine, listener, _directory) = with_caller().await;
    let run = engine.start(start(&definition, &json!({}), false));
    call(&listener).await.write_all(b"in time").await.unwrap();
    let finished = tokio::time::timeout(PATIENCE, run.finish())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(output(&finished), json!(["in time", {}]));
    assert!(span(&finished) >= SignedDuration::from_hours(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_the_call() {
    let definition = json!({"StartAt": "T", "States": {
        "T": {"Type": "Task", "Resource": FUNCTION, "End": true}
    }});
    let (engine, listener, _directory) = with_caller().await;
    let run = engine.start(start(&definition, &json!({}), false));
    let mut stream = call(&listener).await;
    run.stop(Reason::default());
    let finished = tokio::time::timeout(PATIENCE, run.finish())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(finished.status, Status::Aborted(Reason::default()));
    // The function's process is gone, and its connection with it.
    let closed = tokio::time::timeout(PATIENCE, stream.read(&mut [0]))
        .await
        .unwrap();
    assert!(matches!(closed, Ok(0) | Err(_)), "{closed:?}");
}
