//! `stepmill describe`.

use serde_json::{Value, json};

use super::server::Server;
use super::show::{fields, laid_out, status, text, time};
use super::{names, print};
use crate::Exit;
use crate::cli::DescribeArgs;
use crate::problem::Problem;
use crate::terminal;

pub(crate) fn describe(args: &DescribeArgs) -> Result<Exit, Problem> {
    let server = Server::new(&args.server)?;
    let described = if names::is_execution(&args.name) {
        let arn = names::execution(&server, &args.name)?;
        server.call("DescribeExecution", &json!({"executionArn": arn}))?
    } else {
        let arn = names::machine(&server, &args.name)?;
        server.call("DescribeStateMachine", &json!({"stateMachineArn": arn}))?
    };
    if args.server.json {
        print(&described)?;
    } else {
        terminal::print(&show(&described))?;
    }
    Ok(Exit::Succeeded)
}

/// Every member that says something, in the order of the answer.
fn show(described: &Value) -> String {
    let members = described.as_object().into_iter().flatten();
    let lines: Vec<(&str, String)> = members
        .filter_map(|(name, value)| {
            let shown = match (name.as_str(), value) {
                (_, Value::Null) => return None,
                ("status", value) => status(&text(value)),
                (name, value @ Value::Number(_)) if name.ends_with("Date") => time(value),
                (_, Value::String(value)) => laid_out(value),
                (_, value) if is_empty(value) => return None,
                (_, value) => laid_out(&value.to_string()),
            };
            Some((name.as_str(), shown))
        })
        .collect();
    fields(&lines)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
