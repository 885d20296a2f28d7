//! Versions: revisions with a number.

use jiff::Timestamp;
use stepmill_store::Change;

use crate::arn::{Arn, Qualifier, Resource};
use crate::error::{Code, Error};
use crate::machines::cache::Stale;
use crate::machines::documents::{
    self, Kept, MachineBody, OfMachine, VersionBody, version_arn, version_key, within,
};
use crate::machines::registry::{Decision, Inner, Machines, not_found};
use crate::page::{Page, VersionCursor, page};

/// What `revisionId` is as long as nothing was updated (API reference).
const INITIAL: &str = "INITIAL";

/// The parameters of `PublishStateMachineVersion`.
#[derive(Debug, Clone, Default)]
pub struct PublishStateMachineVersion {
    /// `stateMachineArn`
    pub arn: String,
    /// `revisionId`: only if this is the current one.
    pub revision_id: Option<String>,
    /// `description`
    pub description: Option<String>,
}

/// A version, in lists and as the answer of `PublishStateMachineVersion`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionItem {
    /// `stateMachineVersionArn`
    pub arn: String,
    /// `creationDate`
    pub creation: Timestamp,
}

/// The version of a current revision, and the change that makes it if it is new.
pub(crate) struct Published {
    pub(crate) version: VersionItem,
    pub(crate) change: Option<Change>,
}

impl Machines {
    /// `PublishStateMachineVersion`. A revision has one version: another request answers it as it
    /// is.
    pub async fn publish_version(
        &self,
        request: PublishStateMachineVersion,
    ) -> Result<VersionItem, Error> {
        self.change(move |inner, _| {
            let mut machine = inner.active(&request.arn)?;
            if let Some(wanted) = &request.revision_id {
                let now = inner.revision(machine.body.revision)?;
                let now = now.revision_id.as_deref().unwrap_or(INITIAL);
                if now != wanted {
                    let message = format!(
                        "Failed to publish the State Machine version for revision {wanted}. The \
                         current State Machine revision is {now}."
                    );
                    return Err(Error::new(Code::ConflictException, message));
                }
            }
            let published = inner.publish(&mut machine, request.description)?;
            let Some(change) = published.change else {
                return Ok(Decision::unchanged(published.version));
            };
            let changes = vec![change, machine.put(documents::MACHINE)?];
            Ok(Decision::of(changes, published.version))
        })
        .await
    }

    /// `ListStateMachineVersions`: latest first.
    pub fn list_versions(
        &self,
        arn: &str,
        after: Option<VersionCursor>,
        limit: usize,
    ) -> Result<Page<VersionItem, VersionCursor>, Error> {
        let inner = self.inner();
        let machine = inner.machine(arn)?;
        let prefix = within(machine.number);
        let after = after.map_or_else(String::new, |cursor| {
            version_key(machine.number, cursor.after)
        });
        let store = inner.keeper.store();
        let limit_and_one = limit.saturating_add(1);
        let found = store.documents(documents::VERSION, &prefix, &after, limit_and_one)?;
        let found: Vec<Kept<VersionBody>> = found
            .into_iter()
            .map(Kept::read)
            .collect::<Result<_, _>>()?;
        let Page { items, next } = page(found, limit, |last| VersionCursor {
            after: last.body.version,
        });
        let items = items.iter().map(|kept| item(&machine.key, &kept.body));
        Ok(Page {
            items: items.collect(),
            next,
        })
    }

    /// `DeleteStateMachineVersion`; one that does not exist is no error. Executions of it go on.
    pub async fn delete_version(&self, arn: &str) -> Result<(), Error> {
        let arn = arn.to_owned();
        self.change(move |inner, _| {
            let Some((mut machine, version)) = inner.version_named(&arn)? else {
                return Ok(Decision::unchanged(()));
            };
            let number = version.body.version;
            let users = inner.aliases_of(machine.number, number)?;
            if !users.is_empty() {
                let message = format!(
                    "Version to be deleted must not be referenced by an alias. Current list of \
                     aliases referencing this version: [{}]",
                    users.join(", ")
                );
                return Err(Error::new(Code::ConflictException, message));
            }
            machine.body.versions = machine.body.versions.saturating_sub(1);
            if machine.body.published == Some(number) {
                machine.body.published = None;
            }
            let changes = vec![
                Change::Delete {
                    number: version.number,
                },
                machine.put(documents::MACHINE)?,
            ];
            let stale = Stale::Arn(version_arn(&machine.key, number));
            Ok(Decision::of(changes, ()).making_stale(stale))
        })
        .await
    }
}

impl Inner {
    /// The version of the current revision, made if there is none. The state machine changes with
    /// it and must be kept too.
    pub(crate) fn publish(
        &self,
        machine: &mut Kept<MachineBody>,
        description: Option<String>,
    ) -> Result<Published, Error> {
        if let Some(version) = machine.body.published {
            let kept = self.find_version(machine.number, version)?;
            let kept = kept.ok_or_else(|| not_found(&version_arn(&machine.key, version)))?;
            return Ok(Published {
                version: item(&machine.key, &kept.body),
                change: None,
            });
        }
        let most = self.quotas.versions;
        if machine.body.versions >= most {
            return Err(Error::new(
                Code::ServiceQuotaExceededException,
                format!("The maximum number of versions has been reached: {most}"),
            ));
        }
        let version = machine.body.last_version.saturating_add(1);
        machine.body.last_version = version;
        machine.body.versions += 1;
        machine.body.published = Some(version);
        let kept = Kept {
            number: self.keeper.number(),
            key: version_key(machine.number, version),
            body: VersionBody {
                version,
                revision: machine.body.revision,
                description,
                created: self.clock.now(),
            },
        };
        Ok(Published {
            version: item(&machine.key, &kept.body),
            change: Some(kept.put(documents::VERSION)?),
        })
    }

    /// The version that an ARN names, with its state machine.
    fn version_named(&self, text: &str) -> Result<Option<OfMachine<VersionBody>>, Error> {
        let arn = Arn::parse(text)?;
        let Resource::StateMachine {
            name,
            qualifier: Some(Qualifier::Version(version)),
        } = arn.resource
        else {
            return Err(arn.unsuited());
        };
        let Some(machine) = self.find_machine(&arn, name)? else {
            return Ok(None);
        };
        let version = self.find_version(machine.number, version)?;
        Ok(version.map(|version| (machine, version)))
    }
}

fn item(key: &str, body: &VersionBody) -> VersionItem {
    VersionItem {
        arn: version_arn(key, body.version),
        creation: body.created,
    }
}
