//! The verbs that speak to a server: `start`, `list`, `describe`, `history`, `stop`, `redrive`.

mod describe;
mod execution;
mod history;
mod list;
mod names;
mod server;
mod show;
mod start;

use serde_json::{Value, json};

use crate::Exit;
use crate::cli::{RedriveArgs, StopArgs};
use crate::problem::Problem;
use crate::terminal;
use server::Server;

pub(crate) use describe::describe;
pub(crate) use history::history;
pub(crate) use list::list;
pub(crate) use start::start;

pub(crate) fn stop(args: &StopArgs) -> Result<Exit, Problem> {
    let server = Server::new(&args.server)?;
    let arn = names::execution(&server, &args.execution)?;
    let mut request = json!({"executionArn": arn});
    for (member, value) in [("error", &args.error), ("cause", &args.cause)] {
        if let Some(value) = value {
            request[member] = json!(value);
        }
    }
    let answer = server.call("StopExecution", &request)?;
    if args.server.json {
        print(&answer)?;
    } else {
        terminal::note(&format!("stopped {arn}"));
    }
    Ok(Exit::Succeeded)
}

pub(crate) fn redrive(args: &RedriveArgs) -> Result<Exit, Problem> {
    let server = Server::new(&args.server)?;
    let arn = names::execution(&server, &args.execution)?;
    let answer = server.call("RedriveExecution", &json!({"executionArn": arn}))?;
    if args.wait {
        let ended = execution::wait(&server, &arn)?;
        return execution::report(&ended, args.server.json);
    }
    if args.server.json {
        print(&answer)?;
    } else {
        terminal::note(&format!("redriven {arn}"));
    }
    Ok(Exit::Succeeded)
}

/// Prints an answer of the server's as it is.
fn print(answer: &Value) -> Result<(), Problem> {
    terminal::print(&format!("{answer:#}\n"))
}
