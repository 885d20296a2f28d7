//! Where connections are found: in the settings, or at EventBridge.

use serde_json::{Value, json};
use stepmill_aws_client::{CallError, Overrides};

use super::connection::Connection;
use crate::aws::{Aws, Caller, unsigned};
use crate::call::Outcome;
use crate::endpoints::{Endpoints, Task};

/// The connection that a task names by its ARN.
pub(super) async fn find(
    task: &Task<'_>,
    endpoints: &Endpoints,
    aws: Option<&Aws>,
    arn: &str,
) -> Result<Connection, Outcome> {
    let name = name(arn).ok_or_else(|| task.invalid("ConnectionArn"))?;
    if let Some(settings) = endpoints.settings.connections.get(name) {
        let connection = Connection::of_settings(settings, &endpoints.environment);
        return connection.map_err(|reason| {
            Outcome::Impossible(format!(
                "The connection {name} of the stepmill.toml cannot be used: {reason}."
            ))
        });
    }
    let Some(aws) = aws.filter(|aws| aws.is_configured("events")) else {
        return Err(Outcome::Impossible(format!(
            "Nothing says what the connection {name} is: declare [http.connections.{name}] in the \
             stepmill.toml, set up AWS (AWS_REGION and credentials, or [aws] there), or mock the \
             state '{}' (--mock FILE --test-case NAME).",
            task.call.state
        )));
    };
    let caller = aws.caller("events", task.call)?;
    let described = ask(
        task,
        &caller,
        "events",
        "DescribeConnection",
        json!({ "Name": name }),
    );
    let described = described.await?;
    usable(task, &described)?;
    let secret = described.get("SecretArn").cloned().unwrap_or_default();
    let secret = json!({ "SecretId": secret });
    let secret = ask(task, &caller, "secretsmanager", "GetSecretValue", secret).await?;
    let secret = secret.get("SecretString").and_then(Value::as_str);
    let secret: Option<Value> = secret.and_then(|text| serde_json::from_str(text).ok());
    let connection = secret.and_then(|secret| Connection::of_aws(&described, &secret));
    connection.ok_or_else(|| {
        let cause = format!("The secret of the connection {name} cannot be read");
        Outcome::failed(task.http.connection_error("InternalError"), cause)
    })
}

/// The name in `arn:aws:events:REGION:ACCOUNT:connection/NAME/ID`; the id may be missing.
fn name(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "events", _, _, resource] = parts[..] else {
        return None;
    };
    let name = resource.strip_prefix("connection/")?.split('/').next()?;
    (!name.is_empty()).then_some(name)
}

fn usable(task: &Task<'_>, described: &Value) -> Result<(), Outcome> {
    let told = |name: &str| described.get(name).filter(|value| !value.is_null());
    if told("InvocationConnectivityParameters").is_some() {
        return Err(Outcome::Impossible(format!(
            "{} cannot reach private APIs by their connection; name their host in [http] allow of \
             the stepmill.toml, and use a connection without connectivity parameters.",
            task.call.resource
        )));
    }
    let state = told("ConnectionState").and_then(Value::as_str);
    let reason = match state.unwrap_or_default() {
        "AUTHORIZED" => return Ok(()),
        "AUTHORIZING" | "CREATING" | "UPDATING" => "AuthInProgress",
        _ => "InvalidConnectionState",
    };
    let why = told("StateReason").and_then(Value::as_str);
    let cause = why.map_or_else(
        || format!("The connection is {}", state.unwrap_or("in no state")),
        str::to_owned,
    );
    Err(Outcome::failed(task.http.connection_error(reason), cause))
}

/// Calls a service of AWS.
async fn ask(
    task: &Task<'_>,
    caller: &Caller,
    service: &str,
    operation: &str,
    parameters: Value,
) -> Result<Value, Outcome> {
    let overrides = Overrides {
        region: Some(caller.region.clone()),
        ..Overrides::default()
    };
    let called = caller
        .client
        .call(service, operation, &parameters, &overrides)
        .await;
    let error = match called {
        Ok(response) => return Ok(response.json),
        Err(error) => error,
    };
    let internal = task.http.connection_error("InternalError");
    Err(match &error {
        CallError::Service(failed) => {
            let reason = match &*failed.code {
                "ResourceNotFoundException" => "ResourceNotFound",
                "ConcurrentModificationException" => "ConcurrentModification",
                code if code.starts_with("AccessDenied") => "AccessDenied",
                _ => "InternalError",
            };
            Outcome::failed(task.http.connection_error(reason), &failed.message)
        }
        CallError::Transport { source, .. } => Outcome::failed(
            internal,
            format!("Unable to execute HTTP request: {source}"),
        ),
        error => unsigned(&internal, task.call, error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_arns() {
        let arn = "arn:aws:events:eu-west-1:123456789012:connection/crm/81210c42";
        assert_eq!(name(arn), Some("crm"));
        assert_eq!(name("arn:aws:events:r:1:connection/crm"), Some("crm"));
        for wrong in [
            "crm",
            "",
            "arn:aws:events:r:1:connection/",
            "arn:aws:sqs:r:1:connection/a",
            "arn:aws:events:r:1:api-destination/a",
        ] {
            assert_eq!(name(wrong), None, "{wrong}");
        }
    }
}
