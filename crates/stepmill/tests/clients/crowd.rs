//! Many connections, and clients that take their time.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::server::Home;
use crate::wire::{answers, connect, request};

/// Memory that a connection may take, in KiB, in a debug build.
const PER_CONNECTION: u64 = 64;

/// How many files this process may have open; the server inherits it.
fn files() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next());
    match soft {
        Some("unlimited") => usize::MAX,
        soft => soft.and_then(|soft| soft.parse().ok()).unwrap_or(1024),
    }
}

/// Holds `count` connections at once, a third of which have sent nothing, a third half a request,
/// and a third wait for an answer that takes long; then has each of them answered.
fn hold(count: usize) {
    let needed = count + 200;
    if files() < needed {
        let text = format!("skipped: {count} connections need `ulimit -n {needed}`\n");
        let _ = std::io::stderr().write_all(text.as_bytes());
        return;
    }
    let home = Home::new();
    let mut server = home.serve(&[]);
    let address = server.address;
    let before = server.resident();
    let bytes = request("AWSStepFunctions.ListStateMachines", b"{}");
    let (early, late) = bytes.split_at(bytes.len() / 2);
    let mut connections: Vec<TcpStream> = (0..count)
        .map(|number| {
            let mut stream = connect(address);
            match number % 3 {
                0 => {}
                1 => stream.write_all(early).unwrap(),
                // The headers are whole, the body is not.
                _ => stream.write_all(&bytes[..bytes.len() - 1]).unwrap(),
            }
            stream
        })
        .collect();
    // Others are answered meanwhile.
    answers(address);
    let grown = server.resident().saturating_sub(before) * 1024;
    let bound = PER_CONNECTION * u64::try_from(count).unwrap();
    assert!(grown < bound, "{grown} KiB for {count} connections");
    for (number, stream) in connections.iter_mut().enumerate() {
        let rest = match number % 3 {
            0 => &bytes[..],
            1 => late,
            _ => &bytes[bytes.len() - 1..],
        };
        stream.write_all(rest).unwrap();
    }
    for mut stream in connections {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    answers(address);
    assert!(server.is_alive(), "{}", server.log());
}

#[test]
fn two_thousand_connections() {
    hold(2_000);
}

/// `ulimit -n 20000; cargo test -p stepmill --test clients -- --ignored ten_thousand`
#[test]
#[ignore = "needs 10,200 open files; cargo test -p stepmill --test clients -- --ignored ten_thousand"]
fn ten_thousand_connections() {
    hold(10_000);
}

#[test]
fn connections_beyond_the_limit_are_turned_away() {
    let home = Home::new();
    let server = home.serve(&["--max-connections", "20"]);
    let mut held: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = connect(server.address);
            // An answer shows that it was accepted.
            let keep = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
            stream.write_all(keep).unwrap();
            let mut first = [0; 12];
            stream.read_exact(&mut first).unwrap();
            assert_eq!(&first, b"HTTP/1.1 200");
            stream
        })
        .collect();
    let mut answer = String::new();
    connect(server.address).read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("ServiceUnavailable"), "{answer}");
    drop(held.pop());
    // There is room as soon as the server has seen that one has gone.
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        assert!(Instant::now() < deadline, "there is no room");
        let mut stream = connect(server.address);
        let _ = stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        if answer.starts_with("HTTP/1.1 200") {
            break;
        }
    }
}
