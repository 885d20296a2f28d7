//! `stepmill policy`.

use serde_json::{Value as Json, json};
use stepmill::constructs::core::{App, Environment, Stack};
use stepmill::constructs::policy::{RolePolicy, of_definition};
use stepmill::constructs::template::{ResourceTypes, substitutable};
use stepmill::constructs::value::Value;

use crate::Exit;
use crate::assembly;
use crate::cli::PolicyArgs;
use crate::problem::Problem;
use crate::source::Source;
use crate::terminal::{self, harmless};
use crate::validate;

pub(crate) fn policy(args: &PolicyArgs) -> Result<Exit, Problem> {
    let environment = Environment {
        account: args.account.clone(),
        region: args.region.clone(),
    };
    let stack = Stack::with_environment(&App::new(), "Policy", environment);
    let (definition, types) = definition(args)?;
    let policy = of_definition(&stack, &definition, &types);
    if args.json {
        terminal::print(&format!("{:#}\n", as_json(&policy, args)))?;
    } else {
        tell(&policy);
        terminal::print(&format!("{:#}\n", document(&policy, args)))?;
    }
    Ok(Exit::Succeeded)
}

/// The definition that the arguments name; that of a template with its references, and the types that they are to.
fn definition(args: &PolicyArgs) -> Result<(Value, ResourceTypes), Problem> {
    if assembly::is_synthesized(&args.path) {
        return assembly::definition(&args.path, args.machine.as_deref());
    }
    let source = Source::open(&args.path)?;
    let parsed = source.parse(source.machine_type(false));
    validate::show(&source, &parsed.diagnostics);
    let Some(machine) = parsed.machine else {
        return Err(validate::refusal(&source, &parsed.diagnostics));
    };
    let json: Json = serde_json::from_str(&source.json(&machine))
        .map_err(|error| Problem::new(format!("{}: {error}", source.path.display())))?;
    Ok((json.into(), ResourceTypes::default()))
}

/// Which states need what, and what is not known, for people.
fn tell(policy: &RolePolicy) {
    for needed in &policy.statements {
        let statement = substitutable(&needed.statement.to_value());
        let actions = match &statement["Action"] {
            Json::Array(actions) => actions
                .iter()
                .filter_map(Json::as_str)
                .collect::<Vec<_>>()
                .join(", "),
            action => action.as_str().unwrap_or_default().to_owned(),
        };
        terminal::note(&format!(
            "{}: {}",
            harmless(&needed.states.join(", ")),
            harmless(&actions)
        ));
    }
    for unknown in &policy.unknown {
        terminal::note(&format!(
            "{}: not known: {}",
            harmless(&unknown.state),
            harmless(&unknown.what)
        ));
    }
}

/// The policy as IAM reads it.
fn document(policy: &RolePolicy, args: &PolicyArgs) -> Json {
    let statements = policy
        .statements
        .iter()
        .map(|needed| in_partition(&needed.statement.to_value(), args));
    json!({"Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>()})
}

fn as_json(policy: &RolePolicy, args: &PolicyArgs) -> Json {
    let statements = policy.statements.iter().map(|needed| {
        json!({"statement": in_partition(&needed.statement.to_value(), args), "states": needed.states})
    });
    let unknown = policy
        .unknown
        .iter()
        .map(|unknown| json!({"state": unknown.state, "what": unknown.what}));
    json!({
        "policy": document(policy, args),
        "statements": statements.collect::<Vec<_>>(),
        "unknown": unknown.collect::<Vec<_>>(),
    })
}

/// A statement with the partition that the arguments name.
fn in_partition(statement: &Value, args: &PolicyArgs) -> Json {
    let mut json = substitutable(statement);
    if let Some(partition) = &args.partition {
        replace(&mut json, "${AWS::Partition}", partition);
    }
    json
}

fn replace(json: &mut Json, from: &str, to: &str) {
    match json {
        Json::String(text) => *text = text.replace(from, to),
        Json::Array(items) => items.iter_mut().for_each(|item| replace(item, from, to)),
        Json::Object(members) => members
            .values_mut()
            .for_each(|value| replace(value, from, to)),
        _ => {}
    }
}
