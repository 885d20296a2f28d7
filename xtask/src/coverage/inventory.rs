//! The inventories of the CDK's packages: every type with its members.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::error::TaskError;

/// A package of the CDK.
#[derive(Deserialize)]
pub(super) struct Inventory {
    pub(super) package: String,
    pub(super) version: String,
    pub(super) types: BTreeMap<String, CdkType>,
}

/// A class, struct, interface or enum.
#[derive(Deserialize)]
pub(super) struct CdkType {
    pub(super) deprecated: Option<String>,
    /// The class that it is a subclass of, with its package: `aws-stepfunctions.TaskStateBase`.
    pub(super) base: Option<String>,
    #[serde(default)]
    properties: Vec<CdkMember>,
    #[serde(default)]
    methods: Vec<CdkMember>,
    members: Option<Vec<CdkMember>>,
}

/// A property, method or member of an enum.
#[derive(Deserialize)]
pub(super) struct CdkMember {
    pub(super) name: String,
    pub(super) deprecated: Option<String>,
}

impl Inventory {
    pub(super) fn read(path: &Path) -> Result<Self, TaskError> {
        let text = fs::read_to_string(path).map_err(|source| TaskError::File {
            path: path.to_owned(),
            source,
        })?;
        Ok(serde_json::from_str(&text)?)
    }
}

impl CdkType {
    /// All members, in the inventory's order.
    pub(super) fn all(&self) -> impl Iterator<Item = &CdkMember> {
        let members = self.members.iter().flatten();
        self.properties.iter().chain(&self.methods).chain(members)
    }
}
