//! Where AWS's SDKs look for credentials, in their order.
//!
//! Source: AWS SDKs and Tools Reference Guide, "Standardized credential providers".

use std::collections::HashSet;

use super::{Credentials, Provider, Role, metadata, process, roles, sso};
use crate::client::Client;
use crate::config::{Environment, Profiles, Section};
use crate::error::CredentialError;
use crate::secret::Secret;

/// The first credentials that are found. What is set and does not work ends the search.
pub(super) async fn find(
    environment: &Environment,
    client: &Client,
) -> Result<Credentials, CredentialError> {
    let mut tried = vec!["the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"];
    if let Some(found) = of_variables(environment)? {
        return Ok(found);
    }
    tried.push("AWS_WEB_IDENTITY_TOKEN_FILE");
    if let Some(token) = environment.get("AWS_WEB_IDENTITY_TOKEN_FILE") {
        let role = environment.get("AWS_ROLE_ARN");
        let role = role.ok_or(CredentialError::Incomplete {
            place: "the environment".to_owned(),
            lacks: "AWS_ROLE_ARN",
        })?;
        let name = environment.get("AWS_ROLE_SESSION_NAME");
        return roles::by_web_identity(client, role, name, token.as_ref()).await;
    }
    tried.push("the profile");
    let profiles = Profiles::read(environment)?;
    let profile = Profile {
        environment,
        profiles: &profiles,
        client,
    };
    if let Some(found) = profile.find(environment.profile(), HashSet::new()).await? {
        return Ok(found);
    }
    tried.push("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI");
    if let Some(found) = metadata::of_container(environment, client).await? {
        return Ok(found);
    }
    if environment.get("AWS_EC2_METADATA_DISABLED") != Some("true") {
        tried.push("the instance's metadata service");
        if let Some(found) = metadata::of_instance(environment, client).await? {
            return Ok(found);
        }
    }
    Err(CredentialError::None { tried })
}

fn of_variables(environment: &Environment) -> Result<Option<Credentials>, CredentialError> {
    let Some(key) = environment.get("AWS_ACCESS_KEY_ID") else {
        return Ok(None);
    };
    let secret = environment.get("AWS_SECRET_ACCESS_KEY");
    let secret = secret.ok_or(CredentialError::Incomplete {
        place: "the environment".to_owned(),
        lacks: "AWS_SECRET_ACCESS_KEY",
    })?;
    Ok(Some(Credentials {
        session_token: environment.get("AWS_SESSION_TOKEN").map(Secret::from),
        ..Credentials::new(key, secret)
    }))
}

/// Looking in profiles.
struct Profile<'a> {
    environment: &'a Environment,
    profiles: &'a Profiles,
    client: &'a Client,
}

impl Profile<'_> {
    /// The credentials of a profile; none if it has none. `above` are those that have led to it.
    async fn find(
        &self,
        name: String,
        mut above: HashSet<String>,
    ) -> Result<Option<Credentials>, CredentialError> {
        let Some(section) = self.profiles.profile(&name) else {
            return match above.is_empty() {
                true => Ok(None),
                false => Err(CredentialError::NoProfile { profile: name }),
            };
        };
        let lacks = |lacks| CredentialError::Incomplete {
            place: format!("the profile {name}"),
            lacks,
        };
        if let Some(role_arn) = section.get("role_arn") {
            if let Some(token) = section.get("web_identity_token_file") {
                let session = section.get("role_session_name");
                let found = roles::by_web_identity(self.client, role_arn, session, token.as_ref());
                return found.await.map(Some);
            }
            // A profile may be its own source: then its keys are meant.
            let own_keys = section.get("source_profile") == Some(&name);
            if !own_keys && !above.insert(name.clone()) {
                return Err(CredentialError::Circle { profile: name });
            }
            let caller = match section.get("source_profile") {
                Some(_) if own_keys => keys(section).ok_or_else(|| lacks("aws_access_key_id"))?,
                Some(source) => {
                    let found = Box::pin(self.find(source.to_owned(), above)).await?;
                    found.ok_or_else(|| lacks("credentials in its source_profile"))?
                }
                None => self
                    .by_source(section)
                    .await?
                    .ok_or_else(|| lacks("source_profile"))?,
            };
            let role = role(section, role_arn);
            let found = role.assume(self.client, &Provider::fixed(caller)).await?;
            return Ok(Some(found));
        }
        if section.get("sso_account_id").is_some() {
            return sso::find(self.environment, self.profiles, section, &name, self.client)
                .await
                .map(Some);
        }
        if let Some(found) = keys(section) {
            return Ok(Some(found));
        }
        match section.get("credential_process") {
            Some(command) => process::run(command).await.map(Some),
            None => Ok(None),
        }
    }

    /// The credentials that `credential_source` names.
    async fn by_source(&self, section: &Section) -> Result<Option<Credentials>, CredentialError> {
        match section.get("credential_source") {
            Some("Environment") => of_variables(self.environment),
            Some("EcsContainer") => metadata::of_container(self.environment, self.client).await,
            Some("Ec2InstanceMetadata") => {
                metadata::of_instance(self.environment, self.client).await
            }
            _ => Ok(None),
        }
    }
}

fn keys(section: &Section) -> Option<Credentials> {
    let key = section.get("aws_access_key_id")?;
    let secret = section.get("aws_secret_access_key")?;
    Some(Credentials {
        session_token: section.get("aws_session_token").map(Secret::from),
        ..Credentials::new(key, secret)
    })
}

fn role(section: &Section, arn: &str) -> Role {
    Role {
        external_id: section.get("external_id").map(str::to_owned),
        duration_seconds: section
            .get("duration_seconds")
            .and_then(|text| text.parse().ok()),
        ..Role::new(
            arn,
            section.get("role_session_name").unwrap_or(roles::SESSION),
        )
    }
}
