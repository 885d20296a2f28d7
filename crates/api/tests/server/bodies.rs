//! Bodies that are too large, too slow or cut off.

use std::time::Duration;

use stepmill_api::{Limits, ServerConfig};

use crate::harness::{CHUNKED, Server, post, refused};

const STOP: &str = "AWSStepFunctions.StopExecution";
const KIB: usize = 1024;

fn server(limits: Limits) -> Server {
    Server::start(ServerConfig {
        limits,
        ..ServerConfig::default()
    })
}

/// A request's JSON of exactly so many bytes.
fn body(size: usize) -> Vec<u8> {
    let head = br#"{"executionArn":"a","unknown":""#;
    let mut body = head.to_vec();
    body.resize(size - 2, b'x');
    body.extend_from_slice(b"\"}");
    body
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let mut request = CHUNKED.as_bytes().to_vec();
    for chunk in body.chunks(10_000) {
        request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        request.extend_from_slice(chunk);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    request
}

#[test]
fn the_limit_is_exact() {
    let server = server(Limits {
        body: 64 * KIB,
        ..Limits::default()
    });
    let too_large = refused(413, "RequestEntityTooLargeException");
    assert_eq!(server.call(STOP, &body(64 * KIB)).status, 200);
    assert_eq!(server.call(STOP, &body(64 * KIB + 1)).error(), too_large);
    assert_eq!(server.send(chunked(&body(64 * KIB))).status, 200);
    assert_eq!(server.send(chunked(&body(64 * KIB + 1))).error(), too_large);
    // A client that writes all of some megabytes before it reads still learns why.
    assert_eq!(server.call(STOP, &body(8 * KIB * KIB)).error(), too_large);
}

#[test]
fn a_hundred_megabytes_are_refused_unread() {
    let server = server(Limits::default());
    let mut client = server.connect();
    let head = String::from_utf8(post(STOP, b"")).unwrap();
    let head = head.replace("Content-Length: 0", "Content-Length: 104857600");
    client.write(head.as_bytes());
    // The refusal comes before a byte of the body.
    let answer = client.answer();
    assert_eq!(
        answer.error(),
        refused(413, "RequestEntityTooLargeException")
    );
    assert!(answer.head.contains("connection: close"));
    let observed = server.observed.lock().unwrap();
    assert_eq!(observed.last().unwrap().2, 0);
}

#[test]
fn endless_chunks_are_refused_after_a_bounded_number_of_bytes() {
    let limits = Limits {
        body: 64 * KIB,
        ..Limits::default()
    };
    let server = server(limits);
    let mut client = server.connect();
    client.write(CHUNKED.as_bytes());
    let mut chunk = b"100000\r\n".to_vec();
    chunk.resize(chunk.len() + 0x10_0000, b'x');
    chunk.extend_from_slice(b"\r\n");
    let mut sent = 0;
    while sent < 100 * chunk.len() {
        let written = client.write(&chunk);
        sent += written;
        if written < chunk.len() {
            break;
        }
    }
    // Less than what is read and dropped, and what lies in buffers on the way.
    assert!(sent < 40 * KIB * KIB, "{sent} bytes were taken");
    let observed = server.observed.lock().unwrap();
    let (code, _, bytes) = observed.last().unwrap();
    assert_eq!(code.as_deref(), Some("RequestEntityTooLargeException"));
    assert_eq!(*bytes, 0);
}

#[test]
fn all_bodies_together_have_a_limit() {
    let server = server(Limits {
        body: 512 * KIB,
        bodies: 1024 * KIB,
        ..Limits::default()
    });
    let head = String::from_utf8(post(STOP, b"")).unwrap();
    let head = head.replace(
        "Content-Length: 0",
        "Content-Length: 524288\r\nExpect: 100-continue",
    );
    let hold = || {
        let mut client = server.connect();
        client.write(head.as_bytes());
        // Said when the server begins to read, and so has room.
        assert_eq!(client.answer().status, 100);
        client
    };
    let (mut first, _second) = (hold(), hold());
    let busy = refused(503, "ServiceUnavailable");
    assert_eq!(server.call(STOP, &body(512 * KIB)).error(), busy);
    // Small requests are answered all the while.
    assert_eq!(server.call(STOP, &body(16 * KIB)).status, 200);
    first.write(&body(512 * KIB));
    assert_eq!(first.answer().status, 200);
    assert_eq!(server.call(STOP, &body(512 * KIB)).status, 200);
}

#[test]
fn a_body_must_arrive_in_time() {
    let server = server(Limits {
        body_time: Duration::from_millis(50),
        ..Limits::default()
    });
    let mut client = server.connect();
    let request = post(STOP, &body(1000));
    client.write(&request[..request.len() - 1]);
    let answer = client.answer();
    assert_eq!(answer.error(), refused(408, "RequestTimeout"));
    assert!(answer.head.contains("connection: close"));
    assert!(client.is_closed());
}

#[test]
fn bodies_that_break_the_protocol() {
    let server = server(Limits::default());
    for chunks in [
        "xyz\r\n{}\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n",
        "2\r\n{}x",
        "-1\r\n",
    ] {
        let answer = server.send([CHUNKED.as_bytes(), chunks.as_bytes()].concat());
        assert_eq!(
            answer.error(),
            refused(400, "SerializationException"),
            "{chunks}"
        );
        assert!(answer.head.contains("connection: close"), "{chunks}");
    }
    // Cut off: nobody is there to be answered, and nothing was done.
    let mut client = server.connect();
    let request = post(STOP, &body(1000));
    client.write(&request[..request.len() - 1]);
    client.finish();
    drop(client);
    assert_eq!(server.call(STOP, &body(100)).status, 200);
    assert_eq!(
        server.echo.calls.load(std::sync::atomic::Ordering::SeqCst),
        1
    );
}
