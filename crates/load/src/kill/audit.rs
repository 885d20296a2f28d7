//! Accounting for everything that was acknowledged, through the API.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::ledger::{Book, Job};
use super::machines::{ALL, Kind, parent, told};
use crate::LoadError;
use crate::http::Connection;

/// Connections that read.
const READERS: usize = 8;
const SUCCEEDED: &str = "SUCCEEDED";
const ABORTED: &str = "ABORTED";

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Executions that there are, those that others have started among them.
    pub(crate) executions: u64,
    pub(crate) events: u64,
    /// By round.
    pub(crate) lost: Vec<(u32, String)>,
    pub(crate) contradictions: Vec<(u32, String)>,
}

/// An execution as a list shows it.
struct Listed {
    kind: Kind,
    name: String,
    status: String,
    stop_date: Value,
}

/// Compares all that there is with all that was acknowledged.
pub(crate) async fn audit(address: SocketAddr, book: Arc<Book>) -> Result<Findings, LoadError> {
    let mut findings = Findings::default();
    let mut listed = Vec::new();
    let mut names = BTreeSet::new();
    let mut connection = Connection::open(address).await?;
    for kind in ALL {
        for execution in list(&mut connection, kind).await? {
            let job = numbered(&execution.name).and_then(|number| book.jobs.get(&number));
            let round = job.map_or(0, |job| job.round);
            let key = (kind, execution.name.clone());
            if !names.insert(key) {
                let what = format!("{}:{} is there twice", kind.name(), execution.name);
                findings.contradictions.push((round, what));
            }
            if job.is_none() {
                let what = format!("nobody asked for {}:{}", kind.name(), execution.name);
                findings.contradictions.push((round, what));
            }
            listed.push(execution);
        }
    }
    for job in book.jobs.values().filter(|job| job.started.is_some()) {
        if !names.contains(&(job.kind, job.name.clone())) {
            let what = format!("the start of {}:{}", job.kind.name(), job.name);
            findings.lost.push((job.round, what));
        }
    }
    findings.executions = listed.len() as u64;
    let share = listed.len().div_ceil(READERS).max(1);
    let mut readers = JoinSet::new();
    while !listed.is_empty() {
        let part = listed.split_off(listed.len().saturating_sub(share));
        readers.spawn(read(address, book.clone(), part));
    }
    while let Some(read) = readers.join_next().await {
        let read = read.map_err(|error| LoadError::Server(error.to_string()))??;
        findings.events += read.events;
        findings.lost.extend(read.lost);
        findings.contradictions.extend(read.contradictions);
    }
    Ok(findings)
}

/// How many executions still run.
pub(crate) async fn running(connection: &mut Connection) -> Result<usize, LoadError> {
    let mut running = 0;
    for kind in ALL {
        let query = json!({
            "stateMachineArn": kind.arn(), "statusFilter": "RUNNING", "maxResults": 1000,
        });
        let page = connection.must("ListExecutions", &query).await?;
        running += page["executions"].as_array().map_or(0, Vec::len);
    }
    Ok(running)
}

/// The number in an execution's name, or in that of the one that has started it.
fn numbered(name: &str) -> Option<u64> {
    let name = parent(name).unwrap_or(name);
    name.strip_prefix("job-")?.parse().ok()
}

async fn list(connection: &mut Connection, kind: Kind) -> Result<Vec<Listed>, LoadError> {
    let mut listed = Vec::new();
    let mut query = json!({ "stateMachineArn": kind.arn(), "maxResults": 1000 });
    loop {
        let page = connection.must("ListExecutions", &query).await?;
        for execution in page["executions"].as_array().into_iter().flatten() {
            let text = |field: &str| execution[field].as_str().unwrap_or_default().to_owned();
            listed.push(Listed {
                kind,
                name: text("name"),
                status: text("status"),
                stop_date: execution["stopDate"].clone(),
            });
        }
        match page.get("nextToken") {
            Some(token) => query["nextToken"] = token.clone(),
            None => return Ok(listed),
        }
    }
}

async fn read(
    address: SocketAddr,
    book: Arc<Book>,
    executions: Vec<Listed>,
) -> Result<Findings, LoadError> {
    let mut connection = Connection::open(address).await?;
    let mut findings = Findings::default();
    for execution in &executions {
        let Some(number) = numbered(&execution.name) else {
            continue;
        };
        let Some(job) = book.jobs.get(&number) else {
            continue;
        };
        let arn = execution.kind.execution_arn(&execution.name);
        let describe = json!({ "executionArn": arn });
        let described = connection.must("DescribeExecution", &describe).await?;
        let history = json!({ "executionArn": arn, "maxResults": 1000 });
        let history = connection.must("GetExecutionHistory", &history).await?;
        let events = history["events"].as_array().map_or(&[][..], Vec::as_slice);
        findings.events += events.len() as u64;
        let at = format!("{}:{}", execution.kind.name(), execution.name);
        let child = parent(&execution.name).is_some();
        let mut problems = consistent(execution, &described, events);
        if !child {
            problems.extend(as_expected(number, job, &described, events));
            if let Some(what) = lost(job, execution, &described) {
                findings.lost.push((job.round, format!("{at}: {what}")));
            }
        }
        for what in problems {
            findings
                .contradictions
                .push((job.round, format!("{at}: {what}")));
        }
    }
    Ok(findings)
}

/// What was acknowledged and is not so.
fn lost(job: &Job, listed: &Listed, described: &Value) -> Option<String> {
    if let Some(date) = &job.started
        && *date != described["startDate"]
    {
        let is = &described["startDate"];
        return Some(format!("its start was acknowledged at {date}, it is {is}"));
    }
    if let Some(date) = &job.stopped
        && (listed.status != ABORTED || *date != described["stopDate"])
    {
        let (status, is) = (&listed.status, &described["stopDate"]);
        return Some(format!(
            "its stop was acknowledged at {date}, it is {status} at {is}"
        ));
    }
    if job.told && listed.status != SUCCEEDED {
        let status = &listed.status;
        return Some(format!("its task's success was taken, it is {status}"));
    }
    None
}

/// What cannot be true of an execution, whatever it is.
fn consistent(listed: &Listed, described: &Value, events: &[Value]) -> Vec<String> {
    let mut problems = Vec::new();
    for field in ["status", "stopDate"] {
        let in_list = match field {
            "status" => json!(listed.status),
            _ => listed.stop_date.clone(),
        };
        if described[field] != in_list {
            let is = &described[field];
            problems.push(format!("{field} is {in_list} in the list, and {is}"));
        }
    }
    let (mut starts, mut ends) = (0, 0);
    for (expected, event) in (1_u64..).zip(events) {
        let (id, previous) = (event["id"].as_u64(), event["previousEventId"].as_u64());
        if id != Some(expected) || previous.is_none_or(|previous| previous >= expected) {
            problems.push(format!("event {expected} is {id:?} after {previous:?}"));
        }
        match event["type"].as_str().unwrap_or_default() {
            "ExecutionStarted" => starts += 1,
            "ExecutionSucceeded" | "ExecutionFailed" | "ExecutionAborted" | "ExecutionTimedOut" => {
                ends += 1;
            }
            _ => {}
        }
    }
    let first = events.first().map(|event| &event["type"]);
    if starts != 1 || first != Some(&json!("ExecutionStarted")) {
        problems.push(format!("{starts} starts"));
    }
    let ended = match listed.status.as_str() {
        SUCCEEDED => "ExecutionSucceeded",
        ABORTED => "ExecutionAborted",
        other => {
            problems.push(format!("is {other}"));
            return problems;
        }
    };
    let last = events.last().map(|event| &event["type"]);
    if ends != 1 || last != Some(&json!(ended)) {
        problems.push(format!("{ends} ends, the last event is {last:?}"));
    }
    problems
}

/// What is otherwise than it must be after that input.
fn as_expected(number: u64, job: &Job, described: &Value, events: &[Value]) -> Vec<String> {
    let mut problems = Vec::new();
    if described["input"] != json!(Kind::input(number)) {
        problems.push(format!("its input is {}", described["input"]));
    }
    let output = described["output"].as_str();
    let output: Option<Value> = output.and_then(|output| serde_json::from_str(output).ok());
    let expected = job.kind.output(number);
    if output != expected {
        problems.push(format!("its output is {output:?} instead of {expected:?}"));
    }
    if matches!(job.kind, Kind::Callback | Kind::Activity) {
        let successes: Vec<&Value> = events
            .iter()
            .filter_map(|event| {
                let details = ["taskSucceededEventDetails", "activitySucceededEventDetails"];
                details.iter().find_map(|details| event.get(details))
            })
            .collect();
        let told = json!(told(number).to_string());
        if successes.len() != 1 || successes.iter().any(|success| success["output"] != told) {
            problems.push(format!("its task has succeeded with {successes:?}"));
        }
    }
    problems
}
