//! Asynchronous invocations, dry runs, executables, and code that is replaced while it runs.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::json;
use stepmill_engine::Caller;
use stepmill_engine::functions::{Functions, InvocationType, Invoke};

use super::support::{Fixture, PATIENCE, invoke, is_package, object, python, zip};

/// Writes a file for each call and fails until there are three.
const COUNTS: &str = "\
import os, uuid
def handler(event, context):
    directory = event['directory']
    open(os.path.join(directory, str(uuid.uuid4())), 'w').close()
    if len(os.listdir(directory)) < 3:
        raise Exception('again')
";

async fn event(functions: &Functions, name: &str, payload: String) -> u16 {
    let invoke = Invoke {
        kind: InvocationType::Event,
        payload: payload.into_bytes(),
        ..Invoke::default()
    };
    let invoked = functions.invoke(&Caller::default(), name, invoke).await;
    invoked.unwrap().status
}

async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "waited in vain for: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

fn count(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count()
}

fn packages(fixture: &Fixture) -> usize {
    let entries = fs::read_dir(fixture.code()).unwrap();
    entries
        .filter(|entry| is_package(&entry.as_ref().unwrap().path()))
        .count()
}

#[tokio::test]
async fn events_are_tried_three_times() {
    let fixture = Fixture::new();
    let (functions, _host) = fixture.open().await;
    let caller = Caller::default();
    functions
        .create(&caller, python("f", COUNTS))
        .await
        .unwrap();
    let directory = fixture.directory.path().join("calls");
    fs::create_dir(&directory).unwrap();
    let payload = json!({"directory": directory}).to_string();
    assert_eq!(event(&functions, "f", payload).await, 202);
    let left = || {
        fixture
            .store
            .documents("function-event", "", "", 10)
            .unwrap()
    };
    eventually("the event to be over", || left().is_empty()).await;
    assert_eq!(count(&directory), 3);
}

#[tokio::test]
async fn accepted_events_survive_the_process() {
    let fixture = Fixture::new();
    let (functions, host) = fixture.open().await;
    let caller = Caller::default();
    let source = "\
import os, time
def handler(event, context):
    directory = event['directory']
    open(os.path.join(directory, 'begun'), 'w').close()
    while not os.path.exists(os.path.join(directory, 'go')):
        time.sleep(0.01)
    open(os.path.join(directory, 'done'), 'w').close()
";
    functions
        .create(&caller, python("f", source))
        .await
        .unwrap();
    let directory = fixture.directory.path().join("calls");
    fs::create_dir(&directory).unwrap();
    let payload = json!({"directory": directory}).to_string();
    assert_eq!(event(&functions, "f", payload).await, 202);
    eventually("the function to begin", || directory.join("begun").exists()).await;
    host.shutdown().await;
    drop(functions);
    fs::write(directory.join("go"), "").unwrap();
    assert!(!directory.join("done").exists());
    let (_functions, _host) = fixture.open().await;
    eventually("the function to end", || directory.join("done").exists()).await;
    let left = || {
        fixture
            .store
            .documents("function-event", "", "", 10)
            .unwrap()
    };
    eventually("the event to be over", || left().is_empty()).await;
}

#[tokio::test]
async fn what_could_not_be_invoked_is_refused_at_once() {
    let fixture = Fixture::new();
    let (functions, _host) = fixture.open().await;
    let caller = Caller::default();
    for kind in [InvocationType::Event, InvocationType::DryRun] {
        let try_it = async |name: &str, payload: &str| {
            let invoke = Invoke {
                kind,
                payload: payload.as_bytes().to_vec(),
                ..Invoke::default()
            };
            let result = functions.invoke(&caller, name, invoke).await;
            result
                .map(|invoked| invoked.status)
                .map_err(|error| error.code.status())
        };
        assert_eq!(try_it("nothing", "{}").await, Err(404));
        assert_eq!(try_it("declared", "{").await, Err(400));
        assert_eq!(try_it("declared:live", "{}").await, Err(404));
        assert!(try_it("declared", "{}").await.is_ok());
    }
    let large = format!("\"{}\"", "x".repeat(1024 * 1024));
    let invoke = Invoke {
        kind: InvocationType::Event,
        payload: large.into_bytes(),
        ..Invoke::default()
    };
    let error = functions
        .invoke(&caller, "declared", invoke)
        .await
        .unwrap_err();
    assert_eq!(error.code.status(), 413);
}

#[tokio::test]
async fn an_executable_is_called_bootstrap() {
    let fixture = Fixture::new();
    let (functions, _host) = fixture.open().await;
    let caller = Caller::default();
    let source = "#!/bin/sh\necho \"$_HANDLER\" >&2\nexit 7\n";
    let body = json!({
        "FunctionName": "f",
        "Runtime": "provided.al2023",
        "Handler": "any.thing",
        "Role": "arn:aws:iam::000000000000:role/lambda",
        "Code": {"ZipFile": zip(&[("bootstrap", source)])},
    });
    functions.create(&caller, object(body)).await.unwrap();
    let invoke = Invoke {
        log_tail: true,
        ..Invoke::default()
    };
    let invoked = functions.invoke(&caller, "f", invoke).await.unwrap();
    let payload = String::from_utf8(invoked.payload).unwrap();
    assert!(
        payload.contains("Runtime exited with error: exit status 7"),
        "{payload}"
    );
    let log = invoked.log_tail.unwrap();
    assert!(log.contains("\nany.thing\n"), "{log}");
}

#[tokio::test]
async fn code_stays_as_long_as_a_process_runs_it() {
    let fixture = Fixture::new();
    let (functions, _host) = fixture.open().await;
    let caller = Caller::default();
    let source = "\
import os, time
def handler(event, context):
    open(event + '/begun', 'w').close()
    while not os.path.exists(event + '/go'):
        time.sleep(0.01)
    return open(os.environ['LAMBDA_TASK_ROOT'] + '/app.py').read()[:6]
";
    functions
        .create(&caller, python("f", source))
        .await
        .unwrap();
    let directory = fixture.directory.path().join("calls");
    fs::create_dir(&directory).unwrap();
    let payload = json!(directory).to_string();
    let change = async {
        eventually("the function to begin", || directory.join("begun").exists()).await;
        let body = json!({"ZipFile": zip(&[("app.py", "def handler(e, c): return 2")])});
        let update = functions.update_code(&caller, "f", object(body)).await;
        update.unwrap();
        assert_eq!(packages(&fixture), 2);
        fs::write(directory.join("go"), "").unwrap();
    };
    let run = invoke(&functions, &caller, "f", None, &payload);
    let (ran, ()) = tokio::join!(run, change);
    assert_eq!(ran.unwrap().payload, b"\"import\"");
    let again = invoke(&functions, &caller, "f", None, "{}").await.unwrap();
    assert_eq!(again.payload, b"2");
    // A later change finds that nobody needs the old code any more.
    let end = Instant::now() + PATIENCE;
    while packages(&fixture) > 1 {
        assert!(Instant::now() < end, "the old code is still there");
        let body = object(json!({"Timeout": 5}));
        let update = functions.update_configuration(&caller, "f", body).await;
        update.unwrap();
    }
}
