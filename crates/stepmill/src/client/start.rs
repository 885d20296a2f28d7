//! `stepmill start`.

use serde_json::{Value, json};
use stepmill::interpreter::Limits;

use super::server::Server;
use super::{execution, names, print};
use crate::Exit;
use crate::cli::StartArgs;
use crate::problem::Problem;
use crate::run::input;
use crate::terminal;

pub(crate) fn start(args: &StartArgs) -> Result<Exit, Problem> {
    let most = Limits::STANDARD.payload_bytes;
    let input = input::read(args.input.as_deref(), None, most)?;
    let server = Server::new(&args.server)?;
    let arn = names::machine(&server, &args.machine)?;
    let mut request = json!({"stateMachineArn": arn, "input": input.text()});
    if let Some(name) = &args.name {
        request["name"] = json!(name);
    }
    if args.wait && is_express(&server, &arn)? {
        let ended = server.call("StartSyncExecution", &request)?;
        return execution::report(&ended, args.server.json);
    }
    let started = server.call("StartExecution", &request)?;
    if args.wait {
        let arn = started["executionArn"].as_str().unwrap_or_default();
        let ended = execution::wait(&server, arn)?;
        return execution::report(&ended, args.server.json);
    }
    if args.server.json {
        print(&started)?;
    } else {
        let arn = started["executionArn"].as_str().unwrap_or_default();
        terminal::print(&format!("{arn}\n"))?;
    }
    Ok(Exit::Succeeded)
}

/// Whether executions of that ARN are Express, which nobody can wait for but who starts them.
fn is_express(server: &Server, arn: &str) -> Result<bool, Problem> {
    let arn = arn.split('#').next().unwrap_or(arn);
    // A version's or alias's type is its state machine's.
    let machine: Vec<&str> = arn.splitn(8, ':').take(7).collect();
    let request = json!({"stateMachineArn": machine.join(":"), "includedData": "METADATA_ONLY"});
    let described: Value = server.call("DescribeStateMachine", &request)?;
    Ok(described["type"] == "EXPRESS")
}
