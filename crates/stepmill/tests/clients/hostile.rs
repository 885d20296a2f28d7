//! What nobody should send: it gets a clear error, and everybody else goes on being answered.

use std::io::Write as _;
use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::server::{Home, Server};
use crate::wire::{Answer, answers, call, connect, raw, request};

/// Resident memory of a server that has done all of this, in MiB; a debug build that was just
/// started has some 40.
const MEMORY: u64 = 300;
const ROLE: &str = "arn:aws:iam::000000000000:role/r";

fn expect(server: &mut Server) {
    answers(server.address);
    assert!(server.is_alive(), "{}", server.log());
    let resident = server.resident();
    assert!(resident < MEMORY, "{resident} MiB");
    let log = server.log();
    assert!(!log.contains("panicked"), "{log}");
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, &*answer.code()),
        (status, code),
        "{answer:?}"
    );
}

fn json_call(address: SocketAddr, action: &str, request: &Value) -> Answer {
    call(address, action, request.to_string().as_bytes())
}

#[test]
fn bodies_that_are_no_requests() {
    let home = Home::new();
    let mut server = home.serve(&[]);
    let address = server.address;
    let deep = "[".repeat(1_000_000);
    let nested = format!("{{\"definition\":{}{}", "{\"a\":".repeat(200_000), "1");
    let bodies: &[&[u8]] = &[
        b"{",
        b"}",
        b"",
        b"[]",
        b"null",
        b"\"text\"",
        b"{\"name\":}",
        b"{\"name\":\"\xff\xfe\"}",
        b"\xff\xfe\x00",
        b"{\"name\":\"\\ud800\"}",
        b"{\"name\": 1e999999}",
        b"{} trailing",
        b"\x00\x00\x00\x00",
        deep.as_bytes(),
        nested.as_bytes(),
    ];
    for body in bodies {
        let answer = call(address, "CreateStateMachine", body);
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        assert_eq!(answer.status, 400, "{shown}: {answer:?}");
        let code = answer.code();
        assert!(
            ["SerializationException", "ValidationException"].contains(&&*code),
            "{shown}: {answer:?}"
        );
    }
    expect(&mut server);
}

#[test]
fn requests_that_are_for_nobody() {
    let home = Home::new();
    let mut server = home.serve(&[]);
    let address = server.address;
    for target in [
        "",
        "ListStateMachines",
        "AWSStepFunctions.",
        "AWSStepFunctions.Nothing",
        "AWSStepFunctions.liststatemachines",
        "AWSStepFunctions.ListStateMachines.x",
        "DynamoDB_20120810.ListTables",
    ] {
        let answer = raw(address, &request(target, b"{}")).unwrap();
        refused(&answer, 400, "UnknownOperationException");
    }
    for head in [
        "GET / HTTP/1.1",
        "GET /../../etc/passwd HTTP/1.1",
        "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
        "POST /health HTTP/1.1",
        "DELETE /metrics HTTP/1.1",
        "OPTIONS * HTTP/1.1",
    ] {
        let bytes = format!("{head}\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = raw(address, bytes.as_bytes()).unwrap();
        assert_eq!(answer.status, 404, "{head}: {answer:?}");
    }
    // What is no HTTP gets 400 or a closed connection, at once.
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"\r\n\r\n\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"POST / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"\xff\xfe\xfd\xfc / HTTP/1.1\r\n\r\n",
    ] {
        if let Some(answer) = raw_half_closed(address, bytes) {
            assert_eq!(answer.status / 100, 4, "{bytes:?}: {answer:?}");
        }
    }
    let many = format!(
        "GET /health HTTP/1.1\r\nHost: localhost\r\n{}\r\n",
        "X-Filler: 0123456789\r\n".repeat(5_000)
    );
    let answer = raw(address, many.as_bytes());
    assert!(
        answer.is_none_or(|answer| answer.status == 431),
        "too many headers"
    );
    let long = format!(
        "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "a".repeat(1_000_000)
    );
    let answer = raw(address, long.as_bytes());
    assert!(
        answer.is_none_or(|answer| answer.status / 100 == 4),
        "a long path"
    );
    expect(&mut server);
}

/// Like [`raw`], and says that nothing follows: half a request would be waited for.
fn raw_half_closed(address: SocketAddr, bytes: &[u8]) -> Option<Answer> {
    let mut stream = connect(address);
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut text = Vec::new();
    let _ = std::io::Read::read_to_end(&mut stream, &mut text);
    let text = String::from_utf8_lossy(&text);
    let status = text.split(' ').nth(1)?.parse().ok()?;
    Some(Answer {
        status,
        body: String::new(),
    })
}

#[test]
fn names_that_would_be_paths() {
    let home = Home::new();
    let mut server = home.serve(&[]);
    let address = server.address;
    let definition = json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}});
    for name in [
        "../../etc/passwd",
        "..\\..\\x",
        "a/b",
        "/etc/passwd",
        "a\0b",
        "a b",
        "%2e%2e%2f",
        "a:b",
        "$(id)",
        "`id`",
        "a'; DROP TABLE executions; --",
        "\u{202e}\u{7f}",
    ] {
        let create = json!({"name": name, "definition": definition.to_string(), "roleArn": ROLE});
        let answer = json_call(address, "CreateStateMachine", &create);
        refused(&answer, 400, "InvalidName");
        let answer = json_call(address, "CreateActivity", &json!({"name": name}));
        refused(&answer, 400, "InvalidName");
    }
    // Allowed, and nothing but a name: it must not lead anywhere.
    let odd = json!({"name": "..", "definition": definition.to_string(), "roleArn": ROLE});
    assert_eq!(json_call(address, "CreateStateMachine", &odd).status, 200);
    for name in ["../../x", "..%2F..%2Fetc%2Fpasswd", "%00", "a%0d%0ab", "."] {
        let bytes = format!(
            "GET /2015-03-31/functions/{name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        );
        let answer = raw(address, bytes.as_bytes()).unwrap();
        assert_eq!(answer.status / 100, 4, "{name}: {answer:?}");
        assert!(!answer.body.contains("root:"), "{answer:?}");
    }
    expect(&mut server);
}

#[test]
fn tokens_that_were_never_given() {
    let home = Home::new();
    let mut server = home.serve(&[]);
    let address = server.address;
    for token in [
        "x".to_owned(),
        "A".repeat(2048),
        "../../x".to_owned(),
        "\0".to_owned(),
        "AQB4".repeat(100),
        "🦀".repeat(100),
    ] {
        let success = json!({"taskToken": token, "output": "{}"});
        refused(
            &json_call(address, "SendTaskSuccess", &success),
            400,
            "InvalidToken",
        );
        let failure = json!({"taskToken": token});
        refused(
            &json_call(address, "SendTaskFailure", &failure),
            400,
            "InvalidToken",
        );
        refused(
            &json_call(address, "SendTaskHeartbeat", &failure),
            400,
            "InvalidToken",
        );
    }
    for token in ["x", "AAAA", "{}", "🦀", "\u{0}"] {
        for action in ["ListStateMachines", "ListActivities"] {
            let answer = json_call(address, action, &json!({"nextToken": token}));
            refused(&answer, 400, "InvalidToken");
        }
    }
    let long = json!({"taskToken": "x".repeat(2049), "output": "{}"});
    refused(
        &json_call(address, "SendTaskSuccess", &long),
        400,
        "ValidationException",
    );
    expect(&mut server);
}

#[test]
fn bodies_of_100_megabytes() {
    const SIZE: usize = 100_000_000;
    let home = Home::new();
    let mut server = home.serve(&[]);
    let address = server.address;
    let body = vec![b' '; SIZE];
    for path in ["/", "/2015-03-31/functions"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n\
             X-Amz-Target: AWSStepFunctions.CreateStateMachine\r\n"
        );
        // Declared, and sent.
        let mut stream = connect(address);
        write!(stream, "{head}Content-Length: {SIZE}\r\n\r\n").unwrap();
        let sent = stream.write_all(&body);
        too_large(path, sent.is_ok(), read(stream));
        // Declared only: the answer comes before the body.
        let mut stream = connect(address);
        write!(stream, "{head}Content-Length: {SIZE}\r\n\r\n").unwrap();
        let answer = read(stream).unwrap();
        refused(&answer, 413, "RequestEntityTooLargeException");
        // In chunks, of which nobody said how many.
        let mut stream = connect(address);
        write!(stream, "{head}Transfer-Encoding: chunked\r\n\r\n").unwrap();
        let chunk = [b"100000\r\n", &body[..0x10_0000], b"\r\n"].concat();
        let sent = (0..95).try_for_each(|_| stream.write_all(&chunk));
        too_large(path, sent.is_ok(), read(stream));
        expect(&mut server);
    }
}

/// The answer to a body is lost if its client still writes when the connection is closed.
fn too_large(path: &str, sent: bool, answer: Option<Answer>) {
    match answer {
        Some(answer) => refused(&answer, 413, "RequestEntityTooLargeException"),
        None => assert!(!sent, "{path}: taken without a word"),
    }
}

/// An answer, read until the server closes.
fn read(mut stream: std::net::TcpStream) -> Option<Answer> {
    let mut text = Vec::new();
    let _ = std::io::Read::read_to_end(&mut stream, &mut text);
    let text = String::from_utf8_lossy(&text);
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some(Answer {
        status: head.split(' ').nth(1)?.parse().ok()?,
        body: body.to_owned(),
    })
}
