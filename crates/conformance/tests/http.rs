//! The HTTP target against a server that answers what the test says.

#![allow(clippy::unwrap_used, reason = "what helps a test may fail it")]

use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use stepmill_conformance::case::load;
use stepmill_conformance::http::{Endpoints, HttpTarget};
use stepmill_conformance::outcome::Outcome;
use stepmill_conformance::placeholder::Caller;
use stepmill_conformance::run::{Options, run_case};
use stepmill_conformance::target::{CallError, Function, Target};

struct Request {
    line: String,
    headers: Vec<String>,
    body: Value,
}

impl Request {
    fn read(stream: &TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim_end().to_owned();
            if line.is_empty() {
                break;
            }
            lines.push(line);
        }
        let length = lines.iter().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse().unwrap())
        });
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).unwrap();
        let body = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body).unwrap()
        };
        Self {
            line: lines.remove(0),
            headers: lines,
            body,
        }
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .filter_map(|line| line.split_once(": "))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value)
    }
}

/// Status and further headers, then the body.
type Response = (&'static str, &'static str);

/// Answers one request after the other; `join` gives what was asked.
fn serve(responses: Vec<Response>) -> (String, JoinHandle<Vec<Request>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let answer = |(head, body): Response| {
            let (mut stream, _) = listener.accept().unwrap();
            let request = Request::read(&stream);
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
            .unwrap();
            request
        };
        responses.into_iter().map(answer).collect()
    });
    (url, server)
}

fn target(url: &str) -> HttpTarget {
    let endpoints = Endpoints {
        states: url.to_owned(),
        lambda: Some(url.to_owned()),
        services: None,
        mock_config: None,
        without: vec!["distributed-map".to_owned()],
    };
    HttpTarget::new(endpoints, Caller::default())
}

#[test]
fn calls_speak_the_json_protocol() {
    let (url, server) = serve(vec![(
        "200 OK",
        r#"{"executionArn": "arn:e", "startDate": 1.5}"#,
    )]);
    let answer = target(&url).call("StartExecution", &json!({"stateMachineArn": "m"}));
    assert_eq!(
        answer,
        Ok(json!({"executionArn": "arn:e", "startDate": 1.5}))
    );
    let requests = server.join().unwrap();
    let request = &requests[0];
    assert_eq!(request.line, "POST / HTTP/1.1");
    assert_eq!(
        request.header("x-amz-target"),
        "AWSStepFunctions.StartExecution"
    );
    assert_eq!(request.header("content-type"), "application/x-amz-json-1.0");
    assert!(request.header("authorization").starts_with(
        "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/states/aws4_request,"
    ));
    assert_eq!(request.body, json!({"stateMachineArn": "m"}));
}

#[test]
fn errors_take_the_form_that_cases_record() {
    let (url, server) = serve(vec![
        (
            "400 Bad Request",
            r#"{"__type": "com.amazonaws.states#InvalidArn", "message": "Invalid Arn", "reason": null}"#,
        ),
        (
            "400 Bad Request\r\nx-amzn-ErrorType: ValidationException:http://x",
            r#"{"Message": "m", "reason": "R"}"#,
        ),
        ("500 Internal Server Error", ""),
        ("200 OK", "<html>"),
        ("503 Unavailable", "[]"),
    ]);
    let target = target(&url);
    let mut answers = (0..5).map(|_| target.call("DescribeExecution", &json!({})).unwrap_err());
    assert_eq!(
        answers.next(),
        Some(CallError::Api(json!({
            "Error": {"Code": "InvalidArn", "Message": "Invalid Arn"}, "message": "Invalid Arn", "$http_status": 400,
        })))
    );
    assert_eq!(
        answers.next(),
        Some(CallError::Api(json!({
            "Error": {"Code": "ValidationException", "Message": "m"}, "reason": "R", "$http_status": 400,
        })))
    );
    assert_eq!(
        answers.next(),
        Some(CallError::Api(
            json!({"Error": {"Code": "500", "Message": ""}, "$http_status": 500})
        ))
    );
    for broken in answers {
        assert!(
            matches!(&broken, CallError::Broken(why) if why.starts_with("DescribeExecution: ")),
            "{broken}"
        );
    }
    server.join().unwrap();
}

#[test]
fn an_endpoint_that_is_not_there_is_broken() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert!(matches!(
        target(&url).call("ListActivities", &json!({})),
        Err(CallError::Broken(_))
    ));
}

#[test]
fn functions_are_sent_as_archives() {
    let (url, server) = serve(vec![
        ("201 Created", "{}"),
        ("204 No Content", ""),
        ("409 Conflict", "{}"),
    ]);
    let target = target(&url);
    let function = Function {
        name: "f".to_owned(),
        source: "def run(event, context): pass\n".to_owned(),
        handler: "module.run".to_owned(),
        timeout: Duration::from_secs(7),
        environment: [("K".to_owned(), "V".to_owned())].into(),
    };
    assert_eq!(target.create_function(&function), Ok(()));
    assert_eq!(target.delete_function("f"), Ok(()));
    assert_eq!(
        target.create_function(&function),
        Err(CallError::Broken(
            "CreateFunction: status 409: {}".to_owned()
        ))
    );
    let requests = server.join().unwrap();
    assert_eq!(requests[0].line, "POST /2015-03-31/functions HTTP/1.1");
    assert_eq!(requests[1].line, "DELETE /2015-03-31/functions/f HTTP/1.1");
    let body = &requests[0].body;
    assert_eq!(
        (&body["FunctionName"], &body["Handler"], &body["Timeout"]),
        (&json!("f"), &json!("module.run"), &json!(7))
    );
    assert_eq!(body["Environment"], json!({"Variables": {"K": "V"}}));
    let code = STANDARD
        .decode(body["Code"]["ZipFile"].as_str().unwrap())
        .unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(code)).unwrap();
    let mut source = String::new();
    archive
        .by_name("module.py")
        .unwrap()
        .read_to_string(&mut source)
        .unwrap();
    assert_eq!(source, function.source);
}

#[test]
fn mock_configurations_are_written_anew() {
    let path =
        std::env::temp_dir().join(format!("stepmill-conformance-{}.json", std::process::id()));
    let endpoints = Endpoints {
        states: "http://127.0.0.1:1".to_owned(),
        lambda: None,
        services: None,
        mock_config: Some(path.clone()),
        without: Vec::new(),
    };
    let target = HttpTarget::new(endpoints, Caller::default());
    assert!(
        target.supports("mock-config") && !target.supports("lambda") && !target.supports("sqs")
    );
    assert!(target.supports("distributed-map"));
    assert!(!self::target("http://127.0.0.1:1").supports("distributed-map"));
    let written = || {
        let text = std::fs::read_to_string(&path).unwrap();
        (text, std::fs::metadata(&path).unwrap().modified().unwrap())
    };
    target.set_mock_config(&json!({"n": 1})).unwrap();
    let (first, at) = written();
    target.set_mock_config(&json!({"n": 2})).unwrap();
    let (second, later) = written();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(
        (first.as_str(), second.as_str()),
        (r#"{"n":1}"#, r#"{"n":2}"#)
    );
    assert!(later.duration_since(at).unwrap() >= Duration::from_secs(1));
}

#[test]
fn a_case_runs_over_http() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/set");
    let case = load(&root, &["basics/table".to_owned()]).unwrap().remove(0);
    let created = ("200 OK", r#"{"stateMachineArn": "arn:m"}"#);
    let started = ("200 OK", r#"{"executionArn": "arn:e"}"#);
    let row = |output| {
        [
            started,
            ("200 OK", r#"{"status": "SUCCEEDED"}"#),
            ("200 OK", output),
        ]
    };
    let mut responses = vec![created];
    responses.extend(row(r#"{"status": "SUCCEEDED", "output": "{\"x\":1}"}"#));
    responses.extend(row(r#"{"status": "SUCCEEDED", "output": "{\"x\":2}"}"#));
    responses.push(created);
    responses.extend(row(r#"{"status": "SUCCEEDED", "output": "{\"x\":3}"}"#));
    responses.extend([("200 OK", "{}"), ("200 OK", "{}")]);
    let (url, server) = serve(responses);
    let options = Options {
        caller: Caller::default(),
        wait: Duration::from_secs(5),
        functions: root.join("functions"),
    };
    let verdicts = run_case(&case, &target(&url), &options);
    assert_eq!(
        (verdicts.strict, verdicts.lenient),
        (Outcome::Passed, Outcome::Passed)
    );
    let requests = server.join().unwrap();
    let operations: Vec<&str> = requests
        .iter()
        .map(|request| request.header("x-amz-target"))
        .collect();
    assert_eq!(
        operations
            .iter()
            .filter(|name| name.ends_with("DeleteStateMachine"))
            .count(),
        2
    );
}
