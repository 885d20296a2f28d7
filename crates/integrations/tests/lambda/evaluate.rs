//! Expressions evaluated in this process, and by Node.js with the very handler that is deployed to AWS.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use stepmill_integrations::lambda::{Function, Host, HostOptions, Invocation, Runtime};

use crate::support::{Fixture, NODE, PATIENCE, call, fail, value};

const EXPRESSIONS: &str = include_str!("../data/expressions.json");
const HOSTILE: &str = include_str!("../data/hostile-expressions.json");

fn cases(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

/// A function without Node.js.
fn own(seconds: u64) -> Function {
    let mut function = Function::evaluate_expression("own");
    function.timeout = Duration::from_secs(seconds);
    function
}

/// Where the handler is that constructs deploy.
fn deployed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../constructs/assets/evaluate-expression")
}

/// The same handler with Node.js.
fn node() -> Function {
    let mut function = Function::new("node", NODE, "index.handler", deployed());
    function.timeout = PATIENCE;
    function
}

/// What came of an expression, with the names that cases have: `result`, or `error` and `message`.
async fn outcome(host: &Host, function: &str, case: &Value) -> Value {
    let mut event = json!({"expression": case["expression"]});
    if let Some(values) = case.get("values") {
        event["expressionAttributeValues"] = values.clone();
    }
    let result = call(host, function, &event.to_string()).await;
    let text = String::from_utf8(result.payload).unwrap();
    let text = text.replace(&result.request_id, "ID");
    // What is JSON for JavaScript is not always text: half of a surrogate pair.
    let payload = serde_json::from_str(&text).unwrap_or(Value::String(text));
    match result.function_error {
        Some(_) => json!({"error": payload["errorType"], "message": payload["errorMessage"]}),
        None => json!({"result": payload}),
    }
}

/// Asserts that an outcome has what is expected of it.
fn assert_has(outcome: &Value, expected: &Value, who: &str) {
    let members = ["result", "error", "message"];
    let expected = members.map(|name| expected.get(name));
    assert!(
        expected.iter().any(Option::is_some),
        "{who}: nothing is expected"
    );
    for (name, expected) in members.into_iter().zip(expected) {
        if let Some(expected) = expected {
            assert_eq!(outcome.get(name), Some(expected), "{who}: {outcome}");
        }
    }
}

/// Each case is also what Node.js says, but where `node` says otherwise (null: it is not asked), and `why`. A case that
/// `leaves` something behind does so only in Node.js's process.
#[tokio::test]
async fn expressions_have_the_results_of_nodejs() {
    let fixture = Fixture::new();
    let host = fixture.host([own(10), node()]).await;
    for case in &cases(EXPRESSIONS) {
        let name = case["name"].as_str().unwrap();
        let ours = outcome(&host, "own", case).await;
        assert_has(&ours, case, name);
        let expected = case.get("node");
        assert_eq!(
            expected.is_some(),
            case.get("why").is_some(),
            "{name}: say why"
        );
        match expected {
            Some(Value::Null) => continue,
            Some(expected) => {
                let theirs = outcome(&host, "node", case).await;
                assert_has(&theirs, expected, &format!("{name}, Node.js"));
                assert_ne!(ours, theirs, "{name} is no difference any more");
            }
            None => assert_eq!(outcome(&host, "node", case).await, ours, "{name}, Node.js"),
        }
        if case.get("leaves").is_some() {
            host.declare(node()).unwrap();
        }
    }
}

#[tokio::test]
async fn hostile_expressions_end() {
    let fixture = Fixture::new();
    let short = Function {
        name: "short".to_owned(),
        ..own(1)
    };
    let host = fixture.host([short, own(10)]).await;
    for case in &cases(HOSTILE) {
        let name = case["name"].as_str().unwrap();
        // Only what never ends is not given the time to end.
        let function = match case["error"] == "Sandbox.Timedout" {
            true => "short",
            false => "own",
        };
        assert_has(&outcome(&host, function, case).await, case, name);
    }
    // What was there before is as it was.
    assert_eq!(
        value(&host, "own", r#"{"expression": "1 + 1"}"#).await,
        json!(2)
    );
}

#[tokio::test]
async fn errors_have_a_trace_and_the_console_writes_to_the_log() {
    let fixture = Fixture::new();
    let host = fixture.host([own(10)]).await;
    let error = fail(
        &host,
        "own",
        r#"{"expression": "throw new TypeError('one\\ntwo')"}"#,
    )
    .await;
    let error: Value = serde_json::from_str(&error).unwrap();
    let trace = error["trace"].as_array().unwrap();
    assert_eq!(trace[..2], [json!("TypeError: one"), json!("two")]);
    assert!(
        trace
            .last()
            .unwrap()
            .as_str()
            .unwrap()
            .contains("/var/task/index.js"),
        "{trace:?}"
    );

    let says = r#"console.log("%s has %d%% of %j", "x", "5", {a: [1]}, [2], undefined); console.error(new Error("e"))"#;
    call(&host, "own", &json!({"expression": says}).to_string()).await;
    fixture
        .line(|line| line.text == r#"x has 5% of {"a":[1]} [2] undefined"#)
        .await;
    fixture.line(|line| line.text == "Error: e").await;
    let flood = "for (let i = 0; i < 1000; i++) console.log('x'.repeat(1000))";
    call(&host, "own", &json!({"expression": flood}).to_string()).await;
    fixture
        .line(|line| line.text.contains("is dropped: more than 262144 bytes"))
        .await;
}

/// A handler of the CDK before version 2.276 puts values in the places of their paths, also within texts.
#[tokio::test]
async fn a_function_may_bring_its_own_handler() {
    let fixture = Fixture::new();
    let code = "
        exports.other = async ({ expression, expressionAttributeValues }) => {
            for (const [path, value] of Object.entries(expressionAttributeValues)) {
                expression = expression.replaceAll(path, JSON.stringify(value));
            }
            return [eval][0](expression);
        };";
    fixture.write("bring/file.js", code);
    fixture.write("broken/index.js", "exports.handler = (");
    fixture.write("empty/index.js", "");
    fixture.write("large/index.js", &" ".repeat(262_145));
    let bring = |name: &str, handler: &str| {
        Function::new(
            name,
            Runtime::EvaluateExpression,
            handler,
            fixture.path(name),
        )
    };
    let names = ["broken", "empty", "large"];
    let functions = names.map(|name| bring(name, "index.handler"));
    let host = fixture.host(functions).await;
    host.declare(bring("bring", "file.other")).unwrap();
    assert!(host.check().await.is_empty());
    let event =
        r#"{"expression": "'waited $.n seconds'", "expressionAttributeValues": {"$.n": 5}}"#;
    assert_eq!(
        value(&host, "bring", event).await,
        json!("waited 5 seconds")
    );
    let kind = |text: String| serde_json::from_str::<Value>(&text).unwrap()["errorType"].clone();
    assert_eq!(
        kind(fail(&host, "broken", event).await),
        "Runtime.UserCodeSyntaxError"
    );
    assert_eq!(
        kind(fail(&host, "empty", event).await),
        "Runtime.HandlerNotFound"
    );
    let refused = host
        .invoke(Invocation::new("large", event))
        .await
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .ends_with("it has more than 262144 bytes"),
        "{refused}"
    );
    fs::remove_file(fixture.path("bring/file.js")).unwrap();
    let refused = host
        .invoke(Invocation::new("bring", event))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("file.js"), "{refused}");
}

#[tokio::test(flavor = "current_thread")]
async fn the_runtimes_threads_do_not_wait_for_an_evaluation() {
    let mut function = own(10);
    function.concurrency = 1;
    let host = Host::start([function], HostOptions::default())
        .await
        .unwrap();
    let host = Arc::new(host);
    let other = host.clone();
    let begun = tokio::spawn(async move {
        let event = r#"{"expression": "for (;;);"}"#;
        other.invoke(Invocation::new("own", event)).await
    });
    // This thread is the runtime's only one: it goes on while the loop runs.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!begun.is_finished());
    begun.abort();
    assert!(begun.await.unwrap_err().is_cancelled());
    assert_eq!(
        value(&host, "own", r#"{"expression": "1"}"#).await,
        json!(1)
    );
}
