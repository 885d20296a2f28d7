//! AWS's clients, unchanged, against a server: a script each.

use crate::script::Client;
use crate::server::Home;

fn check(client: &Client, script: &str) {
    if client.is_there(script) {
        let home = Home::new();
        let server = home.serve(&[]);
        client.run(script, &[], &home, &server, &[]);
    }
}

#[test]
fn boto3_state_machines() {
    check(&Client::Python, "machines.py");
}

#[test]
fn boto3_executions() {
    check(&Client::Python, "executions.py");
}

#[test]
fn boto3_definitions() {
    check(&Client::Python, "definitions.py");
}

#[test]
fn boto3_workers() {
    check(&Client::Python, "workers.py");
}

#[test]
fn boto3_functions() {
    check(&Client::Python, "functions.py");
}

#[test]
fn aws_cli() {
    check(&Client::Python, "cli.py");
}

#[test]
fn javascript_sdk() {
    check(&Client::Node, "sdk.mjs");
}
