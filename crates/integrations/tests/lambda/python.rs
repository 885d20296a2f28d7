//! Python handlers answer as on the managed runtimes.

use serde_json::{Value, json};
use stepmill_integrations::lambda::{Invocation, LogSource};

use crate::support::{Fixture, PYTHON, call, fail, succeed, value};

/// Handler source, event, payload.
const RESULTS: &[(&str, &str, &str, &str)] = &[
    (
        "dict",
        "def handler(e, c): return {'a': 1, 'b': [1, 2.5, None]}",
        "{}",
        r#"{"a": 1, "b": [1, 2.5, null]}"#,
    ),
    (
        "identity",
        "def handler(e, c): return e",
        r#"{"b":1,"a":"ü"}"#,
        r#"{"b": 1, "a": "ü"}"#,
    ),
    ("empty", "def handler(e, c): return e", "", "{}"),
    ("none", "def handler(e, c): pass", "1", "null"),
    (
        "text",
        "def handler(e, c): return 'got %s' % (e,)",
        r#"{"a":1}"#,
        r#""got {'a': 1}""#,
    ),
    (
        "bytes",
        "def handler(e, c): return b'\"Hello\"'",
        "1",
        r#""Hello""#,
    ),
    (
        "decimal",
        "from decimal import Decimal\ndef handler(e, c): return [Decimal('1.10'), b'x']",
        "1",
        r#"[1.10, "x"]"#,
    ),
    (
        "stdin",
        "import sys\ndef handler(e, c): return sys.stdin.read()",
        "1",
        r#""""#,
    ),
];

#[tokio::test]
async fn results_are_serialised_as_on_aws() {
    let fixture = Fixture::new();
    let functions = RESULTS
        .iter()
        .map(|(name, source, ..)| fixture.python(name, source));
    let host = fixture.host(functions).await;
    for (name, _, event, payload) in RESULTS {
        assert_eq!(succeed(&host, name, event).await, *payload, "{name}");
    }
}

/// Handler source, payload of the error.
const ERRORS: &[(&str, &str, &str)] = &[
    (
        "raise",
        "def handler(event, context):\n    raise Exception(\"The card was declined.\")\n",
        r#"{"errorMessage": "The card was declined.", "errorType": "Exception", "requestId": "ID", "stackTrace": ["  File \"/var/task/handler.py\", line 2, in handler\n    raise Exception(\"The card was declined.\")\n"]}"#,
    ),
    (
        "custom",
        "class Declined(Exception):\n    pass\n\n\ndef handler(event, context):\n    fail()\n\n\ndef fail():\n    raise Declined()\n",
        r#"{"errorMessage": "", "errorType": "Declined", "requestId": "ID", "stackTrace": ["  File \"/var/task/handler.py\", line 6, in handler\n    fail()\n", "  File \"/var/task/handler.py\", line 10, in fail\n    raise Declined()\n"]}"#,
    ),
    (
        "marshal",
        "def handler(event, context): return {1, 2}",
        r#"{"errorMessage": "Unable to marshal response: Object of type set is not JSON serializable", "errorType": "Runtime.MarshalError", "requestId": "ID", "stackTrace": []}"#,
    ),
    (
        "import",
        "import no_such_module_anywhere",
        r#"{"errorMessage": "Unable to import module 'handler': No module named 'no_such_module_anywhere'", "errorType": "Runtime.ImportModuleError", "requestId": "", "stackTrace": []}"#,
    ),
    (
        "missing",
        "def other(event, context): pass",
        r#"{"errorMessage": "Handler 'handler' missing on module 'handler'", "errorType": "Runtime.HandlerNotFound", "requestId": "", "stackTrace": []}"#,
    ),
    (
        "exit",
        "import sys\ndef handler(event, context): sys.exit(1)",
        r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited with error: exit status 1"}"#,
    ),
    (
        "leave",
        "import os\ndef handler(event, context): os._exit(0)",
        r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited without providing a reason"}"#,
    ),
    (
        "killed",
        "import os\ndef handler(event, context): os.kill(os.getpid(), 9)",
        r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited with error: signal: killed"}"#,
    ),
    (
        "initexit",
        "import sys\nsys.exit(3)",
        r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited with error: exit status 3"}"#,
    ),
    (
        "large",
        "def handler(event, context): return 'a' * (7 * 1024 * 1024)",
        r#"{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}"#,
    ),
];

#[tokio::test]
async fn errors_have_the_texts_of_aws() {
    let fixture = Fixture::new();
    let functions = ERRORS
        .iter()
        .map(|(name, source, _)| fixture.python(name, source));
    let host = fixture.host(functions).await;
    for (name, _, payload) in ERRORS {
        assert_eq!(fail(&host, name, "{}").await, *payload, "{name}");
        assert_eq!(fail(&host, name, "{}").await, *payload, "{name}, again");
    }
}

#[tokio::test]
async fn an_error_while_importing_keeps_its_type() {
    let fixture = Fixture::new();
    let host = fixture
        .host([fixture.python("f", "value = {}['absent']")])
        .await;
    let error: Value = serde_json::from_str(&fail(&host, "f", "{}").await).unwrap();
    assert_eq!(error["errorType"], "KeyError");
    assert_eq!(error["errorMessage"], "'absent'");
    let last = error["stackTrace"].as_array().unwrap().last().unwrap();
    assert_eq!(
        last,
        "  File \"/var/task/handler.py\", line 1, in <module>\n    value = {}['absent']\n"
    );
}

#[tokio::test]
async fn a_syntax_error_shows_its_line() {
    let fixture = Fixture::new();
    let source = "def handler(event, context):\n    return )\n";
    let host = fixture.host([fixture.python("f", source)]).await;
    let error: Value = serde_json::from_str(&fail(&host, "f", "{}").await).unwrap();
    assert_eq!(error["errorType"], "Runtime.UserCodeSyntaxError");
    let message = "Syntax error in module 'handler': unmatched ')' (handler.py, line 2)";
    assert_eq!(error["errorMessage"], message);
    assert_eq!(error["requestId"], "");
    // Whether the line keeps its line feed depends on Python's version.
    let trace = error["stackTrace"][0].as_str().unwrap().trim_end();
    assert_eq!(
        trace,
        "  File \"/var/task/handler.py\" Line 2\n        return )"
    );
}

#[tokio::test]
async fn handlers_are_found_by_name() {
    let fixture = Fixture::new();
    fixture.write(
        "nested/dir/mod.py",
        "def run(event, context): return 'nested'",
    );
    let malformed = "Bad handler 'handler': not enough values to unpack (expected 2, got 1)";
    let host = fixture
        .host([
            fixture.function("nested", PYTHON, "dir/mod.run"),
            fixture.function("malformed", PYTHON, "handler"),
            fixture.function("builtin", PYTHON, "sys.exit"),
            fixture.function("absent", PYTHON, "app.handler"),
        ])
        .await;
    assert_eq!(succeed(&host, "nested", "{}").await, "\"nested\"");
    for (name, kind, message) in [
        ("malformed", "Runtime.MalformedHandlerName", malformed),
        (
            "builtin",
            "Runtime.BuiltInModuleConflict",
            "Cannot use built-in module sys as a handler module",
        ),
        (
            "absent",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'app'",
        ),
    ] {
        let error: Value = serde_json::from_str(&fail(&host, name, "{}").await).unwrap();
        assert_eq!(
            (&error["errorType"], &error["errorMessage"]),
            (&json!(kind), &json!(message))
        );
    }
}

#[tokio::test]
async fn the_context_is_that_of_aws() {
    let fixture = Fixture::new();
    let source = "
import os
def handler(event, context):
    return {
        'name': context.function_name,
        'version': context.function_version,
        'memory': context.memory_limit_in_mb,
        'arn': context.invoked_function_arn,
        'id': context.aws_request_id,
        'group': context.log_group_name,
        'stream': context.log_stream_name == os.environ['AWS_LAMBDA_LOG_STREAM_NAME'],
        'time': 0 < context.get_remaining_time_in_millis() <= 60000,
        'client': context.client_context and context.client_context.custom,
        'title': context.client_context and context.client_context.client.app_title,
        'cwd': os.getcwd() == os.environ['LAMBDA_TASK_ROOT'],
        'trace': os.environ['_X_AMZN_TRACE_ID'].startswith('Root=1-'),
        'zone': os.environ['TZ'],
        'cargo': 'CARGO_MANIFEST_DIR' in os.environ,
    }
";
    let host = fixture.host([fixture.python("ctx", source)]).await;
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:ctx";
    let plain = call(&host, "ctx", "{}").await;
    let mut expected = json!({
        "name": "ctx", "version": "$LATEST", "memory": "128", "arn": arn, "id": plain.request_id,
        "group": "/aws/lambda/ctx", "stream": true, "time": true, "client": null, "title": null,
        "cwd": true, "trace": true, "zone": ":UTC", "cargo": false,
    });
    assert_eq!(
        serde_json::from_slice::<Value>(&plain.payload).unwrap(),
        expected
    );

    let text = r#"{"custom": {"k": "ü"}, "client": {"app_title": "shop"}}"#;
    let mut invocation = Invocation::new("ctx", "{}");
    invocation.qualifier = Some("$LATEST");
    invocation.client_context = Some(text.to_owned());
    let result = host.invoke(invocation).await.unwrap();
    expected["arn"] = json!(format!("{arn}:$LATEST"));
    expected["id"] = json!(result.request_id);
    expected["client"] = json!({"k": "ü"});
    expected["title"] = json!("shop");
    assert_eq!(
        serde_json::from_slice::<Value>(&result.payload).unwrap(),
        expected
    );
}

#[tokio::test]
async fn output_is_handed_on_by_function_and_invocation() {
    let fixture = Fixture::new();
    let source = "
import logging, sys
print('loading')
def handler(event, context):
    print('out', event)
    print('err', event, file=sys.stderr)
    logging.getLogger().warning('careful')
    if event == 2:
        raise ValueError('no')
";
    let host = fixture.host([fixture.python("talk", source)]).await;
    let first = call(&host, "talk", "1").await;
    let second = call(&host, "talk", "2").await;
    for (text, source, result) in [
        ("loading", LogSource::Stdout, &first),
        ("out 1", LogSource::Stdout, &first),
        ("err 1", LogSource::Stderr, &first),
        ("out 2", LogSource::Stdout, &second),
        ("err 2", LogSource::Stderr, &second),
        ("[ERROR] ValueError: no", LogSource::Stdout, &second),
    ] {
        let line = fixture.line(|line| line.text == text).await;
        assert_eq!((&*line.function, line.source), ("talk", source), "{text}");
        assert_eq!(
            line.request_id.as_deref(),
            Some(result.request_id.as_str()),
            "{text}"
        );
    }
    let logged = fixture.line(|line| line.text.ends_with("careful")).await;
    assert!(logged.text.starts_with("[WARNING]\t"), "{}", logged.text);
    assert!(logged.text.contains(&first.request_id), "{}", logged.text);
}

#[tokio::test]
async fn large_payloads_pass() {
    let fixture = Fixture::new();
    let host = fixture
        .host([fixture.python("echo", "def handler(e, c): return e")])
        .await;
    let event = format!("\"{}\"", "a".repeat(6 * 1024 * 1024 - 2));
    assert_eq!(succeed(&host, "echo", &event).await.len(), event.len());
}

#[tokio::test]
async fn a_warm_process_keeps_its_state() {
    let fixture = Fixture::new();
    let source = "
import os
count = 0
def handler(event, context):
    global count
    count += 1
    if event == 'fail':
        raise ValueError(count)
    return [count, os.getpid()]
";
    let host = fixture.host([fixture.python("count", source)]).await;
    let first = value(&host, "count", "{}").await;
    fail(&host, "count", "\"fail\"").await;
    let third = value(&host, "count", "{}").await;
    assert_eq!((&first[0], &third[0]), (&json!(1), &json!(3)));
    assert_eq!(first[1], third[1]);
}
