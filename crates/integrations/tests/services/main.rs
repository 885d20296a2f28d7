//! Services and servers as tasks call them: against moto and against a server made of AWS's models, which
//! know nothing of this implementation, and against servers in Python.

#![allow(clippy::unwrap_used, clippy::panic)] // a helper that fails fails its test

mod api_gateway;
mod cases;
mod eks;
mod http_task;
mod lambda;
mod moto;
mod optimised;
#[path = "../../../aws-client/tests/strict/peer.rs"]
mod python;
mod roles;
mod sdk;
mod settings;
mod strict;
mod web;

use std::num::NonZeroU32;

use serde_json::Value;
use stepmill_asl::model::Resource;
use stepmill_integrations::project::AwsSettings;
use stepmill_integrations::{Aws, AwsEnvironment, Call, Integrations, Outcome};

const EXECUTION: &str = "arn:aws:states:eu-west-1:123456789012:execution:orders:1";
const MACHINE: &str = "arn:aws:states:eu-west-1:123456789012:stateMachine:orders";
const ROLE: &str = "arn:aws:iam::123456789012:role/machine";

/// A call of `arn:aws:states:::RESOURCE`.
fn call(resource: &str, parameters: &Value) -> Call {
    Call {
        execution_arn: EXECUTION.to_owned(),
        state_machine: "orders".to_owned(),
        state_machine_arn: MACHINE.to_owned(),
        execution_role_arn: ROLE.to_owned(),
        state: "Do it".to_owned(),
        task: 3,
        attempt: 0,
        resource: Resource::parse(&format!("arn:aws:states:::{resource}")).unwrap(),
        input: parameters.to_string(),
        role_arn: None,
        token: resource
            .ends_with(".waitForTaskToken")
            .then(|| "token".to_owned()),
        submitted: None,
        repeated: false,
        mocks: None,
    }
}

/// Tasks with settings and variables, and nothing else of this machine.
fn integrations(settings: AwsSettings, variables: &[(&str, &str)]) -> Integrations {
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let environment = AwsEnvironment::new(variables, None);
    Integrations::new().with_aws(Aws::new(settings, environment))
}

/// Tasks whose services are all at one URL, called by an access key, without pauses.
fn all_at(url: &str, key: &str, settings: AwsSettings) -> Integrations {
    let settings = AwsSettings {
        endpoint: Some(url.parse().unwrap()),
        poll_ms: NonZeroU32::new(1),
        ..settings
    };
    let variables = [
        ("AWS_ACCESS_KEY_ID", key),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_MAX_ATTEMPTS", "1"),
    ];
    integrations(settings, &variables)
}

async fn run(integrations: &Integrations, call: &Call) -> Outcome {
    integrations.run(call, &|_| {}).await
}

/// The result of a task that succeeds.
async fn ok(integrations: &Integrations, resource: &str, parameters: Value) -> Value {
    match run(integrations, &call(resource, &parameters)).await {
        Outcome::Succeeded(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("{resource}: {other:?}"),
    }
}

/// The error and the cause of a task that fails.
async fn failed(
    integrations: &Integrations,
    resource: &str,
    parameters: Value,
) -> (String, String) {
    match run(integrations, &call(resource, &parameters)).await {
        Outcome::Failed { error, cause } => (error.unwrap(), cause.unwrap()),
        other => panic!("{resource}: {other:?}"),
    }
}

/// Why a task cannot be started at all.
async fn impossible(integrations: &Integrations, resource: &str, parameters: Value) -> String {
    match run(integrations, &call(resource, &parameters)).await {
        Outcome::Impossible(reason) => reason,
        other => panic!("{resource}: {other:?}"),
    }
}

/// Parameters with others added.
fn merged(mut parameters: Value, others: Value) -> Value {
    if let (Value::Object(members), Value::Object(others)) = (&mut parameters, others) {
        members.extend(others);
    }
    parameters
}

/// A text with the parts behind these words, up to the next `;`, `,` or `)`, left out.
fn without(text: &str, words: &[&str]) -> String {
    let mut text = text.to_owned();
    for word in words {
        if let Some((before, after)) = text.split_once(word) {
            let end = after.find([';', ',', ')']).unwrap_or(after.len());
            text = format!("{before}{word}{}", &after[end..]);
        }
    }
    text
}
