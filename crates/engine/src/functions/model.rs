//! What is kept of a function.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stepmill_integrations::lambda::{LATEST, Route};
use uuid::Uuid;

/// What a function's author can set, and what a published version keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) runtime: String,
    pub(super) handler: String,
    pub(super) role: String,
    pub(super) description: String,
    /// Seconds.
    pub(super) timeout: u32,
    /// Megabytes.
    pub(super) memory: u32,
    /// None if the request had no `Environment`: then none is shown.
    pub(super) environment: Option<BTreeMap<String, String>>,
    pub(super) architectures: Vec<String>,
    /// Megabytes of `/tmp`, which is the machine's own.
    pub(super) ephemeral_storage: u32,
}

/// Where a function's code comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Code {
    /// An archive, unpacked to a directory that its checksum names.
    Archive {
        /// Of the archive, in hexadecimal digits.
        sha256: String,
        /// Of the archive, in bytes.
        size: u64,
        /// Of the unpacked files, in bytes.
        unpacked: u64,
    },
    /// A directory of this machine, used as it is.
    Directory(PathBuf),
}

/// A function as it runs: `$LATEST`, or a published version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "AWS's word")]
pub(super) struct Version {
    /// `$LATEST` or a number.
    pub(super) version: String,
    pub(super) settings: Settings,
    pub(super) code: Code,
    pub(super) modified: Timestamp,
    /// `RevisionId`: another one after each change.
    pub(super) revision: Uuid,
}

impl Version {
    pub(super) fn latest(settings: Settings, code: Code) -> Self {
        Self {
            version: LATEST.to_owned(),
            settings,
            code,
            modified: Timestamp::now(),
            revision: Uuid::new_v4(),
        }
    }

    /// It has changed now.
    pub(super) fn touch(&mut self) {
        self.modified = Timestamp::now();
        self.revision = Uuid::new_v4();
    }
}

/// A function: what its versions have in common, and `$LATEST`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) latest: Version,
    /// The highest number of a version published so far; numbers are not used again.
    pub(super) published: u64,
    /// What `$LATEST` was when that version was published.
    pub(super) source: Option<(Settings, Code)>,
    pub(super) tags: BTreeMap<String, String>,
    /// `ReservedConcurrentExecutions`.
    pub(super) reserved: Option<u32>,
    /// By qualifier, `$LATEST` for none. Kept and shown; nothing is enforced.
    pub(super) policies: BTreeMap<String, Policy>,
}

impl Record {
    pub(super) fn new(latest: Version, tags: BTreeMap<String, String>) -> Self {
        Self {
            latest,
            published: 0,
            source: None,
            tags,
            reserved: None,
            policies: BTreeMap::new(),
        }
    }
}

/// A resource-based policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Policy {
    pub(super) statements: Vec<Value>,
    pub(super) revision: Uuid,
}

/// An alias.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Alias {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) description: String,
    /// `AdditionalVersionWeights`.
    pub(super) weights: BTreeMap<String, f64>,
    pub(super) revision: Uuid,
}

impl Alias {
    /// Where it leads.
    pub(super) fn route(&self) -> Route {
        Route {
            version: self.version.clone(),
            weights: self.weights.clone(),
        }
    }
}
