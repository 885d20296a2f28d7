//! Credentials of IAM Identity Center, for who is signed in.

use jiff::Timestamp;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::Credentials;
use crate::checksum::hex;
use crate::client::{Client, Overrides};
use crate::config::{Environment, Profiles, Section};
use crate::error::CredentialError;

/// What the service calls the parts of credentials.
const NAMES: [&str; 4] = [
    "accessKeyId",
    "secretAccessKey",
    "sessionToken",
    "expiration",
];

pub(super) async fn find(
    environment: &Environment,
    profiles: &Profiles,
    section: &Section,
    profile: &str,
    client: &Client,
) -> Result<Credentials, CredentialError> {
    let lacks = |lacks| CredentialError::Incomplete {
        place: format!("the profile {profile}"),
        lacks,
    };
    let session = section.get("sso_session");
    let shared = session.and_then(|name| profiles.session(name));
    let shared = |key| {
        shared
            .and_then(|shared| shared.get(key))
            .or(section.get(key))
    };
    let url = shared("sso_start_url").ok_or_else(|| lacks("sso_start_url"))?;
    let region = shared("sso_region").ok_or_else(|| lacks("sso_region"))?;
    let account = section
        .get("sso_account_id")
        .ok_or_else(|| lacks("sso_account_id"))?;
    let role = section
        .get("sso_role_name")
        .ok_or_else(|| lacks("sso_role_name"))?;
    let token = token(environment, session.unwrap_or(url));
    let token = token.ok_or_else(|| CredentialError::SignedOut {
        profile: profile.to_owned(),
    })?;
    let parameters = json!({ "roleName": role, "accountId": account, "accessToken": token });
    let overrides = Overrides {
        region: Some(region.to_owned()),
        ..Overrides::default()
    };
    let result = client
        .call("sso", "GetRoleCredentials", &parameters, &overrides)
        .await;
    let result = result.map_err(|error| CredentialError::Role {
        role: role.to_owned(),
        source: Box::new(error),
    })?;
    let found = result.json.get("roleCredentials");
    let found = found.and_then(|value| Credentials::of_json(value, NAMES));
    found.ok_or_else(|| CredentialError::Unusable {
        place: "IAM Identity Center".to_owned(),
    })
}

/// The token that `aws sso login` has left, if it is still good.
fn token(environment: &Environment, session: &str) -> Option<String> {
    let name = hex(&Sha1::digest(session));
    let path = environment.in_home(format!(".aws/sso/cache/{name}.json"))?;
    let cached: Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    let end = crate::time::read(cached.get("expiresAt")?.as_str()?)?;
    let token = cached.get("accessToken")?.as_str()?;
    (end > Timestamp::now()).then(|| token.to_owned())
}
