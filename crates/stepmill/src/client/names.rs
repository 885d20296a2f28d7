//! What names mean: ARNs, and what is short for them.

use serde_json::{Value, json};

use super::server::Server;
use crate::problem::Problem;

/// The ARN of a state machine that is given by its ARN or its name. `#TEST_CASE` may follow.
pub(super) fn machine(server: &Server, name: &str) -> Result<String, Problem> {
    if name.starts_with("arn:") {
        return Ok(name.to_owned());
    }
    let (name, case) = match name.split_once('#') {
        Some((name, case)) => (name, Some(case)),
        None => (name, None),
    };
    let mut arn = find(server, name)?;
    if let Some(case) = case {
        arn = format!("{arn}#{case}");
    }
    Ok(arn)
}

/// The ARN of an execution that is given by its ARN or as `MACHINE:EXECUTION`.
pub(super) fn execution(server: &Server, name: &str) -> Result<String, Problem> {
    if name.starts_with("arn:") {
        return Ok(name.to_owned());
    }
    let Some((machine, execution)) = name.split_once(':') else {
        return Err(Problem::new(format!("{name}: names no execution"))
            .help("write its ARN, or MACHINE:EXECUTION"));
    };
    let arn = find(server, machine)?;
    let arn = arn.replacen(":stateMachine:", ":execution:", 1);
    Ok(format!("{arn}:{execution}"))
}

/// Whether an ARN or short name is that of an execution.
pub(super) fn is_execution(name: &str) -> bool {
    match name.starts_with("arn:") {
        true => name.contains(":execution:") || name.contains(":express:"),
        false => name.contains(':'),
    }
}

/// The ARN of the state machine of that name. The server knows the account that it has; whether there
/// is such a state machine shows when it is asked for.
fn find(server: &Server, name: &str) -> Result<String, Problem> {
    let request = json!({"maxResults": 1000});
    let answer = server.call("ListStateMachines", &request)?;
    let machines = answer["stateMachines"].as_array();
    let machines = machines.map(Vec::as_slice).unwrap_or_default();
    let arn = |machine: &Value| machine["stateMachineArn"].as_str().map(str::to_owned);
    let named = machines.iter().find(|machine| machine["name"] == name);
    if let Some(arn) = named.and_then(arn) {
        return Ok(arn);
    }
    let all_seen = answer["nextToken"].is_null();
    let neighbour = machines.first().and_then(arn);
    match neighbour.as_deref().and_then(|arn| arn.rsplit_once(':')) {
        Some((prefix, _)) if !all_seen => Ok(format!("{prefix}:{name}")),
        _ => {
            let names = machines
                .iter()
                .filter_map(|machine| machine["name"].as_str());
            let names: Vec<&str> = names.take(10).collect();
            let help = match names.as_slice() {
                [] => {
                    "there is none yet: serve a project, or create one with the AWS CLI".to_owned()
                }
                names => format!("there are: {}", names.join(", ")),
            };
            Err(Problem::new(format!("there is no state machine {name}")).help(help))
        }
    }
}
