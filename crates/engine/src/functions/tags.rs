//! TagResource, UntagResource, ListTags.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stepmill_integrations::lambda::Target;

use super::documents::Documents;
use super::error::FunctionError;
use super::fields::Fields;
use super::{Body, Functions, no_function};
use crate::caller::Caller;

/// The most tags of a function, and the most characters of a key and a value (AWS Lambda Developer
/// Guide, "Using tags on Lambda functions").
const MOST: usize = 50;
const MAX_KEY: usize = 128;
const MAX_VALUE: usize = 256;

impl Functions {
    /// `TagResource`
    pub async fn tag(&self, caller: &Caller, arn: &str, body: Body) -> Result<(), FunctionError> {
        let target = self.taggable(caller, arn)?;
        let mut fields = Fields::new(body);
        let given = fields.texts("Tags")?.unwrap_or_default();
        fields.finish("TagResource")?;
        if given.is_empty() {
            return Err(unspecific());
        }
        let _turn = self.change().await;
        let (key, number, mut record) = self.own(&target)?;
        record.tags.extend(given);
        check_tags(&record.tags)?;
        let documents = &self.inner.documents;
        documents
            .commit(vec![Documents::put_function(&key, number, &record)?])
            .await
    }

    /// `UntagResource`
    pub async fn untag(
        &self,
        caller: &Caller,
        arn: &str,
        keys: &[String],
    ) -> Result<(), FunctionError> {
        let target = self.taggable(caller, arn)?;
        if keys.is_empty() {
            return Err(FunctionError::constraint(
                "[]",
                "tagKeys",
                "Member must have length greater than or equal to 1",
            ));
        }
        let _turn = self.change().await;
        let (key, number, mut record) = self.own(&target)?;
        record.tags.retain(|tag, _| !keys.contains(tag));
        let documents = &self.inner.documents;
        documents
            .commit(vec![Documents::put_function(&key, number, &record)?])
            .await
    }

    /// `ListTags`
    pub fn list_tags(&self, caller: &Caller, arn: &str) -> Result<Value, FunctionError> {
        let target = self.taggable(caller, arn)?;
        if self.inner.host.common(target.name()).is_some() {
            return Ok(json!({"Tags": {}}));
        }
        let key = super::documents::Key::new(target.owner(), target.name());
        match self.stored(&key)? {
            Some((_, record)) => Ok(json!({"Tags": record.tags})),
            None => Err(no_function(&target)),
        }
    }

    fn taggable(&self, caller: &Caller, arn: &str) -> Result<Target, FunctionError> {
        if !arn.starts_with("arn:") {
            return Err(FunctionError::constraint(
                arn,
                "resource",
                r"Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?",
            ));
        }
        let target = self.target(caller, arn, None)?;
        match target.qualifier() {
            None => Ok(target),
            Some(_) => Err(FunctionError::invalid(
                "Tags on function aliases and versions are not supported. Please specify a \
                 function ARN.",
            )),
        }
    }
}

/// The rules for all tags of a function.
pub(super) fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), FunctionError> {
    if tags.len() > MOST {
        return Err(FunctionError::invalid(
            "Number of tags exceeds resource tag limit.",
        ));
    }
    let fits = |text: &str, most: usize| text.chars().count() <= most;
    let right = |(key, value): (&String, &String)| {
        !key.is_empty()
            && fits(key, MAX_KEY)
            && fits(value, MAX_VALUE)
            && !key.to_ascii_lowercase().starts_with("aws:")
    };
    if tags.iter().all(right) {
        Ok(())
    } else {
        Err(FunctionError::invalid(
            "A tag's key must have 1 to 128 characters and not begin with 'aws:', and its value no \
             more than 256",
        ))
    }
}

/// AWS says no more when there are no tags (observed on AWS).
fn unspecific() -> FunctionError {
    FunctionError::invalid("An error occurred and the request cannot be processed.")
}
