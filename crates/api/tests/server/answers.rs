//! What is answered to requests that are right or wrong.

use serde_json::json;
use stepmill_api::{Access, AccessKey, ServeError, ServerConfig};

use crate::harness::{Server, post, refused};

const START: &str = "AWSStepFunctions.StartExecution";

#[test]
fn a_call_reaches_its_action() {
    let server = Server::start(ServerConfig::default());
    let answer = server.call(START, br#"{"stateMachineArn":"a","input":null,"x":1}"#);
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .head
            .contains("content-type: application/x-amz-json-1.0\r\n")
    );
    assert!(answer.head.contains("x-amzn-requestid: "));
    assert!(!answer.head.contains("access-control"));
    assert_eq!(
        answer.json(),
        json!({
            "operation": "StartExecution",
            "account": "000000000000",
            "region": "us-east-1",
            "request": {"stateMachineArn": "a"},
        })
    );
}

#[test]
fn any_host_and_several_accounts() {
    let server = Server::start(ServerConfig::default());
    for host in [
        "sync-localhost:80",
        "states.eu-west-1.amazonaws.com",
        "[::1]",
        "x",
    ] {
        let request = String::from_utf8(post(START, br#"{"stateMachineArn":"a"}"#)).unwrap();
        let request = request.replace("Host: localhost", &format!("Host: {host}"));
        let request = request.replace(
            "Content-Type",
            "Authorization: AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/states/aws4_request, SignedHeaders=host, Signature=0\r\nContent-Type",
        );
        let answer = server.send(request).json();
        assert_eq!(answer["account"], "123456789012", "{host}");
        assert_eq!(answer["region"], "eu-west-1", "{host}");
    }
}

#[test]
fn errors_have_their_namespaces() {
    let server = Server::start(ServerConfig::default());
    let cases = [
        (
            "AWSStepFunctions.DescribeExecution",
            &br#"{"executionArn":"a"}"#[..],
            400,
            json!({"__type": "com.amazonaws.swf.service.v2.model#ExecutionDoesNotExist", "message": "Execution Does Not Exist: 'x'"}),
        ),
        (
            START,
            b"{}",
            400,
            json!({"__type": "com.amazon.coral.validate#ValidationException", "message": "1 validation error detected: Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null"}),
        ),
        (
            START,
            b"{",
            400,
            json!({"__type": "com.amazon.coral.service#SerializationException"}),
        ),
        (
            START,
            b"{\"stateMachineArn\":\"\xff\"}",
            400,
            json!({"__type": "com.amazon.coral.service#SerializationException"}),
        ),
        (
            START,
            b"[]",
            400,
            json!({"__type": "com.amazon.coral.service#SerializationException", "message": "Start of list found where not expected"}),
        ),
        (
            "AWSStepFunctions.DescribeActivity",
            br#"{"activityArn":"a"}"#,
            500,
            json!({"__type": "com.amazon.coral.service#InternalFailure", "message": "The request processing has failed because of an unknown error, exception or failure."}),
        ),
    ];
    for (target, body, status, expected) in cases {
        let answer = server.call(target, body);
        assert_eq!(
            (answer.status, answer.json()),
            (status, expected),
            "{target}"
        );
        assert!(answer.head.contains("x-amzn-requestid: "), "{target}");
    }
    let observed = server.observed.lock().unwrap();
    let (code, internal, bytes) = observed.last().unwrap();
    assert_eq!(code.as_deref(), Some("InternalFailure"));
    assert_eq!(internal.as_deref(), Some("a secret"));
    assert_eq!(*bytes, 19);
}

#[test]
fn a_panic_is_one_request_s_failure() {
    let server = Server::start(ServerConfig::default());
    let answer = server.call("AWSStepFunctions.ListActivities", b"{}");
    assert_eq!(answer.error(), refused(500, "InternalFailure"));
    assert_eq!(
        server.call(START, br#"{"stateMachineArn":"a"}"#).status,
        200
    );
}

#[test]
fn requests_that_name_no_action() {
    let server = Server::start(ServerConfig::default());
    let unknown = refused(400, "UnknownOperationException");
    for target in [
        "",
        "StartExecution",
        "AWSStepFunctions.",
        "AWSStepFunctions.startExecution",
        "AWSStepFunctions.StartExecution.x",
        "DynamoDB_20120810.ListTables",
        "AWSStepFunctions.StartExecution\r\nX-Amz-Target: AWSStepFunctions.StopExecution",
    ] {
        assert_eq!(server.call(target, b"{}").error(), unknown, "{target}");
    }
    for kind in [
        "text/plain",
        "application/json",
        "",
        "application/x-amz-json-1.0x",
    ] {
        let request = String::from_utf8(post(START, b"{}")).unwrap();
        let request = request.replace("application/x-amz-json-1.0", kind);
        assert_eq!(server.send(request).error(), unknown, "{kind}");
    }
    let request = String::from_utf8(post(START, br#"{"stateMachineArn":"a"}"#)).unwrap();
    let request = request.replace("json-1.0", "json-1.0; charset=utf-8");
    assert_eq!(server.send(request).status, 200);
}

#[test]
fn paths_that_are_tricks() {
    let server = Server::start(ServerConfig::default());
    for line in [
        "GET /",
        "PUT /",
        "DELETE /health",
        "POST /health",
        "GET /health/",
        "GET //health",
        "GET /../health",
        "GET /%2e%2e/etc/passwd",
        "GET /./metrics",
        "GET /health%00",
        "POST //",
        "POST /x/../",
        "POST /StartExecution",
        "OPTIONS *",
        "OPTIONS /",
        "GET /2015-03-31",
        "TRACE /",
    ] {
        let answer = server.send(format!("{line} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        assert_eq!(
            answer.error(),
            refused(404, "UnknownOperationException"),
            "{line}"
        );
    }
    // Named in full, as proxies are asked, the path is what counts.
    let request = String::from_utf8(post(START, br#"{"stateMachineArn":"a"}"#)).unwrap();
    let request = request.replace("POST / ", "POST http://states.amazonaws.com/ ");
    assert_eq!(server.send(request).status, 200);
}

#[test]
fn the_servers_own_pages() {
    let server = Server::start(ServerConfig::default());
    for (path, status, text) in [
        ("/health", 200, "ok\n"),
        ("/ready", 503, "recovering\n"),
        ("/metrics", 200, "ExecutionsStarted 1\n"),
        ("/metrics?x=y", 200, "ExecutionsStarted 1\n"),
    ] {
        let answer = server.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (status, text),
            "{path}"
        );
    }
}

#[test]
fn lambda_has_its_paths() {
    let server = Server::start(ServerConfig::default());
    let request = "POST /2015-03-31/functions HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
    let answer = server.send(request);
    assert_eq!(answer.status, 202);
    assert_eq!(answer.body, "000000000000 /2015-03-31/functions 3");
}

#[test]
fn pages_of_other_sites_are_not_answered() {
    let server = Server::start(ServerConfig::default());
    for origin in ["http://evil.example", "null"] {
        let request = format!(
            "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: localhost\r\n\
             Origin: {origin}\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{{}}"
        );
        let answer = server.send(request);
        assert_eq!(
            answer.error(),
            refused(403, "AccessDeniedException"),
            "{origin}"
        );
    }
}

#[test]
fn with_keys_only_signed_requests_reach_an_action() {
    let key = AccessKey {
        id: "AKIDEXAMPLE".to_owned(),
        secret: "secret".to_owned(),
        account: "123456789012".to_owned(),
    };
    let server = Server::start(ServerConfig {
        access: Access::Keys(vec![key]),
        ..ServerConfig::default()
    });
    let answer = server.call(START, br#"{"stateMachineArn":"a"}"#);
    assert_eq!(
        answer.error(),
        refused(400, "MissingAuthenticationTokenException")
    );
    let lambda = server.send("GET /2015-03-31/functions HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(
        lambda.error(),
        refused(400, "MissingAuthenticationTokenException")
    );
    let health = server.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(health.status, 200);
    let echo = &server.echo;
    assert_eq!(echo.calls.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn everyone_may_call_only_from_this_machine() {
    let echo = std::sync::Arc::default();
    let observed = std::sync::Arc::default();
    let serve = async |address: &str, config: ServerConfig| {
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let services = crate::harness::services(&echo, &observed);
        stepmill_api::serve(listener, services, config, async {}).await
    };
    let open = ServerConfig::default();
    assert!(serve("127.0.0.1:0", open.clone()).await.is_ok());
    let refused = serve("0.0.0.0:0", open.clone()).await;
    assert!(
        matches!(refused, Err(ServeError::Unprotected(_))),
        "{refused:?}"
    );
    let unprotected = ServerConfig {
        unprotected: true,
        ..open
    };
    assert!(serve("0.0.0.0:0", unprotected).await.is_ok());
    let key = AccessKey {
        id: "a".to_owned(),
        secret: "b".to_owned(),
        account: "1".to_owned(),
    };
    let keys = |key| ServerConfig {
        access: Access::Keys(vec![key]),
        ..ServerConfig::default()
    };
    let refused = serve("127.0.0.1:0", keys(key.clone())).await;
    assert!(matches!(refused, Err(ServeError::Key(_))), "{refused:?}");
    let key = AccessKey {
        account: "123456789012".to_owned(),
        ..key
    };
    assert!(serve("0.0.0.0:0", keys(key)).await.is_ok());
}
