//! What the store keeps of the registry.
//!
//! Bodies are JSON. They may grow: a member that is added gets a default for documents written
//! before it (`#[serde(default)]`), and keeps its meaning from then on. A member is renamed or
//! removed, or its meaning changed, only with a migration of the store's schema. Members that are
//! unknown are ignored, because an older binary refuses a newer store as a whole.
//!
//! Keys put an account and a region before a name, with colons between: no part of an ARN holds one.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use stepmill_store::{Change, Document, Store};

use crate::arn::{Arn, Qualifier, Resource};
use crate::error::Error;
use crate::machines::revision::Logging;
use crate::tags::Tag;

/// State machines, by account, region and name.
pub(crate) const MACHINE: &str = "state-machine";
/// State machines that are deleted, by account, region, name, and latest first: executions of
/// theirs may still be described.
pub(crate) const DELETED: &str = "state-machine-deleted";
/// A mark for each state machine whose deletion waits for its executions, by its number.
pub(crate) const DELETING: &str = "state-machine-deleting";
/// Revisions, by state machine and age.
pub(crate) const REVISION: &str = "revision";
/// Versions, by state machine, latest first.
pub(crate) const VERSION: &str = "version";
/// Aliases, by state machine and name.
pub(crate) const ALIAS: &str = "alias";
/// Activities, by account, region and name.
pub(crate) const ACTIVITY: &str = "activity";

/// A state machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MachineBody {
    pub(crate) created: Timestamp,
    /// When anything of it was changed last.
    pub(crate) updated: Timestamp,
    pub(crate) express: bool,
    #[serde(default)]
    pub(crate) deleting: bool,
    /// The number of the current revision's document.
    pub(crate) revision: u64,
    /// The version made of the current revision, if there is one.
    #[serde(default)]
    pub(crate) published: Option<u32>,
    /// The highest number that a version ever had.
    #[serde(default)]
    pub(crate) last_version: u32,
    /// How many versions there are.
    #[serde(default)]
    pub(crate) versions: usize,
    /// How many aliases there are.
    #[serde(default)]
    pub(crate) aliases: usize,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
    /// Whether it was created with a version: part of what makes creating it again idempotent.
    #[serde(default)]
    pub(crate) created_published: bool,
    /// The description of that version.
    #[serde(default)]
    pub(crate) created_description: Option<String>,
}

/// What is left of a state machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DeletedBody {
    /// When it was deleted.
    pub(crate) deleted: Timestamp,
}

/// A mark that a state machine is being deleted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DeletingBody {
    /// The number of its document.
    pub(crate) machine: u64,
}

/// A state machine as executions run it. Never changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RevisionBody {
    pub(crate) machine: u64,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) express: bool,
    pub(crate) role_arn: String,
    /// AWS's id; a change of logging or tracing alone makes a document with the same one.
    #[serde(default)]
    pub(crate) revision_id: Option<String>,
    pub(crate) created: Timestamp,
    #[serde(default)]
    pub(crate) logging: Logging,
    #[serde(default)]
    pub(crate) tracing: bool,
    pub(crate) definition: String,
}

/// A version. Never changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct VersionBody {
    pub(crate) version: u32,
    /// The number of its revision's document.
    pub(crate) revision: u64,
    #[serde(default)]
    pub(crate) description: Option<String>,
    pub(crate) created: Timestamp,
}

/// An alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AliasBody {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    pub(crate) routes: Vec<RouteBody>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// How many of a hundred executions an alias sends to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RouteBody {
    pub(crate) version: u32,
    pub(crate) weight: u32,
}

/// An activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ActivityBody {
    pub(crate) created: Timestamp,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
}

/// A document with its body read.
#[derive(Debug, Clone)]
pub(crate) struct Kept<T> {
    pub(crate) number: u64,
    pub(crate) key: String,
    pub(crate) body: T,
}

/// A document that belongs to a state machine, with the state machine's.
pub(crate) type OfMachine<T> = (Kept<MachineBody>, Kept<T>);

impl<T: DeserializeOwned> Kept<T> {
    pub(crate) fn read(document: Document) -> Result<Self, Error> {
        let body = serde_json::from_slice(&document.body).map_err(|error| {
            let Document { kind, number, .. } = &document;
            Error::internal(format!("the {kind} {number} in the store: {error}"))
        })?;
        Ok(Self {
            number: document.number,
            key: document.key,
            body,
        })
    }

    /// The document of that kind and key.
    pub(crate) fn find(store: &dyn Store, kind: &str, key: &str) -> Result<Option<Self>, Error> {
        store.document(kind, key)?.map(Self::read).transpose()
    }
}

impl<T: Serialize> Kept<T> {
    /// The change that keeps it.
    pub(crate) fn put(&self, kind: &str) -> Result<Change, Error> {
        let body = serde_json::to_vec(&self.body)
            .map_err(|error| Error::internal(format!("a {kind} as JSON: {error}")))?;
        Ok(Change::Put(Document {
            number: self.number,
            kind: kind.to_owned(),
            key: self.key.clone(),
            body,
        }))
    }
}

/// Where keys of an account and a region begin.
pub(crate) fn place(account: &str, region: &str) -> String {
    format!("{account}:{region}:")
}

/// The key of something that has a name in an account and a region.
pub(crate) fn named(account: &str, region: &str, name: &str) -> String {
    format!("{account}:{region}:{name}")
}

/// The key of what is left of a state machine: those of its name with the latest first.
pub(crate) fn deleted_key(machine: &str, number: u64) -> String {
    format!("{machine}:{:016x}", u64::MAX - number)
}

/// Where keys of what belongs to a state machine begin.
pub(crate) fn within(machine: u64) -> String {
    format!("{machine:016x}:")
}

/// The key of a revision.
pub(crate) fn revision_key(machine: u64, number: u64) -> String {
    format!("{machine:016x}:{number:016x}")
}

/// The key of a version: the latest first.
pub(crate) fn version_key(machine: u64, version: u32) -> String {
    format!("{machine:016x}:{:08x}", u32::MAX - version)
}

/// The key of an alias.
pub(crate) fn alias_key(machine: u64, name: &str) -> String {
    format!("{machine:016x}:{name}")
}

/// The key of the mark that a state machine is being deleted.
pub(crate) fn deleting_key(machine: u64) -> String {
    format!("{machine:016x}")
}

/// Account, region and name of a key that [`named`] made.
pub(crate) fn parts(key: &str) -> Option<(&str, &str, &str)> {
    let (account, rest) = key.split_once(':')?;
    let (region, name) = rest.split_once(':')?;
    Some((account, region, name))
}

/// The ARN of the state machine whose document has that key.
pub(crate) fn machine_arn(key: &str, qualifier: Option<Qualifier<'_>>) -> String {
    let (account, region, name) = parts(key).unwrap_or_default();
    Arn::new(account, region, Resource::StateMachine { name, qualifier }).to_string()
}

/// The ARN of a version of the state machine whose document has that key.
pub(crate) fn version_arn(key: &str, version: u32) -> String {
    machine_arn(key, Some(Qualifier::Version(version)))
}

/// The ARN of an alias of the state machine whose document has that key.
pub(crate) fn alias_arn(key: &str, name: &str) -> String {
    machine_arn(key, Some(Qualifier::Alias(name)))
}
