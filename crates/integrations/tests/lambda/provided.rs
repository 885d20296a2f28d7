//! Custom runtimes speak the Runtime API, and only their own part of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use stepmill_integrations::lambda::{
    Function, FunctionErrorKind, Host, HostError, InvokeError, Runtime,
};

use crate::support::{Fixture, call, fail, value};

const PRELUDE: &str = "#!/usr/bin/env python3
import json, os, sys, time, urllib.error, urllib.request
API = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime'
def call(path, body=None, headers={}):
    request = urllib.request.Request(API + path, body, headers)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()
def next():
    status, headers, body = call('/invocation/next')
    return headers['Lambda-Runtime-Aws-Request-Id'], headers, body
";

fn custom(fixture: &Fixture, name: &str, source: &str) -> Function {
    let function = fixture.function(name, Runtime::ProvidedAl2023, Function::DEFAULT_EXECUTABLE);
    fixture.write(&format!("{name}/bootstrap"), &format!("{PRELUDE}{source}"));
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(fixture.path(&format!("{name}/bootstrap")), mode).unwrap();
    function
}

#[tokio::test]
async fn a_custom_runtime_answers() {
    let fixture = Fixture::new();
    let source = "
while True:
    id, headers, body = next()
    out = {'event': json.loads(body), 'handler': os.environ['_HANDLER'],
           'managed': 'AWS_EXECUTION_ENV' in os.environ, 'type': headers['Content-Type']}
    if body == b'\"fail\"':
        call(f'/invocation/{id}/error', b'{\"errorType\":\"Mine\"}')
    elif body == b'\"handled\"':
        call(f'/invocation/{id}/error', b'{}', {'Lambda-Runtime-Function-Error-Type': 'Handled'})
    else:
        call(f'/invocation/{id}/response', json.dumps(out).encode())
";
    let host = fixture.host([custom(&fixture, "own", source)]).await;
    let expected =
        json!({"event": [1], "handler": "bootstrap", "managed": false, "type": "application/json"});
    assert_eq!(value(&host, "own", "[1]").await, expected);
    assert_eq!(
        fail(&host, "own", "\"fail\"").await,
        r#"{"errorType":"Mine"}"#
    );
    let handled = call(&host, "own", "\"handled\"").await;
    assert_eq!(handled.function_error, Some(FunctionErrorKind::Handled));
    assert_eq!(handled.payload, b"{}");
}

#[tokio::test]
async fn calls_out_of_turn_are_refused() {
    let fixture = Fixture::new();
    let source = "
import uuid
before = call(f'/invocation/{uuid.uuid4()}/response', b'1')
id, headers, body = next()
kind = lambda answer: [answer[0], json.loads(answer[2] or b'{}').get('errorType')]
out = [
    kind(before),
    kind(call('/invocation/next')),
    kind(call(f'/invocation/{uuid.uuid4()}/response', b'1')),
    kind(call(f'/invocation/{uuid.uuid4()}/error', b'1')),
    kind(call('/init/error', b'{}')),
    kind(call(f'/invocation/{id}/response', b'1', {'Origin': 'http://evil.example'})),
    kind(call(f'/invocation/{id}/response', b'1', {'Host': 'evil.example'})),
    kind(call('/elsewhere')),
]
call(f'/invocation/{id}/response', json.dumps(out).encode())
again = kind(call(f'/invocation/{id}/response', b'2'))
id, headers, body = next()
call(f'/invocation/{id}/response', json.dumps(again).encode())
next()
";
    let host = fixture.host([custom(&fixture, "odd", source)]).await;
    assert_eq!(
        value(&host, "odd", "{}").await,
        json!([
            [400, "InvalidRequestID"],
            [403, "InvalidStateTransition"],
            [400, "InvalidRequestID"],
            [400, "InvalidRequestID"],
            [403, "InvalidStateTransition"],
            [403, null],
            [403, null],
            [404, null],
        ])
    );
    assert_eq!(
        value(&host, "odd", "{}").await,
        json!([400, "InvalidRequestID"])
    );
}

#[tokio::test]
async fn one_process_cannot_answer_for_another() {
    let fixture = Fixture::new();
    let victim = "
id, headers, body = next()
with open(os.environ['SHARED'] + '/new', 'w') as file:
    json.dump([API, id], file)
os.rename(os.environ['SHARED'] + '/new', os.environ['SHARED'] + '/victim')
while not os.path.exists(os.environ['SHARED'] + '/tried'):
    time.sleep(0.005)
call(f'/invocation/{id}/response', b'\"honest\"')
next()
";
    let thief = "
own, headers, body = next()
while not os.path.exists(os.environ['SHARED'] + '/victim'):
    time.sleep(0.005)
_, id = json.load(open(os.environ['SHARED'] + '/victim'))
status, _, _ = call(f'/invocation/{id}/response', b'\"stolen\"')
open(os.environ['SHARED'] + '/tried', 'w').close()
call(f'/invocation/{own}/response', str(status).encode())
next()
";
    let host = fixture
        .host([
            custom(&fixture, "victim", victim),
            custom(&fixture, "thief", thief),
        ])
        .await;
    let (honest, status) = tokio::join!(value(&host, "victim", "{}"), value(&host, "thief", "{}"));
    assert_eq!((honest, status), (json!("honest"), json!(400)));
}

#[tokio::test]
async fn initialisation_errors_answer_the_invocation() {
    let fixture = Fixture::new();
    let source = "
call('/init/error', b'{\"errorType\":\"Runtime.Mine\"}')
sys.exit(1)
";
    let host = fixture.host([custom(&fixture, "init", source)]).await;
    assert_eq!(
        fail(&host, "init", "{}").await,
        r#"{"errorType":"Runtime.Mine"}"#
    );
}

#[tokio::test]
async fn an_error_after_streamed_data_is_an_error() {
    let fixture = Fixture::new();
    let source = "
import base64, http.client
id, headers, body = next()
connection = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
connection.putrequest('POST', f'/2018-06-01/runtime/invocation/{id}/response')
connection.putheader('Lambda-Runtime-Function-Response-Mode', 'streaming')
connection.putheader('Transfer-Encoding', 'chunked')
connection.putheader('Trailer', 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body')
connection.endheaders()
error = base64.b64encode(b'{\"errorType\":\"Midway\"}')
connection.send(b'4\\r\\nhalf\\r\\n0\\r\\nLambda-Runtime-Function-Error-Type: Midway\\r\\n'
                b'Lambda-Runtime-Function-Error-Body: ' + error + b'\\r\\n\\r\\n')
connection.getresponse().read()
next()
";
    let host = fixture.host([custom(&fixture, "stream", source)]).await;
    assert_eq!(
        fail(&host, "stream", "{}").await,
        r#"{"errorType":"Midway"}"#
    );
}

#[tokio::test]
async fn the_executable_must_be_there() {
    let fixture = Fixture::new();
    let absent = fixture.function("absent", Runtime::Provided, "server");
    let plain = custom(&fixture, "plain", "");
    fs::set_permissions(
        fixture.path("plain/bootstrap"),
        fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    let host = fixture.host([absent, plain]).await;
    let problems: Vec<_> = host.check().await.iter().map(ToString::to_string).collect();
    let path = |name| fixture.path(name).canonicalize().unwrap();
    assert_eq!(
        problems,
        [
            format!(
                "function 'absent': {} is not an executable file",
                path("absent").join("server").display()
            ),
            format!(
                "function 'plain': {} is not an executable file",
                path("plain/bootstrap").display()
            ),
        ]
    );
    let error = refuse(&host, "plain").await;
    let InvokeError::Host(error @ HostError::NotExecutable { .. }) = error else {
        panic!("unexpected {error}")
    };
    assert!(error.help().unwrap().contains("chmod +x"));
}

async fn refuse(host: &Host, function: &str) -> InvokeError {
    let invocation =
        stepmill_integrations::lambda::Invocation::new(function, Value::Null.to_string());
    host.invoke(invocation).await.unwrap_err()
}
