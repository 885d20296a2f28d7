//! GetFunction, GetFunctionConfiguration, ListFunctions.

use std::collections::BTreeMap;
use std::fs;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use stepmill_integrations::lambda::{Function, LATEST, Owner, Target};

use super::documents::Key;
use super::error::FunctionError;
use super::model::{Code, Version};
use super::paging::Page;
use super::{Functions, no_function, other_than_latest, shape, versions};
use crate::caller::Caller;

impl Functions {
    /// `GetFunction`
    pub fn get(
        &self,
        caller: &Caller,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<Value, FunctionError> {
        let target = self.target(caller, name, qualifier)?;
        let version = self.version(&target)?;
        let directory = match &version.code {
            Code::Directory(path) => path.clone(),
            code @ Code::Archive { .. } => {
                let package = self.inner.packages.stored(code);
                package
                    .map(|package| package.directory.clone())
                    .unwrap_or_default()
            }
        };
        let mut shape = json!({
            "Configuration": configuration(&target, &version),
            "Code": shape::location(&directory),
        });
        let key = Key::new(target.owner(), target.name());
        if let Some((_, record)) = self.stored(&key)? {
            if !record.tags.is_empty() {
                shape["Tags"] = json!(record.tags);
            }
            if let Some(reserved) = record.reserved {
                shape["Concurrency"] = json!({"ReservedConcurrentExecutions": reserved});
            }
        }
        Ok(shape)
    }

    /// `GetFunctionConfiguration`
    pub fn get_configuration(
        &self,
        caller: &Caller,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<Value, FunctionError> {
        let target = self.target(caller, name, qualifier)?;
        let version = self.version(&target)?;
        Ok(Value::Object(configuration(&target, &version)))
    }

    /// `ListFunctions`: by name; with `every_version` each function's `$LATEST` and then its
    /// versions.
    pub fn list(
        &self,
        caller: &Caller,
        every_version: bool,
        page: &Page,
    ) -> Result<Value, FunctionError> {
        let owner = Owner::new(&caller.account, &caller.region);
        // `NAME`, or `NAME/VERSION` as versions are ordered.
        let after = page.after()?;
        let limit = page.limit()?;
        let from = after.split('/').next().unwrap_or_default();
        let mut found: BTreeMap<String, Version> = self
            .inner
            .host
            .functions()
            .into_iter()
            .filter(|function| function.owner.is_none())
            .map(|function| (function.name.clone(), declared(&function)))
            .collect();
        // The one that `from` names may have further versions.
        let first = self.inner.documents.function(&Key::new(&owner, from))?;
        let stored = self.inner.documents.functions(&owner, from, limit + 1)?;
        let first = first.map(|(_, record)| (from.to_owned(), record));
        for (name, record) in first.into_iter().chain(stored) {
            found.entry(name).or_insert(record.latest);
        }
        let mut items = Vec::new();
        for (name, latest) in found {
            if items.len() > limit || *name < *from {
                continue;
            }
            let target = Target::parse(&name, None, &owner)?;
            let versions = match every_version {
                true => self.all_versions(&target)?,
                false => vec![latest],
            };
            for version in versions {
                let key = format!("{name}/{}", versions::order(&version));
                if key > after {
                    items.push((key, name.clone(), version));
                }
            }
        }
        let (items, next) = page.cut(items, |(key, ..)| key.clone())?;
        let shapes: Vec<Value> = items
            .iter()
            .map(|(_, name, version)| {
                let shape = shape::configuration(&owner, name, version, every_version, false);
                Value::Object(shape)
            })
            .collect();
        Ok(json!({"Functions": shapes, "NextMarker": next}))
    }

    /// The version that a target names; an alias names the one that it leads to first of all.
    fn version(&self, target: &Target) -> Result<Version, FunctionError> {
        let latest = self.latest(target)?;
        let Some(qualifier) = other_than_latest(target) else {
            return Ok(latest);
        };
        let documents = &self.inner.documents;
        let key = Key::new(target.owner(), target.name());
        let version = match documents.alias(&key, qualifier)? {
            Some((_, alias)) if alias.version == LATEST => return Ok(latest),
            Some((_, alias)) => alias.version,
            None => qualifier.to_owned(),
        };
        match documents.version(&key, &version)? {
            Some((_, version)) if self.inner.host.common(target.name()).is_none() => Ok(version),
            _ => Err(no_function(target)),
        }
    }

    /// `$LATEST` and all published versions.
    pub(super) fn all_versions(&self, target: &Target) -> Result<Vec<Version>, FunctionError> {
        let mut versions = vec![self.latest(target)?];
        if self.inner.host.common(target.name()).is_none() {
            let key = Key::new(target.owner(), target.name());
            let published = self.inner.documents.versions(&key)?;
            versions.extend(published.into_iter().map(|(_, version)| version));
        }
        Ok(versions)
    }

    fn latest(&self, target: &Target) -> Result<Version, FunctionError> {
        if let Some(function) = self.inner.host.common(target.name()) {
            return Ok(declared(&function));
        }
        let key = Key::new(target.owner(), target.name());
        match self.stored(&key)? {
            Some((_, record)) => Ok(record.latest),
            None => Err(no_function(target)),
        }
    }

    /// The function in the store, unless the project file has one of that name.
    pub(super) fn stored(
        &self,
        key: &Key,
    ) -> Result<Option<super::documents::Numbered<super::model::Record>>, FunctionError> {
        match self.inner.host.common(&key.name) {
            Some(_) => Ok(None),
            None => self.inner.documents.function(key),
        }
    }
}

fn configuration(target: &Target, version: &Version) -> Map<String, Value> {
    let (owner, name) = (target.owner(), target.name());
    let mut shape = shape::configuration(owner, name, version, false, true);
    if target.qualifier().is_some() {
        // The ARN of what was asked for, which may be an alias.
        shape.insert("FunctionArn".to_owned(), json!(target.arn()));
    }
    shape
}

/// A function of the project file; it has been as it is since its code directory was changed.
fn declared(function: &Function) -> Version {
    let code = function.code.as_deref();
    let modified = code
        .and_then(|code| fs::metadata(code).and_then(|data| data.modified()).ok())
        .and_then(|time| Timestamp::try_from(time).ok());
    shape::declared(function, modified.unwrap_or(Timestamp::UNIX_EPOCH))
}
