//! `stepmill list`.

use serde_json::{Value, json};

use super::server::Server;
use super::show::{status, table, text, time};
use super::{names, print};
use crate::Exit;
use crate::cli::ListArgs;
use crate::problem::Problem;
use crate::terminal::{self, note};

/// Items of one answer (API reference).
const PAGE: usize = 1_000;

pub(crate) fn list(args: &ListArgs) -> Result<Exit, Problem> {
    let server = Server::new(&args.server)?;
    let (action, member, request) = match &args.machine {
        None => ("ListStateMachines", "stateMachines", json!({})),
        Some(machine) => {
            let arn = names::machine(&server, machine)?;
            let mut request = json!({"stateMachineArn": arn});
            if let Some(status) = &args.status {
                request["statusFilter"] = json!(status.to_ascii_uppercase());
            }
            ("ListExecutions", "executions", request)
        }
    };
    let most = usize::try_from(args.most).unwrap_or(usize::MAX);
    let (items, more) = collect(&server, action, member, request, most)?;
    if args.server.json {
        print(&json!({member: items}))?;
    } else {
        terminal::print(&show(&items, args.machine.is_some()))?;
    }
    if more {
        note(&format!("there are more than {most}; --most N shows more"));
    }
    Ok(Exit::Succeeded)
}

/// At most so many items, and whether there are more.
fn collect(
    server: &Server,
    action: &str,
    member: &str,
    mut request: Value,
    most: usize,
) -> Result<(Vec<Value>, bool), Problem> {
    let mut items: Vec<Value> = Vec::new();
    loop {
        request["maxResults"] = json!((most - items.len()).min(PAGE));
        let mut answer = server.call(action, &request)?;
        if let Value::Array(page) = answer[member].take() {
            items.extend(page);
        }
        let token = answer["nextToken"].take();
        if token.is_null() || items.len() >= most {
            return Ok((items, !token.is_null()));
        }
        request["nextToken"] = token;
    }
}

fn show(items: &[Value], executions: bool) -> String {
    if executions {
        let rows: Vec<_> = items
            .iter()
            .map(|item| {
                vec![
                    text(&item["name"]),
                    status(&text(&item["status"])),
                    time(&item["startDate"]),
                    time(&item["stopDate"]),
                ]
            })
            .collect();
        return table(&["NAME", "STATUS", "STARTED", "STOPPED"], &rows);
    }
    let rows: Vec<_> = items
        .iter()
        .map(|item| {
            vec![
                text(&item["name"]),
                text(&item["type"]),
                time(&item["creationDate"]),
                text(&item["stateMachineArn"]),
            ]
        })
        .collect();
    table(&["NAME", "TYPE", "CREATED", "ARN"], &rows)
}
