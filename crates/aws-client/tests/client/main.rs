//! The client as its users meet it: against servers of this machine.

#![allow(clippy::unwrap_used, clippy::panic)] // a helper that fails fails its test

mod attempts;
mod credentials;
mod moto;
mod python;
mod responder;
mod strict;
mod transport;

use serde_json::Value;
use stepmill_aws_client::{CallError, Client, Config, Credentials, Overrides, Provider, Response};

/// A client of an endpoint, with credentials, that does not pause between attempts.
fn config(endpoint: &str) -> Config {
    Config {
        region: Some("us-east-1".to_owned()),
        endpoint: Some(endpoint.to_owned()),
        credentials: Provider::fixed(Credentials::new("AKIDEXAMPLE", "s3cret/key")),
        backoff: std::time::Duration::ZERO,
        ..Config::default()
    }
}

async fn call(
    client: &Client,
    service: &str,
    operation: &str,
    parameters: Value,
) -> Result<Response, CallError> {
    client
        .call(service, operation, &parameters, &Overrides::default())
        .await
}
