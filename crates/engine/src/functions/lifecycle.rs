//! CreateFunction, UpdateFunctionCode, UpdateFunctionConfiguration, DeleteFunction.

use std::sync::Arc;

use serde_json::Value;
use stepmill_integrations::lambda::LATEST;
use stepmill_store::Change;

use super::code::{Package, Source, Sweep};
use super::documents::{Documents, Key};
use super::error::FunctionError;
use super::fields::Fields;
use super::model::{Code, Record, Version};
use super::settings::{Changes, architectures, tags};
use super::tags::check_tags;
use super::{Body, Functions, is_number, no_function, shape};
use crate::caller::Caller;

impl Functions {
    /// `CreateFunction`
    pub async fn create(&self, caller: &Caller, body: Body) -> Result<Value, FunctionError> {
        let mut fields = Fields::new(body);
        let name = fields.required_text("FunctionName")?;
        let target = self.target(caller, &name, None)?;
        let name = target.name();
        package_type(&mut fields)?;
        let changes = Changes::read(&mut fields, name)?;
        let settings = changes
            .with_architectures(architectures(&mut fields)?)
            .into_settings()?;
        let tags = tags(&mut fields)?;
        check_tags(&tags)?;
        let publish = fields.flag("Publish")?;
        fields.refuse("CodeSigningConfigArn", "code is not signed here")?;
        fields.refuse("TenancyConfig", "there are no tenants here")?;
        fields.refuse("PublishTo", "there are no capacity providers here")?;
        let source = match fields.object("Code")? {
            Some(mut code) => {
                let source = Source::read(&mut code)?;
                code.finish("Code")?;
                source
            }
            None => return Err(super::fields::missing("Code")),
        };
        fields.finish("CreateFunction")?;

        let key = Key::new(target.owner(), name);
        self.check_free(&key)?;
        let _sweep = Sweep(&self.inner.packages);
        let (code, package) = self.unpack(source).await?;
        let _turn = self.change().await;
        self.check_free(&key)?;
        let mut record = Record::new(Version::latest(settings, code), tags);
        let number = self.inner.documents.number();
        let published = if publish {
            Some(self.publish_in(&key, &mut record, None)?)
        } else {
            None
        };
        self.keep(&key, number, &record, published, package).await
    }

    /// `UpdateFunctionCode`
    pub async fn update_code(
        &self,
        caller: &Caller,
        name: &str,
        body: Body,
    ) -> Result<Value, FunctionError> {
        let target = self.target(caller, name, None)?;
        let mut fields = Fields::new(body);
        let source = Source::read(&mut fields)?;
        let architectures = architectures(&mut fields)?;
        let publish = fields.flag("Publish")?;
        let dry_run = fields.flag("DryRun")?;
        let revision = fields.text("RevisionId")?;
        fields.refuse("PublishTo", "there are no capacity providers here")?;
        fields.finish("UpdateFunctionCode")?;

        self.own(&target)?;
        let _sweep = Sweep(&self.inner.packages);
        let (code, package) = self.unpack(source).await?;
        let _turn = self.change().await;
        let (key, number, mut record) = self.own(&target)?;
        Self::check_revision(revision.as_deref(), record.latest.revision)?;
        record.latest.code = code;
        if let Some(architectures) = architectures {
            record.latest.settings.architectures = architectures;
        }
        record.latest.touch();
        if dry_run {
            let shape = shape::configuration(&key.owner, &key.name, &record.latest, false, true);
            return Ok(Value::Object(shape));
        }
        let published = if publish {
            Some(self.publish_in(&key, &mut record, None)?)
        } else {
            None
        };
        self.keep(&key, number, &record, published, package).await
    }

    /// `UpdateFunctionConfiguration`
    pub async fn update_configuration(
        &self,
        caller: &Caller,
        name: &str,
        body: Body,
    ) -> Result<Value, FunctionError> {
        let target = self.target(caller, name, None)?;
        let mut fields = Fields::new(body);
        let changes = Changes::read(&mut fields, target.name())?;
        let revision = fields.text("RevisionId")?;
        fields.finish("UpdateFunctionConfiguration")?;

        let _sweep = Sweep(&self.inner.packages);
        let _turn = self.change().await;
        let (key, number, mut record) = self.own(&target)?;
        Self::check_revision(revision.as_deref(), record.latest.revision)?;
        changes.apply(&mut record.latest.settings);
        record.latest.touch();
        self.keep(&key, number, &record, None, None).await
    }

    /// `DeleteFunction`: the whole function, or one version of it.
    pub async fn delete(
        &self,
        caller: &Caller,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<(), FunctionError> {
        let target = self.target(caller, name, qualifier)?;
        let _turn = self.change().await;
        let (key, number, _) = self.own(&target)?;
        match target.qualifier() {
            None => self.delete_all(&key, number).await,
            Some(LATEST) => Err(FunctionError::invalid(
                "$LATEST version cannot be deleted without deleting the function.",
            )),
            Some(version) if is_number(version) => {
                match self.inner.documents.version(&key, version)? {
                    Some((number, _)) => self.delete_version(&key, version, number).await,
                    None => Err(no_function(&target)),
                }
            }
            Some(_) => Err(FunctionError::invalid(
                "Deletion of aliases is not currently supported.",
            )),
        }
    }

    async fn delete_all(&self, key: &Key, number: u64) -> Result<(), FunctionError> {
        let documents = &self.inner.documents;
        let mut numbers = vec![number];
        numbers.extend(documents.versions(key)?.iter().map(|(number, _)| number));
        let versions = numbers.clone();
        numbers.extend(documents.aliases(key)?.iter().map(|(number, _)| number));
        let delete = |number| Change::Delete { number };
        documents
            .commit(numbers.into_iter().map(delete).collect())
            .await?;
        self.inner.host.remove(Some(&key.owner), &key.name);
        self.inner.release(&versions);
        Ok(())
    }

    async fn delete_version(
        &self,
        key: &Key,
        version: &str,
        number: u64,
    ) -> Result<(), FunctionError> {
        let documents = &self.inner.documents;
        let users: Vec<String> = documents
            .aliases(key)?
            .into_iter()
            .filter(|(_, alias)| alias.version == version || alias.weights.contains_key(version))
            .map(|(_, alias)| alias.name)
            .collect();
        if !users.is_empty() {
            return Err(FunctionError::conflict(format!(
                "Version {version} cannot be deleted: these aliases lead to it: {}",
                users.join(", ")
            )));
        }
        documents.commit(vec![Change::Delete { number }]).await?;
        let (host, owner) = (&self.inner.host, &key.owner);
        host.remove_version(Some(owner), &key.name, version);
        self.inner.release(&[number]);
        Ok(())
    }

    /// Keeps a changed function, with a version published at the same time, then lets it run. The
    /// answer shows the version, if there is one.
    async fn keep(
        &self,
        key: &Key,
        number: u64,
        record: &Record,
        published: Option<(u64, Version)>,
        package: Option<Arc<Package>>,
    ) -> Result<Value, FunctionError> {
        let documents = &self.inner.documents;
        let mut changes = vec![Documents::put_function(key, number, record)?];
        if let Some((number, version)) = &published {
            changes.push(Documents::put_version(key, *number, version)?);
        }
        documents.commit(changes).await?;
        self.inner.install(key, number, &record.latest)?;
        if let Some((number, version)) = &published {
            self.inner.install(key, *number, version)?;
        }
        // From here on the store's versions hold it.
        drop(package);
        let shape = match &published {
            Some((_, version)) => shape::configuration(&key.owner, &key.name, version, true, true),
            None => shape::configuration(&key.owner, &key.name, &record.latest, false, true),
        };
        Ok(Value::Object(shape))
    }

    fn check_free(&self, key: &Key) -> Result<(), FunctionError> {
        let common = self.inner.host.common(&key.name).is_some();
        if common || self.inner.documents.function(key)?.is_some() {
            let name = &key.name;
            return Err(FunctionError::conflict(format!(
                "Function already exist: {name}"
            )));
        }
        Ok(())
    }

    async fn unpack(&self, source: Source) -> Result<(Code, Option<Arc<Package>>), FunctionError> {
        let inner = Arc::clone(&self.inner);
        let unpacked = tokio::task::spawn_blocking(move || inner.packages.add(source)).await;
        unpacked.map_err(|_| FunctionError::internal("unpacking the code was interrupted"))?
    }
}

fn package_type(fields: &mut Fields) -> Result<(), FunctionError> {
    match fields.text("PackageType")?.as_deref() {
        None | Some("Zip") => Ok(()),
        Some("Image") => Err(FunctionError::unsupported(
            "PackageType 'Image'",
            "there are no container images here",
        )),
        Some(other) => Err(FunctionError::constraint(
            other,
            "packageType",
            "Member must satisfy enum value set: [Zip, Image]",
        )),
    }
}
