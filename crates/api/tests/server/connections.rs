//! Many connections, slow ones, broken ones, and the end of the server.

use std::io::Read as _;
use std::sync::atomic::Ordering;
use std::time::Duration;

use stepmill_api::{Limits, ServerConfig};

use crate::harness::{Server, post, refused};

const STOP: &str = "AWSStepFunctions.StopExecution";
const BODY: &[u8] = br#"{"executionArn":"a"}"#;

fn server(limits: Limits) -> Server {
    Server::start(ServerConfig {
        limits,
        ..ServerConfig::default()
    })
}

#[test]
fn a_connection_serves_many_requests() {
    let server = server(Limits::default());
    let mut client = server.connect();
    for _ in 0..100 {
        client.write(&post(STOP, BODY));
        assert_eq!(client.answer().status, 200);
    }
    // Errors of actions leave it open, and requests may follow each other without waiting.
    client.write(&post(STOP, b"{"));
    client.write(&post(STOP, BODY));
    assert_eq!(client.answer().status, 400);
    assert_eq!(client.answer().status, 200);
}

#[test]
fn headers_must_arrive_in_time() {
    let server = server(Limits {
        header_time: Duration::from_millis(50),
        ..Limits::default()
    });
    let mut idle = server.connect();
    let mut slow = server.connect();
    slow.write(b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    assert!(idle.is_closed());
    assert!(slow.is_closed() || slow.is_closed());
    assert_eq!(server.call(STOP, BODY).status, 200);
}

#[test]
fn headers_have_a_limit() {
    let server = server(Limits {
        headers: 8192,
        ..Limits::default()
    });
    let long = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n",
        "x".repeat(100_000)
    );
    let many = format!(
        "POST / HTTP/1.1\r\nHost: x\r\n{}\r\n",
        "X-A: b\r\n".repeat(1000)
    );
    let path = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(100_000));
    for (request, statuses) in [(long, [431, 431]), (many, [431, 431]), (path, [414, 431])] {
        let mut client = server.connect();
        client.write(request.as_bytes());
        let status = client.answer().status;
        assert!(statuses.contains(&status), "{status}");
        assert!(client.is_closed());
    }
    assert_eq!(server.call(STOP, BODY).status, 200);
}

#[test]
fn bytes_that_are_no_http() {
    let server = server(Limits::default());
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"\0\0\0\0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: \xff\0\r\n\r\n",
        b"GET \xff HTTP/1.1\r\n\r\n",
    ] {
        let mut client = server.connect();
        client.write(bytes);
        client.finish();
        let mut answer = Vec::new();
        // Refused with a status or without a word, but not left waiting.
        if client.stream.read_to_end(&mut answer).is_ok() && !answer.is_empty() {
            assert!(answer.starts_with(b"HTTP/1.1 4"), "{bytes:?}: {answer:?}");
        }
    }
    assert_eq!(server.echo.calls.load(Ordering::SeqCst), 0);
    assert_eq!(server.call(STOP, BODY).status, 200);
}

#[test]
fn further_connections_are_turned_away() {
    let server = server(Limits {
        connections: 10,
        ..Limits::default()
    });
    let mut held: Vec<_> = (0..10)
        .map(|_| {
            let mut client = server.connect();
            client.write(&post(STOP, BODY));
            assert_eq!(client.answer().status, 200);
            client
        })
        .collect();
    for _ in 0..50 {
        let mut client = server.connect();
        assert_eq!(client.answer().error(), refused(503, "ServiceUnavailable"));
        assert!(client.is_closed());
    }
    // Those that were there are served on, and one that ends makes room.
    for client in &mut held {
        client.write(&post(STOP, BODY));
        assert_eq!(client.answer().status, 200);
    }
    held.pop();
    while server.connect().answer_to(&post(STOP, BODY)) != Some(200) {}
}

#[test]
fn idle_connections_do_not_hinder_others() {
    let server = server(Limits::default());
    let idle: Vec<_> = (0..400).map(|_| server.connect()).collect();
    assert_eq!(server.call(STOP, BODY).status, 200);
    drop(idle);
    assert_eq!(server.call(STOP, BODY).status, 200);
}

#[test]
fn an_action_ends_though_its_client_has_gone() {
    let server = server(Limits::default());
    let mut client = server.connect();
    client.write(&post(
        "AWSStepFunctions.StartSyncExecution",
        br#"{"stateMachineArn":"a"}"#,
    ));
    while server.echo.calls.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    drop(client);
    server.echo.release.notify_one();
    while server.echo.ended.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
}

#[test]
fn stopping_ends_what_runs_and_takes_nothing_new() {
    let mut server = server(Limits::default());
    let idle = server.connect();
    let mut poll = server.connect();
    poll.write(&post(
        "AWSStepFunctions.GetActivityTask",
        br#"{"activityArn":"a"}"#,
    ));
    let mut running = server.connect();
    running.write(&post(
        "AWSStepFunctions.StartSyncExecution",
        br#"{"stateMachineArn":"a"}"#,
    ));
    while server.echo.calls.load(Ordering::SeqCst) < 2 {
        std::thread::yield_now();
    }
    server.stop();
    // Who waits for a task is sent away at once, the others get their answers.
    let answer = poll.answer();
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    server.echo.release.notify_one();
    assert_eq!(running.answer().status, 200);
    assert!(running.is_closed());
    assert!(server.stopped().is_ok());
    drop(idle);
    assert!(std::net::TcpStream::connect(server.address).is_err());
}

#[test]
fn stopping_does_not_wait_forever() {
    let mut server = server(Limits {
        drain_time: Duration::from_millis(50),
        ..Limits::default()
    });
    let mut running = server.connect();
    running.write(&post(
        "AWSStepFunctions.StartSyncExecution",
        br#"{"stateMachineArn":"a"}"#,
    ));
    while server.echo.calls.load(Ordering::SeqCst) < 1 {
        std::thread::yield_now();
    }
    server.stop();
    assert!(server.stopped().is_ok());
}
