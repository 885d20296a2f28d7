//! Roles, assumed through STS.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{Credentials, Provider};
use crate::client::{Client, Overrides};
use crate::error::CredentialError;

/// The name of a session that was given none.
pub(super) const SESSION: &str = "stepmill";
/// What STS calls the parts of credentials.
const NAMES: [&str; 4] = [
    "AccessKeyId",
    "SecretAccessKey",
    "SessionToken",
    "Expiration",
];

/// A role to be assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The role.
    pub arn: String,
    /// The name of the session, which the account's logs show.
    pub session_name: String,
    /// The external id that the role's trust may ask for.
    pub external_id: Option<String>,
    /// How long the credentials last, in seconds; STS's default if absent.
    pub duration_seconds: Option<u32>,
}

impl Role {
    /// A role, with nothing else said.
    pub fn new(arn: impl Into<String>, session_name: impl Into<String>) -> Self {
        Self {
            arn: arn.into(),
            session_name: session_name.into(),
            external_id: None,
            duration_seconds: None,
        }
    }

    pub(super) async fn assume(
        &self,
        client: &Client,
        caller: &Provider,
    ) -> Result<Credentials, CredentialError> {
        let optional = [
            ("ExternalId", self.external_id.clone().map(Value::from)),
            ("DurationSeconds", self.duration_seconds.map(Value::from)),
        ];
        let mut parameters = Map::new();
        parameters.insert("RoleArn".to_owned(), self.arn.clone().into());
        parameters.insert(
            "RoleSessionName".to_owned(),
            self.session_name.clone().into(),
        );
        for (name, value) in optional {
            parameters.extend(value.map(|value| (name.to_owned(), value)));
        }
        let overrides = Overrides {
            credentials: Some(caller.clone()),
            ..Overrides::default()
        };
        call(
            client,
            &self.arn,
            "AssumeRole",
            Value::Object(parameters),
            overrides,
        )
        .await
    }
}

/// A role, assumed with the token in a file.
pub(super) async fn by_web_identity(
    client: &Client,
    role: &str,
    session: Option<&str>,
    token: &Path,
) -> Result<Credentials, CredentialError> {
    let text = std::fs::read_to_string(token).map_err(|source| CredentialError::File {
        path: token.to_owned(),
        source,
    })?;
    let parameters = json!({
        "RoleArn": role,
        "RoleSessionName": session.unwrap_or(SESSION),
        "WebIdentityToken": text.trim(),
    });
    let action = "AssumeRoleWithWebIdentity";
    call(client, role, action, parameters, Overrides::default()).await
}

async fn call(
    client: &Client,
    role: &str,
    action: &str,
    parameters: Value,
    overrides: Overrides,
) -> Result<Credentials, CredentialError> {
    let result = client.call("sts", action, &parameters, &overrides).await;
    let result = result.map_err(|error| CredentialError::Role {
        role: role.to_owned(),
        source: Box::new(error),
    })?;
    let credentials = result.json.get("Credentials");
    let credentials = credentials.and_then(|value| Credentials::of_json(value, NAMES));
    credentials.ok_or_else(|| CredentialError::Unusable {
        place: format!("STS, asked for the role {role}"),
    })
}
