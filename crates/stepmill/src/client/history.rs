//! `stepmill history`.

use console::{Style, truncate_str};
use serde_json::{Value, json};

use super::execution::Pauses;
use super::server::Server;
use super::show::{moment, text};
use super::{names, print};
use crate::Exit;
use crate::cli::HistoryArgs;
use crate::problem::Problem;
use crate::run::time::clock;
use crate::terminal::{self, harmless};

/// Events of one answer (API reference).
const PAGE: usize = 1_000;
/// Types stand in a column of this width.
const TYPE_WIDTH: usize = 26;
/// What an event is about is cut to this width.
const MATTER_WIDTH: usize = 120;

pub(crate) fn history(args: &HistoryArgs) -> Result<Exit, Problem> {
    let server = Server::new(&args.server)?;
    let arn = names::execution(&server, &args.execution)?;
    if args.follow {
        return follow(&server, &arn, args.server.json);
    }
    let mut request = json!({
        "executionArn": arn,
        "maxResults": PAGE,
        "reverseOrder": args.reverse,
    });
    let mut all = Vec::new();
    loop {
        let mut answer = server.call("GetExecutionHistory", &request)?;
        let events = events(&mut answer);
        if args.server.json {
            all.extend(events);
        } else {
            show(&events)?;
        }
        request["nextToken"] = answer["nextToken"].take();
        if request["nextToken"].is_null() {
            break;
        }
    }
    if args.server.json {
        print(&json!({"events": all}))?;
    }
    Ok(Exit::Succeeded)
}

fn events(answer: &mut Value) -> Vec<Value> {
    match answer["events"].take() {
        Value::Array(events) => events,
        _ => Vec::new(),
    }
}

/// Shows events as they come, until the execution has ended; with `json` one a line.
fn follow(server: &Server, arn: &str, json: bool) -> Result<Exit, Problem> {
    let mut last = 0;
    let mut pauses = Pauses::new();
    loop {
        // Asked before the events are read, so that none is missed after the end.
        let described = server.call("DescribeExecution", &json!({"executionArn": arn}))?;
        let new = after(server, arn, last)?;
        if let Some(event) = new.last() {
            last = event["id"].as_u64().unwrap_or(last);
            pauses = Pauses::new();
        }
        if json {
            let mut lines = String::new();
            for event in &new {
                lines.push_str(&event.to_string());
                lines.push('\n');
            }
            terminal::print(&lines)?;
        } else {
            show(&new)?;
        }
        match described["status"].as_str() {
            Some("RUNNING") => pauses.pause(),
            Some("SUCCEEDED") => return Ok(Exit::Succeeded),
            _ => return Ok(Exit::Failed),
        }
    }
}

/// The events after that one, read from the latest back to it.
fn after(server: &Server, arn: &str, last: u64) -> Result<Vec<Value>, Problem> {
    let mut request = json!({
        "executionArn": arn,
        "maxResults": PAGE,
        "reverseOrder": true,
    });
    let mut new = Vec::new();
    loop {
        let mut answer = server.call("GetExecutionHistory", &request)?;
        let page = events(&mut answer);
        let fresh = page.len();
        new.extend(
            page.into_iter()
                .take_while(|event| event["id"].as_u64().is_some_and(|id| id > last)),
        );
        request["nextToken"] = answer["nextToken"].take();
        let all_fresh = fresh > 0 && new.last().is_some_and(|event| event["id"] != last + 1);
        if request["nextToken"].is_null() || !all_fresh {
            new.reverse();
            return Ok(new);
        }
    }
}

fn show(events: &[Value]) -> Result<(), Problem> {
    let lines: String = events.iter().map(line).collect();
    terminal::print(&lines)
}

/// An event in a line: id, time, type, state or resource, what went wrong.
fn line(event: &Value) -> String {
    let kind = text(&event["type"]);
    let style = Style::new();
    let style = if kind.ends_with("Succeeded") {
        style.green()
    } else if kind.ends_with("Failed") || kind.ends_with("TimedOut") {
        style.red()
    } else if kind.ends_with("Aborted") {
        style.yellow()
    } else {
        style
    };
    let time = moment(&event["timestamp"]).map(clock).unwrap_or_default();
    let time = Style::new().dim().apply_to(time);
    let id = event["id"].as_u64().unwrap_or_default();
    let kind = style.apply_to(format!("{kind:<TYPE_WIDTH$}"));
    let matter = matter(event);
    format!("{id:>5}  {time}  {kind}  {matter}")
        .trim_end()
        .to_owned()
        + "\n"
}

/// What the details of an event say in few words.
fn matter(event: &Value) -> String {
    let members = event.as_object().into_iter().flatten();
    let details = members.filter(|(name, _)| name.ends_with("EventDetails"));
    let mut words = Vec::new();
    for (_, details) in details {
        for member in ["name", "resourceType", "resource", "index", "length"] {
            match &details[member] {
                Value::String(value) => words.push(value.clone()),
                Value::Number(value) => words.push(format!("{member} {value}")),
                _ => {}
            }
        }
        let error = details["error"].as_str();
        let cause = details["cause"].as_str();
        match (error, cause) {
            (Some(error), Some(cause)) => words.push(format!("{error}: {cause}")),
            (Some(one), None) | (None, Some(one)) => words.push(one.to_owned()),
            (None, None) => {}
        }
    }
    let words = words.join(" ");
    let words = harmless(&words)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    truncate_str(&words, MATTER_WIDTH, "…").into_owned()
}
