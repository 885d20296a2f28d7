//! `DescribeStateMachine` and `ListStateMachines`

use std::sync::Arc;

use indexmap::IndexMap;
use jiff::Timestamp;
use stepmill_asl::variable_references;

use crate::arn::Qualifier;
use crate::caller::Caller;
use crate::error::Error;
use crate::machines::documents::{self, Kept, MachineBody, parts, place, version_arn};
use crate::machines::registry::Machines;
use crate::machines::revision::Revision;
use crate::page::{NameCursor, Page, page};

/// The answer of `DescribeStateMachine`.
#[derive(Debug, Clone)]
pub struct StateMachineDescription {
    /// `stateMachineArn`, with the version if one was asked for.
    pub arn: String,
    /// Name, role, type, revision id, logging, tracing, definition.
    pub revision: Arc<Revision>,
    /// Whether `status` is DELETING.
    pub deleting: bool,
    /// `creationDate`: the version's if one was asked for.
    pub creation: Timestamp,
    /// `description` of a version.
    pub description: Option<String>,
    /// `variableReferences`; left out if empty.
    pub variable_references: IndexMap<String, Vec<String>>,
}

/// An item of `ListStateMachines`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateMachineItem {
    /// `stateMachineArn`
    pub arn: String,
    /// `name`
    pub name: String,
    /// Whether `type` is EXPRESS.
    pub express: bool,
    /// `creationDate`
    pub creation: Timestamp,
}

impl Machines {
    /// `DescribeStateMachine`, of a state machine or a version.
    pub fn describe_state_machine(&self, arn: &str) -> Result<StateMachineDescription, Error> {
        let inner = self.inner();
        let (machine, qualifier) = inner.qualified(arn)?;
        let missing = || Error::no_state_machine(arn);
        let version = match qualifier {
            None => None,
            Some(Qualifier::Version(version)) => {
                let version = inner.find_version(machine.number, version)?;
                Some(version.ok_or_else(missing)?.body)
            }
            Some(Qualifier::Alias(_)) => return Err(missing()),
        };
        let number = version
            .as_ref()
            .map_or(machine.body.revision, |version| version.revision);
        let revision = inner.revision(number)?;
        Ok(StateMachineDescription {
            arn: match &version {
                Some(version) => version_arn(&machine.key, version.version),
                None => machine.arn(),
            },
            variable_references: variable_references(&revision.definition),
            revision,
            deleting: machine.body.deleting,
            creation: version
                .as_ref()
                .map_or(machine.body.created, |version| version.created),
            description: version.and_then(|version| version.description),
        })
    }

    /// `ListStateMachines`, by name.
    pub fn list_state_machines(
        &self,
        caller: &Caller,
        after: Option<&NameCursor>,
        limit: usize,
    ) -> Result<Page<StateMachineItem, NameCursor>, Error> {
        let prefix = place(&caller.account, &caller.region);
        let inner = self.inner();
        let found = inner.after_name(documents::MACHINE, &prefix, after, limit)?;
        let items = found
            .into_iter()
            .map(|document| Ok(item(&Kept::read(document)?)));
        let items: Vec<_> = items.collect::<Result<_, Error>>()?;
        Ok(page(items, limit, |last| NameCursor {
            after: last.name.clone(),
        }))
    }
}

fn item(machine: &Kept<MachineBody>) -> StateMachineItem {
    let (_, _, name) = parts(&machine.key).unwrap_or_default();
    StateMachineItem {
        arn: machine.arn(),
        name: name.to_owned(),
        express: machine.body.express,
        creation: machine.body.created,
    }
}
