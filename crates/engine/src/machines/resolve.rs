//! What an ARN stands for when an execution starts.

use std::sync::Arc;

use crate::arn::{Arn, Qualifier, Resource};
use crate::error::Error;
use crate::machines::definition::{accept, type_of};
use crate::machines::documents::{
    self, AliasBody, Kept, MachineBody, RevisionBody, VersionBody, alias_arn, alias_key,
    machine_arn, named, version_arn, version_key,
};
use crate::machines::registry::{Inner, Machines};
use crate::machines::revision::{Resolved, Revision};

/// The most scopes of executions that one name is looked for in: the state machine of that name and
/// those deleted before it.
const SCOPES: usize = 100;

/// What an ARN stands for.
#[derive(Debug)]
pub(crate) struct Target {
    /// The number of the state machine's document.
    pub(crate) machine: u64,
    alias: Option<(String, u64)>,
    routes: Vec<Route>,
}

#[derive(Debug)]
struct Route {
    /// Of a hundred executions.
    weight: u32,
    revision: u64,
    version: Option<(String, u64)>,
}

/// Which executions an ARN stands for in lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExecutionsOf {
    /// The number of the state machine's document.
    pub scope: u64,
    /// Whether its executions are Express.
    pub express: bool,
    /// The number of the version's document, if the ARN names one.
    pub version: Option<u64>,
    /// The number of the alias's document, if the ARN names one.
    pub alias: Option<u64>,
}

impl Machines {
    /// What runs when an execution of that ARN is started: of a state machine its current revision,
    /// of an alias one of its versions, chosen by `roll`, an even number from 0 to 99.
    ///
    /// Warm, it reads no store.
    pub fn resolve(&self, arn: &str, roll: u32) -> Result<Resolved, Error> {
        let inner = self.inner();
        let target = match inner.cache.target(arn) {
            Some(target) => target,
            None => inner.load_target(arn)?,
        };
        let route = target
            .route(roll)
            .ok_or_else(|| Error::internal(format!("the alias has no versions: {arn}")))?;
        Ok(Resolved {
            revision: inner.revision(route.revision)?,
            version: route.version.clone(),
            alias: target.alias.clone(),
        })
    }

    /// A revision by the number of its document.
    pub fn revision(&self, number: u64) -> Result<Arc<Revision>, Error> {
        self.inner().revision(number)
    }

    /// The numbers of the state machines, the newest first, whose executions have ARNs like this
    /// one: an ARN of a state machine, or of an execution. Those that are deleted are among them.
    pub fn machine_number(&self, arn: &str) -> Result<Vec<u64>, Error> {
        let arn = Arn::parse(arn)?;
        let name = match arn.resource {
            Resource::StateMachine { name, .. } | Resource::Labelled { name, .. } => name,
            Resource::Execution { machine, .. }
            | Resource::Express { machine, .. }
            | Resource::MapRun { machine, .. } => machine,
            Resource::Activity { .. } => return Err(arn.unsuited()),
        };
        if !arn.is_possible() {
            return Ok(Vec::new());
        }
        let store = self.inner().keeper.store();
        let key = named(arn.account, arn.region, name);
        let current = store.document(documents::MACHINE, &key)?;
        let deleted = store.documents(documents::DELETED, &format!("{key}:"), "", SCOPES)?;
        let all = current.into_iter().chain(deleted);
        Ok(all.map(|document| document.number).collect())
    }

    /// Which executions `ListExecutions` lists for the ARN of a state machine, a version or an
    /// alias.
    pub fn executions_of(&self, arn: &str) -> Result<ExecutionsOf, Error> {
        let inner = self.inner();
        let (machine, qualifier) = inner.qualified(arn)?;
        let missing = || Error::no_state_machine(arn);
        let (version, alias) = match qualifier {
            None => (None, None),
            Some(Qualifier::Version(version)) => {
                let version = inner.find_version(machine.number, version)?;
                (Some(version.ok_or_else(missing)?.number), None)
            }
            Some(Qualifier::Alias(name)) => {
                let alias = inner.find_alias(machine.number, name)?;
                (None, Some(alias.ok_or_else(missing)?.number))
            }
        };
        Ok(ExecutionsOf {
            scope: machine.number,
            express: machine.body.express,
            version,
            alias,
        })
    }
}

impl Target {
    fn route(&self, roll: u32) -> Option<&Route> {
        let mut below = 0;
        let chosen = self.routes.iter().find(|route| {
            below += route.weight;
            roll < below
        });
        chosen.or(self.routes.last())
    }
}

impl Inner {
    fn load_target(&self, arn: &str) -> Result<Arc<Target>, Error> {
        let moment = self.cache.moment();
        let (machine, qualifier) = self.qualified(arn)?;
        machine.check_active()?;
        let target = Arc::new(match qualifier {
            None => Target {
                machine: machine.number,
                alias: None,
                routes: vec![Route {
                    weight: 100,
                    revision: machine.body.revision,
                    version: None,
                }],
            },
            Some(Qualifier::Version(version)) => Target {
                machine: machine.number,
                alias: None,
                routes: vec![
                    self.route(&machine, version, 100)?
                        .ok_or_else(|| Error::no_state_machine(arn))?,
                ],
            },
            Some(Qualifier::Alias(name)) => {
                let alias = self
                    .find_alias(machine.number, name)?
                    .ok_or_else(|| Error::no_state_machine(arn))?;
                let routes = alias.body.routes.iter();
                let routes = routes.filter_map(|route| {
                    self.route(&machine, route.version, route.weight)
                        .transpose()
                });
                Target {
                    machine: machine.number,
                    routes: routes.collect::<Result<_, _>>()?,
                    alias: Some((alias_arn(&machine.key, name), alias.number)),
                }
            }
        });
        self.cache.keep_target(moment, arn, &target);
        Ok(target)
    }

    fn route(
        &self,
        machine: &Kept<MachineBody>,
        version: u32,
        weight: u32,
    ) -> Result<Option<Route>, Error> {
        let kept = self.find_version(machine.number, version)?;
        Ok(kept.map(|kept| Route {
            weight,
            revision: kept.body.revision,
            version: Some((version_arn(&machine.key, version), kept.number)),
        }))
    }

    /// A version of a state machine.
    pub(crate) fn find_version(
        &self,
        machine: u64,
        version: u32,
    ) -> Result<Option<Kept<VersionBody>>, Error> {
        let key = version_key(machine, version);
        Kept::find(self.keeper.store(), documents::VERSION, &key)
    }

    /// An alias of a state machine.
    pub(crate) fn find_alias(
        &self,
        machine: u64,
        name: &str,
    ) -> Result<Option<Kept<AliasBody>>, Error> {
        let key = alias_key(machine, name);
        Kept::find(self.keeper.store(), documents::ALIAS, &key)
    }

    /// A revision by the number of its document.
    pub(crate) fn revision(&self, number: u64) -> Result<Arc<Revision>, Error> {
        if let Some(revision) = self.cache.revision(number) {
            return Ok(revision);
        }
        let document = self.keeper.store().document_numbered(number)?;
        let document = document
            .filter(|document| document.kind == documents::REVISION)
            .ok_or_else(|| Error::internal(format!("the store has no revision {number}")))?;
        let RevisionBody {
            machine,
            account,
            region,
            name,
            express,
            role_arn,
            revision_id,
            created,
            logging,
            tracing,
            definition,
        } = Kept::read(document)?.body;
        let parsed = accept(&definition, type_of(express)).map_err(|error| {
            // It was valid when it was created; this version of the parser thinks otherwise.
            Error::internal(format!("the revision {number} in the store: {error}"))
        })?;
        let revision = Arc::new(Revision {
            number,
            machine,
            arn: machine_arn(&named(&account, &region, &name), None),
            name,
            account,
            region,
            express,
            role_arn,
            revision_id,
            created,
            logging,
            tracing,
            text: definition.into(),
            definition: parsed,
        });
        self.cache.keep_revision(&revision);
        Ok(revision)
    }
}
