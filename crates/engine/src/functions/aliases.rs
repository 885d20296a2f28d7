//! CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stepmill_integrations::lambda::{LATEST, Target};
use stepmill_store::Change;
use uuid::Uuid;

use super::documents::{Documents, Key};
use super::error::FunctionError;
use super::fields::Fields;
use super::model::Alias;
use super::paging::Page;
use super::{Body, Functions, is_number, no_function, shape};
use crate::caller::Caller;

const PATTERN: &str =
    "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)";

impl Functions {
    /// `CreateAlias`
    pub async fn create_alias(
        &self,
        caller: &Caller,
        name: &str,
        body: Body,
    ) -> Result<Value, FunctionError> {
        let target = self.target(caller, name, None)?;
        let mut fields = Fields::new(body);
        let alias = Alias {
            name: alias_name(fields.required_text("Name")?)?,
            version: fields.required_text("FunctionVersion")?,
            description: fields.text_within("Description", 256)?.unwrap_or_default(),
            weights: weights(&mut fields)?.unwrap_or_default(),
            revision: Uuid::new_v4(),
        };
        fields.finish("CreateAlias")?;

        let _turn = self.change().await;
        let (key, ..) = self.own(&target)?;
        if self.inner.documents.alias(&key, &alias.name)?.is_some() {
            let arn = shape::qualified(&key.owner, &key.name, &alias.name);
            return Err(FunctionError::conflict(format!(
                "Alias already exists: {arn}"
            )));
        }
        let number = self.inner.documents.number();
        self.keep_alias(&key, number, &alias).await
    }

    /// `UpdateAlias`
    pub async fn update_alias(
        &self,
        caller: &Caller,
        name: &str,
        alias: &str,
        body: Body,
    ) -> Result<Value, FunctionError> {
        let target = self.target(caller, name, None)?;
        let mut fields = Fields::new(body);
        let version = fields.text("FunctionVersion")?;
        let description = fields.text_within("Description", 256)?;
        let weights = weights(&mut fields)?;
        let revision = fields.text("RevisionId")?;
        fields.finish("UpdateAlias")?;

        let _turn = self.change().await;
        let (key, ..) = self.own(&target)?;
        let Some((number, mut changed)) = self.inner.documents.alias(&key, alias)? else {
            return Err(no_alias(&target, alias));
        };
        Self::check_revision(revision.as_deref(), changed.revision)?;
        changed.version = version.unwrap_or(changed.version);
        changed.description = description.unwrap_or(changed.description);
        changed.weights = weights.unwrap_or(changed.weights);
        changed.revision = Uuid::new_v4();
        self.keep_alias(&key, number, &changed).await
    }

    /// `GetAlias`
    pub fn get_alias(
        &self,
        caller: &Caller,
        name: &str,
        alias: &str,
    ) -> Result<Value, FunctionError> {
        let target = self.target(caller, name, None)?;
        let key = Key::new(target.owner(), target.name());
        if self.stored(&key)?.is_some()
            && let Some((_, alias)) = self.inner.documents.alias(&key, alias)?
        {
            return Ok(shape::alias(&key.owner, &key.name, &alias));
        }
        Err(no_alias(&target, alias))
    }

    /// `DeleteAlias`; deleting what does not exist is no error.
    pub async fn delete_alias(
        &self,
        caller: &Caller,
        name: &str,
        alias: &str,
    ) -> Result<(), FunctionError> {
        let target = self.target(caller, name, None)?;
        let _turn = self.change().await;
        self.writable(target.name())?;
        let key = Key::new(target.owner(), target.name());
        if let Some((number, _)) = self.inner.documents.alias(&key, alias)? {
            let delete = vec![Change::Delete { number }];
            self.inner.documents.commit(delete).await?;
            self.inner.host.route(&key.owner, &key.name, alias, None);
        }
        Ok(())
    }

    /// `ListAliases`, by name; only those that lead to `version`, if one is named.
    pub fn list_aliases(
        &self,
        caller: &Caller,
        name: &str,
        version: Option<&str>,
        page: &Page,
    ) -> Result<Value, FunctionError> {
        let target = self.target(caller, name, None)?;
        let key = Key::new(target.owner(), target.name());
        let aliases = match self.inner.host.common(target.name()) {
            Some(_) => Vec::new(),
            None if self.inner.documents.function(&key)?.is_none() => {
                return Err(no_function(&target));
            }
            None => self.inner.documents.aliases(&key)?,
        };
        let wanted = aliases.into_iter().map(|(_, alias)| alias).filter(|alias| {
            version.is_none_or(|version| {
                alias.version == version || alias.weights.contains_key(version)
            })
        });
        let (aliases, next) = page.cut(wanted, |alias| alias.name.clone())?;
        let shapes: Vec<Value> = aliases
            .iter()
            .map(|alias| shape::alias(&key.owner, &key.name, alias))
            .collect();
        Ok(json!({"Aliases": shapes, "NextMarker": next}))
    }

    async fn keep_alias(
        &self,
        key: &Key,
        number: u64,
        alias: &Alias,
    ) -> Result<Value, FunctionError> {
        let documents = &self.inner.documents;
        for version in std::iter::once(&alias.version).chain(alias.weights.keys()) {
            if version != LATEST && documents.version(key, version)?.is_none() {
                let arn = shape::qualified(&key.owner, &key.name, version);
                return Err(FunctionError::not_found(format!(
                    "Function not found: {arn}"
                )));
            }
        }
        if !alias.weights.is_empty() && alias.version == LATEST {
            return Err(FunctionError::invalid(
                "$LATEST is not supported for an alias pointing to more than 1 version",
            ));
        }
        if alias.weights.contains_key(&alias.version) {
            return Err(FunctionError::invalid(format!(
                "Invalid function version {}. Function version {} is already included in routing \
                 configuration.",
                alias.version, alias.version
            )));
        }
        documents
            .commit(vec![Documents::put_alias(key, number, alias)?])
            .await?;
        let (host, owner) = (&self.inner.host, &key.owner);
        host.route(owner, &key.name, &alias.name, Some(alias.route()));
        Ok(shape::alias(owner, &key.name, alias))
    }
}

fn alias_name(name: String) -> Result<String, FunctionError> {
    let word = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if word && (1..=128).contains(&name.len()) && !is_number(&name) {
        Ok(name)
    } else {
        Err(FunctionError::constraint(&name, "name", PATTERN))
    }
}

/// `RoutingConfig`; an empty one takes the weights away.
fn weights(fields: &mut Fields) -> Result<Option<BTreeMap<String, f64>>, FunctionError> {
    let Some(mut routing) = fields.object("RoutingConfig")? else {
        return Ok(None);
    };
    let weights = routing.value("AdditionalVersionWeights");
    routing.finish("RoutingConfig")?;
    let Some(weights) = weights else {
        return Ok(Some(BTreeMap::new()));
    };
    let weights: BTreeMap<String, f64> = serde_json::from_value(weights).map_err(|_| {
        FunctionError::invalid("AdditionalVersionWeights must give each version a number")
    })?;
    if weights.len() > 1 {
        return Err(FunctionError::invalid(
            "Number of items in AdditionalVersionWeights cannot be greater than 1",
        ));
    }
    for (version, weight) in &weights {
        let shown = format!("{{{version}={weight}}}");
        let rule = if !is_number(version) || version.is_empty() {
            "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: \
             [0-9]+, Member must not be null]"
        } else if *weight < 0.0 {
            "Map value must satisfy constraint: [Member must have value greater than or equal to \
             0.0, Member must not be null]"
        } else if *weight > 1.0 {
            "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, \
             Member must not be null]"
        } else {
            continue;
        };
        let member = "routingConfig.additionalVersionWeights";
        return Err(FunctionError::constraint(&shown, member, rule));
    }
    Ok(Some(weights))
}

fn no_alias(target: &Target, alias: &str) -> FunctionError {
    let arn = shape::qualified(target.owner(), target.name(), alias);
    FunctionError::not_found(format!("Cannot find alias arn: {arn}"))
}
