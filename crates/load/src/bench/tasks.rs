//! Tasks that call a service: one that answers at once, so that what is measured is the way there.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::clients::{CLIENTS, Until, send};
use super::measure::{arn, as_f64, create, per_second, processor, start};
use super::report::{Figure, Target};
use crate::LoadError;
use crate::http::{Connection, request, whole};
use crate::process::Program;

/// Tasks of an execution, one after another.
const TASKS: u32 = 10;
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
    x-amzn-requestid: 6e3a2f0c-0000-4000-8000-000000000000\r\nx-amz-executed-version: $LATEST\r\n\
    content-length: 11\r\n\r\n{\"ok\":true}";

/// `lambda:invoke` tasks of synchronous Express executions, against a responder beside the clients.
pub(super) async fn throughput(
    program: &Program,
    log: &Path,
    seconds: f64,
) -> Result<Vec<Figure>, LoadError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let responder = tokio::spawn(respond(listener));
    let program = Program {
        store: "memory".into(),
        variables: vec![
            ("AWS_ENDPOINT_URL_LAMBDA".to_owned(), endpoint),
            ("AWS_ACCESS_KEY_ID".to_owned(), "id".to_owned()),
            ("AWS_SECRET_ACCESS_KEY".to_owned(), "secret".to_owned()),
        ],
        ..program.clone()
    };
    let (server, address, mut connection) = start(&program, log).await?;
    create(&mut connection, "tasks", &tasks(), "EXPRESS").await?;
    let execute = request("StartSyncExecution", &arn("tasks").to_string());
    succeeds(address, &execute).await?;
    send(address, execute.clone(), Until::Count(200)).await?;
    let before = server.processor_time()?;
    let time = Duration::from_secs_f64(seconds);
    let (count, time) = send(address, execute, Until::Time(time)).await?;
    let spent = server.processor_time()? - before;
    server.kill().await?;
    responder.abort();
    let count = count * u64::from(TASKS);
    Ok(vec![
        Figure {
            what: format!(
                "lambda:invoke tasks against a trivial responder, {CLIENTS} executions at once, in memory"
            ),
            value: per_second(count, time),
            unit: "tasks/s",
            target: Some(Target::AtLeast(8_000.0)),
        },
        processor(spent * 1e6 / as_f64(count)),
    ])
}

/// That an execution does what is measured, and not something that ends sooner.
async fn succeeds(address: SocketAddr, execute: &[u8]) -> Result<(), LoadError> {
    let mut connection = Connection::open(address).await?;
    let answer = connection.send(execute).await?;
    let ended: Value = serde_json::from_slice(answer.body)
        .map_err(|error| LoadError::Server(error.to_string()))?;
    match ended["status"] == "SUCCEEDED" {
        true => Ok(()),
        false => Err(LoadError::Server(format!(
            "an execution of tasks ends with {ended}"
        ))),
    }
}

fn tasks() -> Value {
    let states = (0..TASKS).map(|index| {
        let next = match index + 1 == TASKS {
            true => ("End".to_owned(), json!(true)),
            false => ("Next".to_owned(), json!(format!("Task {}", index + 1))),
        };
        let state = Map::from_iter([
            ("Type".to_owned(), json!("Task")),
            (
                "Resource".to_owned(),
                json!("arn:aws:states:::lambda:invoke"),
            ),
            (
                "Parameters".to_owned(),
                json!({ "FunctionName": "responder", "Payload": { "task": index } }),
            ),
            next,
        ]);
        (format!("Task {index}"), Value::Object(state))
    });
    json!({ "StartAt": "Task 0", "States": states.collect::<Map<_, _>>() })
}

/// Answers every request alike.
async fn respond(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        // A server that goes away ends its connections.
        tokio::spawn(async move { drop(answer(stream).await) });
    }
}

async fn answer(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4 << 10);
    while stream.read_buf(&mut buffer).await? > 0 {
        while let Some(length) = whole(&buffer)? {
            buffer.drain(..length);
            stream.write_all(ANSWER).await?;
        }
    }
    Ok(())
}
