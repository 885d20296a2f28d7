//! Node handlers answer as on the managed runtimes.

use serde_json::{Value, json};

use crate::support::{Fixture, NODE, call, fail, succeed, value};

/// File extension, source, event, payload.
const RESULTS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "async",
        "mjs",
        "export const handler = async (e) => ({ got: e, n: 1.5 });",
        r#"{"a":"ü"}"#,
        r#"{"got":{"a":"ü"},"n":1.5}"#,
    ),
    (
        "sync",
        "js",
        "exports.handler = (e, c, callback) => callback(null, [e]);",
        "1",
        "[1]",
    ),
    (
        "common",
        "cjs",
        "exports.handler = async () => {};",
        "1",
        "null",
    ),
    (
        "promise",
        "js",
        "exports.handler = () => Promise.resolve('x');",
        "1",
        "\"x\"",
    ),
    (
        "late",
        "js",
        "exports.handler = (e, c, callback) => { setTimeout(() => callback(null, 'late'), 20); };",
        "1",
        "\"late\"",
    ),
    (
        "drains",
        "js",
        "let n = 0; exports.handler = (e, c, cb) => { setTimeout(() => { n = 1; }, 20); cb(null, { get n() { return n; } }); };",
        "1",
        r#"{"n":1}"#,
    ),
    (
        "hurries",
        "js",
        "let n = 0; exports.handler = (e, c, cb) => { c.callbackWaitsForEmptyEventLoop = false; setTimeout(() => { n = 1; }, 1e6).unref(); cb(null, n); };",
        "1",
        "0",
    ),
    (
        "succeed",
        "js",
        "exports.handler = (e, c) => c.succeed('s');",
        "1",
        "\"s\"",
    ),
    ("forgets", "js", "exports.handler = () => {};", "1", "null"),
    (
        "first",
        "js",
        "exports.handler = (e, c, cb) => { cb(null, 1); cb(new Error('second')); };",
        "1",
        "1",
    ),
];

#[tokio::test]
async fn results_are_serialised_as_on_aws() {
    let fixture = Fixture::new();
    let functions = RESULTS
        .iter()
        .map(|(name, extension, source, ..)| fixture.node(name, extension, source));
    let host = fixture.host(functions).await;
    for (name, _, _, event, payload) in RESULTS {
        assert_eq!(succeed(&host, name, event).await, *payload, "{name}");
        assert_eq!(succeed(&host, name, event).await, *payload, "{name}, again");
    }
}

/// File extension, source, payload of the error.
const ERRORS: &[(&str, &str, &str, &str)] = &[
    (
        "throws",
        "mjs",
        "export const handler = async () => {\n  throw new TypeError('no good');\n};\n",
        r#"{"errorType":"TypeError","errorMessage":"no good","trace":["TypeError: no good","    at Runtime.handler (file:///var/task/index.mjs:2:9)"]}"#,
    ),
    (
        "calls",
        "js",
        "exports.handler = (e, c, callback) => {\n  callback(new RangeError('far'));\n};\n",
        r#"{"errorType":"RangeError","errorMessage":"far","trace":["RangeError: far","    at Runtime.handler (/var/task/index.js:2:12)"]}"#,
    ),
    (
        "custom",
        "js",
        "class Declined extends Error {\n  name = 'Declined';\n}\nfunction charge() {\n  throw new Declined('card');\n}\nexports.handler = () => charge();\n",
        r#"{"errorType":"Declined","errorMessage":"card","trace":["Declined: card","    at charge (/var/task/index.js:5:9)","    at Runtime.handler (/var/task/index.js:7:25)"]}"#,
    ),
    (
        "text",
        "js",
        "exports.handler = async () => { throw 'a text'; };",
        r#"{"errorType":"string","errorMessage":"a text","trace":[]}"#,
    ),
    (
        "nothing",
        "js",
        "exports.handler = (e, context) => context.fail();",
        r#"{"errorType":"string","errorMessage":"handled","trace":[]}"#,
    ),
    (
        "rejects",
        "js",
        "exports.handler = () => { Promise.reject(new Error('lost')); return new Promise(() => setTimeout(() => {}, 1e6)); };",
        r#"{"errorType":"Runtime.UnhandledPromiseRejection","errorMessage":"Error: lost","trace":["Runtime.UnhandledPromiseRejection: Error: lost"]}"#,
    ),
    (
        "exit",
        "js",
        "exports.handler = () => process.exit(2);",
        r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited with error: exit status 2"}"#,
    ),
    (
        "missing",
        "js",
        "exports.other = () => {};",
        r#"{"errorType":"Runtime.HandlerNotFound","errorMessage":"index.handler is undefined or not exported","trace":["Runtime.HandlerNotFound: index.handler is undefined or not exported"]}"#,
    ),
    (
        "notcode",
        "js",
        "exports.handler = 1;",
        r#"{"errorType":"Runtime.HandlerNotFound","errorMessage":"index.handler is not a function","trace":["Runtime.HandlerNotFound: index.handler is not a function"]}"#,
    ),
    (
        "circular",
        "js",
        "exports.handler = async () => { const a = {}; a.a = a; return a; };",
        r#"{"errorType":"Error","errorMessage":"Unable to stringify response body","trace":["Error: Unable to stringify response body"]}"#,
    ),
    (
        "streams",
        "mjs",
        "export const handler = awslambda.streamifyResponse(() => {});",
        r#"{"errorType":"Error","errorMessage":"Response streaming (awslambda.streamifyResponse) does not run locally","trace":["Error: Response streaming (awslambda.streamifyResponse) does not run locally"]}"#,
    ),
];

#[tokio::test]
async fn errors_have_the_texts_of_aws() {
    let fixture = Fixture::new();
    let functions = ERRORS
        .iter()
        .map(|(name, extension, source, _)| fixture.node(name, extension, source));
    let host = fixture.host(functions).await;
    for (name, _, _, payload) in ERRORS {
        // V8's label of a method depends on its version.
        let error = fail(&host, name, "{}")
            .await
            .replace("exports.handler (", "Runtime.handler (");
        assert_eq!(error, *payload, "{name}");
    }
}

#[tokio::test]
async fn code_that_does_not_load_says_why() {
    let fixture = Fixture::new();
    let host = fixture
        .host([
            fixture.node("syntax", "js", "exports.handler = ) => {};"),
            fixture.node("needs", "js", "require('no-such-package');"),
            fixture.node("imports", "mjs", "import './absent.mjs';"),
            fixture.function("absent", NODE, "app.handler"),
            fixture.function("outside", NODE, "../app.handler"),
            fixture.node(
                "hangs",
                "mjs",
                "export const handler = async () => new Promise(() => {});",
            ),
        ])
        .await;
    for (name, kind, message) in [
        (
            "syntax",
            "Runtime.UserCodeSyntaxError",
            "SyntaxError: Unexpected token ')'",
        ),
        (
            "needs",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'no-such-package'\nRequire stack:\n- /var/task/index.js\n- /var/runtime/index.mjs",
        ),
        (
            "imports",
            "Error",
            "Cannot find module '/var/task/absent.mjs' imported from /var/task/index.mjs",
        ),
        (
            "absent",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'app'\nRequire stack:\n- /var/runtime/index.mjs",
        ),
        (
            "outside",
            "Runtime.MalformedHandlerName",
            "'../app.handler' is not a valid handler name. Use absolute paths when specifying root directories in handler names.",
        ),
        (
            "hangs",
            "Runtime.NodeJsExit",
            "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes",
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
async fn an_uncaught_exception_ends_the_process_but_is_reported() {
    let fixture = Fixture::new();
    let source = "
exports.handler = (event) => {
  if (event === 1) setImmediate(() => { throw new Error('late'); });
  return event === 1 ? new Promise((r) => setTimeout(r, 1e6)) : Promise.resolve(process.pid);
};
";
    let host = fixture.host([fixture.node("f", "js", source)]).await;
    let before = value(&host, "f", "0").await;
    let error: Value = serde_json::from_str(&fail(&host, "f", "1").await).unwrap();
    assert_eq!(
        (&error["errorType"], &error["errorMessage"]),
        (&json!("Error"), &json!("late"))
    );
    let place = error["trace"][1].as_str().unwrap();
    assert!(place.contains("(/var/task/index.js:3:"), "{place}");
    assert_ne!(value(&host, "f", "0").await, before);
}

#[tokio::test]
async fn modules_and_handlers_are_found_by_name() {
    let fixture = Fixture::new();
    fixture.write(
        "nested/src/app.js",
        "exports.api = { run: async () => 'nested' };",
    );
    fixture.write("typed/package.json", "{\"type\": \"module\"}");
    fixture.write(
        "typed/index.js",
        "export const handler = async () => import.meta.url;",
    );
    let host = fixture
        .host([
            fixture.function("nested", NODE, "src/app.api.run"),
            fixture.function("typed", NODE, "index.handler"),
        ])
        .await;
    assert_eq!(succeed(&host, "nested", "{}").await, "\"nested\"");
    assert!(
        succeed(&host, "typed", "{}")
            .await
            .starts_with("\"file:///")
    );
}

#[tokio::test]
async fn the_context_is_that_of_aws() {
    let fixture = Fixture::new();
    let source = "
export const handler = async (event, context) => ({
  name: context.functionName,
  version: context.functionVersion,
  memory: context.memoryLimitInMB,
  arn: context.invokedFunctionArn,
  id: context.awsRequestId,
  group: context.logGroupName,
  time: context.getRemainingTimeInMillis() > 0 && context.getRemainingTimeInMillis() <= 60000,
  root: process.cwd() === process.env.LAMBDA_TASK_ROOT,
  execution: process.env.AWS_EXECUTION_ENV,
});
";
    let host = fixture.host([fixture.node("ctx", "mjs", source)]).await;
    let result = call(
        &host,
        "arn:aws:lambda:us-east-1:000000000000:function:ctx:$LATEST",
        "",
    )
    .await;
    assert_eq!(
        serde_json::from_slice::<Value>(&result.payload).unwrap(),
        json!({
            "name": "ctx", "version": "$LATEST", "memory": "128",
            "arn": "arn:aws:lambda:us-east-1:000000000000:function:ctx:$LATEST",
            "id": result.request_id, "group": "/aws/lambda/ctx", "time": true, "root": true,
            "execution": "AWS_Lambda_nodejs20.x",
        })
    );
}
