//! How processes are started, shared, bounded and ended.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use stepmill_integrations::lambda::{
    Function, Host, HostError, HostOptions, Invocation, InvokeError, LogSource, Saturation,
};
use tokio::task::JoinSet;

use crate::support::{Fixture, NODE, eventually, fail, files, is_running, pid_of, succeed, value};

/// Announces itself with a child of its own, then waits for the test's `go`.
const GATE: &str = "
import os, subprocess, time, uuid
shared = os.environ['SHARED']
def handler(event, context):
    child = subprocess.Popen(['sleep', '600'])
    mine = shared + '/running-%s' % uuid.uuid4()
    open(mine, 'w').close()
    running = len([name for name in os.listdir(shared) if name.startswith('running-')])
    open(shared + '/child-%d' % child.pid, 'w').close()
    open(shared + '/started-%d' % os.getpid(), 'w').close()
    while not os.path.exists(shared + '/go'):
        time.sleep(0.005)
    os.remove(mine)
    child.kill()
    child.wait()
    return [os.getpid(), running]
";

fn gate(fixture: &Fixture, concurrency: usize) -> Function {
    let mut function = fixture.python("gate", GATE);
    function.concurrency = concurrency;
    function
}

fn open(shared: &Path) {
    fs::write(shared.join("go"), "").unwrap();
}

fn spawn_calls(host: &Arc<Host>, count: usize) -> JoinSet<Value> {
    let mut calls = JoinSet::new();
    for _ in 0..count {
        let host = Arc::clone(host);
        calls.spawn(async move { value(&host, "gate", "{}").await });
    }
    calls
}

async fn gone(pid: u32) {
    eventually(|| (!is_running(pid)).then_some(())).await;
}

#[tokio::test]
async fn cold_starts_run_in_parallel() {
    let fixture = Fixture::new();
    let host = Arc::new(fixture.host([gate(&fixture, 3)]).await);
    let calls = spawn_calls(&host, 3);
    // All three run at once, or this waits in vain.
    files(&fixture.shared(), "started-", 3).await;
    open(&fixture.shared());
    let pids: BTreeSet<_> = calls
        .join_all()
        .await
        .iter()
        .map(|r| r[0].to_string())
        .collect();
    assert_eq!(pids.len(), 3);
}

#[tokio::test]
async fn concurrency_is_bounded_and_the_rest_queues() {
    let fixture = Fixture::new();
    let host = Arc::new(fixture.host([gate(&fixture, 2)]).await);
    let calls = spawn_calls(&host, 6);
    files(&fixture.shared(), "started-", 2).await;
    open(&fixture.shared());
    let results = calls.join_all().await;
    assert_eq!(results.len(), 6);
    assert!(
        results.iter().all(|result| result[1].as_u64() <= Some(2)),
        "{results:?}"
    );
}

#[tokio::test]
async fn a_host_may_refuse_instead() {
    let fixture = Fixture::new();
    let options = HostOptions {
        saturation: Saturation::Refuse,
        ..fixture.options()
    };
    let host = Arc::new(Host::start([gate(&fixture, 1)], options).await.unwrap());
    let calls = spawn_calls(&host, 1);
    files(&fixture.shared(), "started-", 1).await;
    let error = host
        .invoke(Invocation::new("gate", "{}"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.status()),
        ("TooManyRequestsException", 429)
    );
    assert_eq!(error.to_string(), "Rate Exceeded.");
    open(&fixture.shared());
    assert_eq!(calls.join_all().await.len(), 1);
}

#[tokio::test]
async fn a_timeout_kills_the_process_and_what_it_started() {
    let fixture = Fixture::new();
    let mut function = gate(&fixture, 1);
    function.timeout = Duration::from_secs(1);
    let host = fixture.host([function]).await;
    assert_eq!(
        fail(&host, "gate", "{}").await,
        r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ID Error: Task timed out after 1.00 seconds"}"#
    );
    // On a loaded machine the second may have passed before the handler ran.
    for name in ["started-", "child-"] {
        for path in files(&fixture.shared(), name, 0).await {
            gone(pid_of(&path)).await;
        }
    }
}

#[tokio::test]
async fn a_dropped_invocation_kills_the_process_and_what_it_started() {
    let fixture = Fixture::new();
    let host = Arc::new(fixture.host([gate(&fixture, 1)]).await);
    let mut calls = spawn_calls(&host, 1);
    let started = files(&fixture.shared(), "started-", 1).await;
    let child = files(&fixture.shared(), "child-", 1).await;
    assert!(is_running(pid_of(&started[0])) && is_running(pid_of(&child[0])));
    calls.abort_all();
    assert!(calls.join_next().await.unwrap().unwrap_err().is_cancelled());
    gone(pid_of(&started[0])).await;
    gone(pid_of(&child[0])).await;
    // Its place is free again.
    open(&fixture.shared());
    value(&host, "gate", "{}").await;
}

#[tokio::test]
async fn shutting_down_ends_everything() {
    let fixture = Fixture::new();
    let host = Arc::new(fixture.host([gate(&fixture, 1)]).await);
    let invoking = Arc::clone(&host);
    let call = tokio::spawn(async move { invoking.invoke(Invocation::new("gate", "{}")).await });
    let started = files(&fixture.shared(), "started-", 1).await;
    host.shutdown().await;
    assert!(!is_running(pid_of(&started[0])));
    let error = call.await.unwrap().unwrap_err();
    assert!(
        matches!(error, InvokeError::Host(HostError::ShutDown)),
        "{error}"
    );
    assert!(matches!(
        host.declare(gate(&fixture, 1)),
        Err(HostError::ShutDown)
    ));
}

#[tokio::test]
async fn dropping_the_host_ends_idle_processes() {
    let fixture = Fixture::new();
    let source = "import os\ndef handler(e, c): return os.getpid()";
    let host = fixture.host([fixture.python("pid", source)]).await;
    let pid = u32::try_from(value(&host, "pid", "{}").await.as_u64().unwrap()).unwrap();
    assert!(is_running(pid));
    drop(host);
    gone(pid).await;
}

#[tokio::test]
async fn idle_processes_end_after_a_while() {
    let fixture = Fixture::new();
    let source = "import os\ndef handler(e, c): return os.getpid()";
    let options = HostOptions {
        idle_timeout: Duration::from_millis(200),
        ..fixture.options()
    };
    let host = Host::start([fixture.python("pid", source)], options)
        .await
        .unwrap();
    let pid = u32::try_from(value(&host, "pid", "{}").await.as_u64().unwrap()).unwrap();
    gone(pid).await;
    assert_ne!(value(&host, "pid", "{}").await, pid);
}

#[tokio::test]
async fn an_idle_process_that_died_is_replaced() {
    let fixture = Fixture::new();
    // The process ends itself as soon as the test asks, between two invocations.
    let source = "
import os, threading, time
def watch():
    while not os.path.exists(os.environ['SHARED'] + '/die'):
        time.sleep(0.005)
    os.remove(os.environ['SHARED'] + '/die')
    os._exit(1)
threading.Thread(target=watch, daemon=True).start()
def handler(e, c): return os.getpid()
";
    let host = fixture.host([fixture.python("pid", source)]).await;
    let pid = u32::try_from(value(&host, "pid", "{}").await.as_u64().unwrap()).unwrap();
    fs::write(fixture.shared().join("die"), "").unwrap();
    gone(pid).await;
    assert_ne!(value(&host, "pid", "{}").await, pid);
}

#[tokio::test]
async fn a_slow_initialisation_counts_against_the_timeout() {
    let fixture = Fixture::new();
    let mut hangs = fixture.python("hangs", "import time\ntime.sleep(600)");
    hangs.timeout = Duration::from_secs(1);
    let slow = fixture.python("slow", "def handler(e, c): return 1");
    // No interpreter starts within a millisecond.
    let options = HostOptions {
        init_timeout: Duration::from_millis(1),
        ..fixture.options()
    };
    let host = Host::start([hangs, slow], options).await.unwrap();
    assert_eq!(
        fail(&host, "hangs", "{}").await,
        r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ID Error: Task timed out after 1.00 seconds"}"#
    );
    assert_eq!(succeed(&host, "slow", "{}").await, "1");
}

#[tokio::test]
async fn functions_come_and_go() {
    let fixture = Fixture::new();
    let host = fixture.host([]).await;
    let not_found = |name: &str, version: &str| {
        format!(
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:{name}:{version}"
        )
    };
    let refused = async |name: &str| {
        let error = host.invoke(Invocation::new(name, "{}")).await.unwrap_err();
        assert_eq!(
            (error.code(), error.status()),
            ("ResourceNotFoundException", 404)
        );
        error.to_string()
    };
    assert_eq!(refused("f").await, not_found("f", "$LATEST"));
    host.declare(fixture.python("f", "def handler(e, c): return 1"))
        .unwrap();
    assert_eq!(succeed(&host, "f", "{}").await, "1");
    assert_eq!(succeed(&host, "f:$LATEST", "{}").await, "1");
    assert_eq!(refused("f:live").await, not_found("f", "live"));
    host.declare(fixture.node("f", "mjs", "export const handler = async () => 2;"))
        .unwrap();
    assert_eq!(succeed(&host, "f", "{}").await, "2");
    assert_eq!(host.functions().len(), 1);
    assert!(host.remove(None, "f"));
    assert!(!host.remove(None, "f"));
    assert_eq!(refused("f").await, not_found("f", "$LATEST"));
}

#[tokio::test]
async fn bad_declarations_are_refused() {
    let fixture = Fixture::new();
    let function = fixture.python("f", "");
    let twice = Host::start([function.clone(), function.clone()], fixture.options()).await;
    assert!(matches!(twice, Err(HostError::DuplicateFunction { .. })));
    let mut absent = function.clone();
    absent.code = Some(fixture.path("nowhere"));
    let error = Host::start([absent], fixture.options())
        .await
        .err()
        .unwrap();
    assert!(error.to_string().contains("nowhere"), "{error}");
    let mut long = function;
    long.timeout = Duration::from_secs(1000);
    let error = Host::start([long], fixture.options()).await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "function 'f': timeout: must be 1 to 900 whole seconds"
    );
}

#[tokio::test]
async fn a_missing_language_is_named_with_a_remedy() {
    let fixture = Fixture::new();
    let options = HostOptions {
        search_path: Some(fixture.shared().into()),
        ..fixture.options()
    };
    let functions = [
        fixture.python("charge", ""),
        fixture.function("ship", NODE, "a.b"),
    ];
    let host = Host::start(functions, options).await.unwrap();
    let problems = host.check().await;
    let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "function 'charge' needs python3 for its runtime python3.12, and PATH has none that runs",
            "function 'ship' needs node for its runtime nodejs20.x, and PATH has none that runs",
        ]
    );
    assert!(
        problems
            .iter()
            .all(|problem| problem.help().unwrap().starts_with("install "))
    );
    let error = host
        .invoke(Invocation::new("charge", "{}"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, InvokeError::Host(HostError::MissingRuntime { .. })),
        "{error}"
    );
}

#[tokio::test]
async fn another_version_is_only_noted() {
    let fixture = Fixture::new();
    let mut function = fixture.python("old", "def handler(e, c): return 1");
    function.runtime = "python3.1".parse().unwrap();
    let host = fixture.host([function]).await;
    assert_eq!(succeed(&host, "old", "{}").await, "1");
    let note = fixture.line(|line| line.source == LogSource::Host).await;
    assert!(
        note.text
            .starts_with("functions that declare python3.1 run on version 3."),
        "{}",
        note.text
    );
}

#[tokio::test]
async fn payloads_are_checked_first() {
    let fixture = Fixture::new();
    let host = fixture.host([fixture.python("f", "")]).await;
    for (payload, code, status) in [
        ("{".to_owned(), "InvalidRequestContentException", 400),
        (
            " ".repeat(6 * 1024 * 1024 + 1),
            "RequestTooLargeException",
            413,
        ),
    ] {
        let error = host
            .invoke(Invocation::new("f", payload))
            .await
            .unwrap_err();
        assert_eq!((error.code(), error.status()), (code, status));
    }
}
