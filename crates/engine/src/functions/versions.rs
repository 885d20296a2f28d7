//! PublishVersion, ListVersionsByFunction.

use serde_json::{Value, json};
use uuid::Uuid;

use super::documents::{Documents, Key};
use super::error::FunctionError;
use super::fields::Fields;
use super::model::{Code, Record, Version};
use super::paging::Page;
use super::{Body, Functions, code, shape};
use crate::caller::Caller;

impl Functions {
    /// `PublishVersion`. If nothing has changed since the last version, that one is the answer.
    pub async fn publish(
        &self,
        caller: &Caller,
        name: &str,
        body: Body,
    ) -> Result<Value, FunctionError> {
        let target = self.target(caller, name, None)?;
        let mut fields = Fields::new(body);
        let description = fields.text_within("Description", 256)?;
        let revision = fields.text("RevisionId")?;
        let checksum = fields.text("CodeSha256")?;
        fields.refuse("PublishTo", "there are no capacity providers here")?;
        fields.finish("PublishVersion")?;

        let _turn = self.change().await;
        let (key, number, mut record) = self.own(&target)?;
        Self::check_revision(revision.as_deref(), record.latest.revision)?;
        if let Some(given) = checksum.filter(|given| !given.is_empty()) {
            check_checksum(&given, &record.latest.code)?;
        }
        let documents = &self.inner.documents;
        let shown = |version: &Version| {
            let shape = shape::configuration(&key.owner, &key.name, version, true, true);
            Ok(Value::Object(shape))
        };
        let (place, version) = self.publish_in(&key, &mut record, description)?;
        if documents.version(&key, &version.version)?.is_some() {
            return shown(&version);
        }
        documents
            .commit(vec![
                Documents::put_function(&key, number, &record)?,
                Documents::put_version(&key, place, &version)?,
            ])
            .await?;
        self.inner.install(&key, place, &version)?;
        shown(&version)
    }

    /// `ListVersionsByFunction`: `$LATEST` first, then the versions by number.
    pub fn list_versions(
        &self,
        caller: &Caller,
        name: &str,
        page: &Page,
    ) -> Result<Value, FunctionError> {
        let target = self.target(caller, name, None)?;
        let (owner, name) = (target.owner(), target.name());
        let versions = self.all_versions(&target)?;
        let (versions, next) = page.cut(versions, order)?;
        let shapes: Vec<Value> = versions
            .iter()
            .map(|version| Value::Object(shape::configuration(owner, name, version, true, false)))
            .collect();
        Ok(json!({"Versions": shapes, "NextMarker": next}))
    }

    /// The version that a publication makes, or the last one if that has the same code and
    /// configuration; with the number of its document.
    pub(super) fn publish_in(
        &self,
        key: &Key,
        record: &mut Record,
        description: Option<String>,
    ) -> Result<(u64, Version), FunctionError> {
        let documents = &self.inner.documents;
        let source = (record.latest.settings.clone(), record.latest.code.clone());
        if record.source.as_ref() == Some(&source)
            && let Some(last) = documents.version(key, &record.published.to_string())?
        {
            return Ok(last);
        }
        record.published += 1;
        record.source = Some(source);
        let mut version = Version {
            version: record.published.to_string(),
            revision: Uuid::new_v4(),
            ..record.latest.clone()
        };
        version.touch();
        if let Some(description) = description.filter(|description| !description.is_empty()) {
            version.settings.description = description;
        }
        Ok((documents.number(), version))
    }
}

/// What versions are listed by: `$LATEST` comes before all digits.
pub(super) fn order(version: &Version) -> String {
    format!("{:0>20}", version.version.replace("$LATEST", "0"))
}

fn check_checksum(given: &str, code: &Code) -> Result<(), FunctionError> {
    let present = match code {
        Code::Archive { sha256, .. } => code::base64_of(sha256),
        Code::Directory(_) => String::new(),
    };
    if given == present {
        return Ok(());
    }
    Err(FunctionError::invalid(format!(
        "CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({present}). Please \
         try again with the CodeSHA256 in $LATEST."
    )))
}
