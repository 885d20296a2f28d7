//! The measurements.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::clients::{CLIENTS, Until, send};
use super::disk;
use super::report::{Figure, Target};
use crate::LoadError;
use crate::http::{Connection, request};
use crate::process::{Program, Server, size};

const STATES: u32 = 10;
const PREFIX: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:";
/// Executions one after another, for a latency.
const ALONE: usize = 500;
/// Processes started one after another.
const STARTS: usize = 15;
/// The log is moved into the store's file when there is nothing to do for a second.
const SETTLED: Duration = Duration::from_secs(3);

/// Executions of ten states from start to end.
pub(super) async fn durable(
    program: &Program,
    log: &Path,
    seconds: f64,
) -> Result<Vec<Figure>, LoadError> {
    let (server, address, mut connection) = start(program, log).await?;
    create(&mut connection, "chain", &chain(), "STANDARD").await?;
    let start = request("StartExecution", &arn("chain").to_string());
    send(address, start.clone(), Until::Count(2_000)).await?;
    ended(&mut connection, "chain").await?;
    let (begun, before) = (Instant::now(), server.processor_time()?);
    let time = Duration::from_secs_f64(seconds);
    let (count, _) = send(address, start, Until::Time(time)).await?;
    ended(&mut connection, "chain").await?;
    let rate = per_second(count, begun.elapsed());
    let each = (server.processor_time()? - before) * 1e6 / as_f64(count);
    server.kill().await?;
    Ok(vec![
        Figure {
            what: format!(
                "Durable executions of {STATES} Pass states, to their end, {CLIENTS} clients"
            ),
            value: rate,
            unit: "executions/s",
            target: Some(Target::AtLeast(5_000.0)),
        },
        Figure {
            what: "the same, in state transitions".to_owned(),
            value: rate * f64::from(STATES),
            unit: "transitions/s",
            target: Some(Target::AtLeast(50_000.0)),
        },
        processor(each),
    ])
}

/// One execution alone, from its start to its result.
pub(super) async fn latency(
    program: &Program,
    log: &Path,
    directory: &Path,
) -> Result<Vec<Figure>, LoadError> {
    let (server, _, mut connection) = start(program, log).await?;
    create(&mut connection, "chain", &chain(), "STANDARD").await?;
    let start = request("StartExecution", &arn("chain").to_string());
    let (mut starts, mut results) = (Vec::new(), Vec::new());
    let before = disk::flushes(directory)?;
    for _ in 0..ALONE {
        let begun = Instant::now();
        let answer = connection.send(&start).await?;
        starts.push(begun.elapsed());
        let started: Value = serde_json::from_slice(answer.body)
            .map_err(|error| LoadError::Server(error.to_string()))?;
        let describe = json!({ "executionArn": started["executionArn"] });
        loop {
            let described = connection.must("DescribeExecution", &describe).await?;
            if described["status"] == "SUCCEEDED" {
                break;
            }
        }
        results.push(begun.elapsed());
    }
    let mut flushes = disk::flushes(directory)?;
    flushes.extend(before);
    let flush = median(flushes);
    server.kill().await?;
    let most = 3.0 * flush + 1.0;
    Ok(vec![
        Figure {
            what: "The disk alone: 16 KiB written and flushed, median".to_owned(),
            value: flush,
            unit: "ms",
            target: None,
        },
        Figure {
            what: format!("One execution of {STATES} Pass states alone, to its result, median"),
            value: median(results),
            unit: "ms",
            target: Some(Target::AtMost(most)),
        },
        Figure {
            what: "of it, StartExecution".to_owned(),
            value: median(starts),
            unit: "ms",
            target: None,
        },
    ])
}

/// Synchronous Express executions of ten states.
pub(super) async fn express(
    program: &Program,
    log: &Path,
    seconds: f64,
) -> Result<Vec<Figure>, LoadError> {
    let (server, address, mut connection) = start(program, log).await?;
    create(&mut connection, "chain", &chain(), "EXPRESS").await?;
    let start = request("StartSyncExecution", &arn("chain").to_string());
    send(address, start.clone(), Until::Count(2_000)).await?;
    let time = Duration::from_secs_f64(seconds);
    let before = server.processor_time()?;
    let (count, time) = send(address, start, Until::Time(time)).await?;
    let each = (server.processor_time()? - before) * 1e6 / as_f64(count);
    server.kill().await?;
    Ok(vec![
        Figure {
            what: format!(
                "Synchronous Express executions of {STATES} Pass states, {CLIENTS} clients"
            ),
            value: per_second(count, time),
            unit: "executions/s",
            target: Some(Target::AtLeast(10_000.0)),
        },
        processor(each),
    ])
}

/// Executions that wait.
pub(super) async fn parked(
    program: &Program,
    log: &Path,
    count: u32,
) -> Result<Vec<Figure>, LoadError> {
    let (server, address, mut connection) = start(program, log).await?;
    create(&mut connection, "wait", &wait(), "STANDARD").await?;
    tokio::time::sleep(SETTLED).await;
    let before = files(program)?;
    let start = json!({ "stateMachineArn": format!("{PREFIX}wait"), "input": "{}" });
    let start = request("StartExecution", &start.to_string());
    let (count, time) = send(address, start, Until::Count(u64::from(count))).await?;
    tokio::time::sleep(SETTLED).await;
    let each = as_f64(files(program)?.saturating_sub(before)) / as_f64(count);
    let resident = as_f64(server.resident()?) / 1e6;
    server.kill().await?;
    let what = format!(
        "{} executions in a Wait",
        super::report::grouped(as_f64(count))
    );
    Ok(vec![
        Figure {
            what: format!("{what}: memory of the process"),
            value: resident,
            unit: "MB",
            target: Some(Target::AtMost(500.0)),
        },
        Figure {
            what: format!("{what}: disk for each, its input {{}}"),
            value: each,
            unit: "bytes",
            target: Some(Target::AtMost(1_024.0)),
        },
        Figure {
            what: format!("{what}: started, {CLIENTS} clients"),
            value: per_second(count, time),
            unit: "executions/s",
            target: None,
        },
    ])
}

/// Taking up executions: half of them have a task in flight, which waits for one of the others.
pub(super) async fn recovery(
    program: &Program,
    log: &Path,
    open: u32,
) -> Result<Vec<Figure>, LoadError> {
    let (server, address, mut connection) = start(program, log).await?;
    create(&mut connection, "wait", &wait(), "STANDARD").await?;
    create(&mut connection, "parent", &parent(), "STANDARD").await?;
    let start_parent = request("StartExecution", &arn("parent").to_string());
    let parents = u64::from(open / 2);
    let (parents, _) = send(address, start_parent, Until::Count(parents)).await?;
    while running(&mut connection, "wait").await? < parents {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let resident = as_f64(server.resident()?) / 1e6;
    server.kill().await?;
    let mut server = program.start(log)?;
    let address = server.address().await?;
    let listening = server.begun.elapsed();
    let recovered = server.ready(address).await?;
    let mut connection = Connection::open(address).await?;
    for machine in ["parent", "wait"] {
        let there = running(&mut connection, machine).await?;
        if there != parents {
            let what = format!("{there} of {parents} executions of {machine} run again");
            return Err(LoadError::Server(what));
        }
    }
    server.kill().await?;
    let what = format!(
        "{} open executions, half with a task in flight",
        super::report::grouped(as_f64(2 * parents))
    );
    Ok(vec![
        Figure {
            what: format!("{what}: recovered after kill -9"),
            value: recovered.as_secs_f64(),
            unit: "s",
            target: Some(Target::AtMost(10.0)),
        },
        Figure {
            what: format!("{what}: listening again"),
            value: listening.as_secs_f64(),
            unit: "s",
            target: None,
        },
        Figure {
            what: format!("{what}: memory before"),
            value: resident,
            unit: "MB",
            target: None,
        },
    ])
}

/// From the start of the process to the first answer, on an empty store.
pub(super) async fn cold(
    program: &Program,
    log: &Path,
    directory: &Path,
) -> Result<Vec<Figure>, LoadError> {
    let list = request("ListStateMachines", "{}");
    let mut times = Vec::new();
    for number in 0..STARTS {
        let program = Program {
            variables: Vec::new(),
            store: directory.join(format!("store-{number}")),
            ..program.clone()
        };
        let mut server = program.start(log)?;
        let mut connection = Connection::open(server.address().await?).await?;
        if !connection.send(&list).await?.is_ok() {
            return Err(LoadError::Server("ListStateMachines fails".to_owned()));
        }
        times.push(server.begun.elapsed());
        server.kill().await?;
    }
    Ok(vec![Figure {
        what: "From the start of the process to the first answer, empty store, median".to_owned(),
        value: median(times),
        unit: "ms",
        target: Some(Target::AtMost(50.0)),
    }])
}

pub(super) async fn start(
    program: &Program,
    log: &Path,
) -> Result<(Server, SocketAddr, Connection), LoadError> {
    let mut server = program.start(log)?;
    let address = server.address().await?;
    let connection = Connection::open(address).await?;
    Ok((server, address, connection))
}

pub(super) async fn create(
    connection: &mut Connection,
    name: &str,
    definition: &Value,
    kind: &str,
) -> Result<(), LoadError> {
    let machine = json!({
        "name": name,
        "definition": definition.to_string(),
        "roleArn": "arn:aws:iam::000000000000:role/bench",
        "type": kind,
    });
    connection.must("CreateStateMachine", &machine).await?;
    Ok(())
}

/// Waits until no execution runs.
async fn ended(connection: &mut Connection, machine: &str) -> Result<(), LoadError> {
    let query = json!({
        "stateMachineArn": format!("{PREFIX}{machine}"),
        "statusFilter": "RUNNING",
        "maxResults": 1,
    });
    loop {
        let page = connection.must("ListExecutions", &query).await?;
        if page["executions"].as_array().is_some_and(Vec::is_empty) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// How many executions run.
async fn running(connection: &mut Connection, machine: &str) -> Result<u64, LoadError> {
    let mut query = json!({
        "stateMachineArn": format!("{PREFIX}{machine}"),
        "statusFilter": "RUNNING",
        "maxResults": 1000,
    });
    let mut count = 0;
    loop {
        let page = connection.must("ListExecutions", &query).await?;
        count += page["executions"].as_array().map_or(0, Vec::len) as u64;
        match page.get("nextToken") {
            Some(token) => query["nextToken"] = token.clone(),
            None => return Ok(count),
        }
    }
}

fn files(program: &Program) -> Result<u64, LoadError> {
    size(&program.store).map_err(LoadError::system("the size of the store"))
}

pub(super) fn arn(machine: &str) -> Value {
    json!({ "stateMachineArn": format!("{PREFIX}{machine}") })
}

fn chain() -> Value {
    let mut states = Map::new();
    for step in 0..STATES {
        let mut state = json!({ "Type": "Pass" });
        if step + 1 < STATES {
            state["Next"] = json!(format!("State{}", step + 1));
        } else {
            state["End"] = json!(true);
        }
        states.insert(format!("State{step}"), state);
    }
    json!({ "StartAt": "State0", "States": states })
}

fn wait() -> Value {
    json!({ "StartAt": "Wait", "States": {
        "Wait": { "Type": "Wait", "Seconds": 10_000_000, "End": true },
    }})
}

fn parent() -> Value {
    json!({ "StartAt": "Child", "States": { "Child": {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": { "StateMachineArn": format!("{PREFIX}wait"), "Input": {} },
        "End": true,
    }}})
}

pub(super) fn processor(microseconds: f64) -> Figure {
    Figure {
        what: "the server's processor time for each".to_owned(),
        value: microseconds,
        unit: "µs",
        target: None,
    }
}

/// In milliseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    middle.as_secs_f64() * 1e3
}

pub(super) fn per_second(count: u64, time: Duration) -> f64 {
    as_f64(count) / time.as_secs_f64()
}

#[allow(clippy::cast_precision_loss)] // counts and sizes are far below 2⁵³
pub(super) fn as_f64(count: u64) -> f64 {
    count as f64
}
