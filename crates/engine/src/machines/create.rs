//! `CreateStateMachine`

use std::sync::Arc;

use jiff::Timestamp;
use stepmill_asl::model::StateMachineType;

use crate::arn::{Arn, Resource, check_role};
use crate::caller::Caller;
use crate::error::{Code, Error};
use crate::machines::definition::accept_any;
use crate::machines::documents::{
    self, Kept, MachineBody, RevisionBody, named, place, revision_key, version_arn,
};
use crate::machines::encryption::{EncryptionConfiguration, check_encryption};
use crate::machines::logging::LoggingConfiguration;
use crate::machines::registry::{Count, Counts, Decision, Inner, Machines};
use crate::machines::revision::Logging;
use crate::names::check_name;
use crate::tags::{Tag, new_tags};

/// The parameters of `CreateStateMachine`.
#[derive(Debug, Clone, Default)]
pub struct CreateStateMachine {
    /// `name`
    pub name: String,
    /// `definition`
    pub definition: String,
    /// `roleArn`
    pub role_arn: String,
    /// `type`
    pub machine_type: StateMachineType,
    /// `loggingConfiguration`
    pub logging: Option<LoggingConfiguration>,
    /// `tracingConfiguration.enabled`
    pub tracing: Option<bool>,
    /// `tags`
    pub tags: Vec<Tag>,
    /// `publish`
    pub publish: bool,
    /// `versionDescription`
    pub version_description: Option<String>,
    /// `encryptionConfiguration`
    pub encryption: Option<EncryptionConfiguration>,
}

/// The answer of `CreateStateMachine`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedStateMachine {
    /// `stateMachineArn`
    pub arn: String,
    /// `creationDate`
    pub creation: Timestamp,
    /// `stateMachineVersionArn`, with `publish`
    pub version_arn: Option<String>,
}

/// What a new state machine shall be, checked as far as it can be without the registry.
struct New {
    name: String,
    definition: Arc<str>,
    role_arn: String,
    express: bool,
    logging: Logging,
    tracing: bool,
    tags: Vec<Tag>,
    publish: bool,
    version_description: Option<String>,
}

impl Machines {
    /// `CreateStateMachine`. Creating one again that is the same but for its role and tags is no
    /// error, and changes neither (API reference).
    pub async fn create_state_machine(
        &self,
        caller: &Caller,
        request: CreateStateMachine,
    ) -> Result<CreatedStateMachine, Error> {
        check_name(&request.name)?;
        check_role(&request.role_arn)?;
        check_version_description(request.publish, request.version_description.as_ref())?;
        check_encryption(request.encryption.as_ref())?;
        let logging = request.logging.unwrap_or_default();
        let logging = logging.accept(self.inner().log_groups.as_deref()).await?;
        let log_group = logging.log_group_arn.clone();
        let definition: Arc<str> = request.definition.into();
        accept_any(definition.clone(), request.machine_type).await?;
        let new = New {
            name: request.name,
            definition,
            role_arn: request.role_arn,
            express: request.machine_type == StateMachineType::Express,
            logging,
            tracing: request.tracing.unwrap_or_default(),
            tags: request.tags,
            publish: request.publish,
            version_description: request.version_description,
        };
        let caller = caller.clone();
        let created = self
            .change(move |inner, counts| inner.create(&caller, new, counts))
            .await?;
        if let (Some(groups), Some(arn)) = (&self.inner().log_groups, log_group) {
            groups.taken(arn.strip_suffix(":*").unwrap_or(&arn)).await;
        }
        Ok(created)
    }
}

impl Inner {
    fn create(
        &self,
        caller: &Caller,
        new: New,
        counts: &mut Counts,
    ) -> Result<Decision<CreatedStateMachine>, Error> {
        let resource = Resource::StateMachine {
            name: &new.name,
            qualifier: None,
        };
        let arn = Arn::of(caller, resource).to_string();
        let tags = new_tags(new.tags.clone(), self.quotas.tags, &arn)?;
        let key = named(&caller.account, &caller.region, &new.name);
        let store = self.keeper.store();
        if let Some(machine) = Kept::find(store, documents::MACHINE, &key)? {
            return self.created_again(&machine, &new).map(Decision::unchanged);
        }
        let place = place(&caller.account, &caller.region);
        let most = self.quotas.state_machines;
        if counts.of(self, documents::MACHINE, &place)? >= most {
            return Err(Error::new(
                Code::StateMachineLimitExceeded,
                format!("The maximum number of state machines has been reached: {most}"),
            ));
        }
        let created = self.clock.now();
        let number = self.keeper.number();
        let revision = self.keeper.number();
        let mut machine = Kept {
            number,
            key,
            body: MachineBody {
                created,
                updated: created,
                express: new.express,
                deleting: false,
                revision,
                published: None,
                last_version: 0,
                versions: 0,
                aliases: 0,
                tags,
                created_published: new.publish,
                created_description: new.version_description.clone(),
            },
        };
        let revision = Kept {
            number: revision,
            key: revision_key(number, revision),
            body: RevisionBody {
                machine: number,
                account: caller.account.clone(),
                region: caller.region.clone(),
                name: new.name,
                express: new.express,
                role_arn: new.role_arn,
                revision_id: None,
                created,
                logging: new.logging,
                tracing: new.tracing,
                definition: new.definition.to_string(),
            },
        };
        let mut changes = vec![revision.put(documents::REVISION)?];
        let mut version_arn = None;
        if new.publish {
            let published = self.publish(&mut machine, new.version_description)?;
            changes.extend(published.change);
            version_arn = Some(published.version.arn);
        }
        changes.push(machine.put(documents::MACHINE)?);
        let answer = CreatedStateMachine {
            arn,
            creation: created,
            version_arn,
        };
        Ok(Decision::of(changes, answer).counting(Count::one_more(documents::MACHINE, place)))
    }

    /// The answer if a state machine of that name exists.
    fn created_again(
        &self,
        machine: &Kept<MachineBody>,
        new: &New,
    ) -> Result<CreatedStateMachine, Error> {
        machine.check_active()?;
        let revision = self.revision(machine.body.revision)?;
        let same = revision.text == new.definition
            && revision.express == new.express
            && revision.logging.is_like(&new.logging)
            && revision.tracing == new.tracing
            && machine.body.created_published == new.publish
            && machine.body.created_description == new.version_description;
        // The version that it was created with may be deleted since.
        let first = match new.publish {
            true => self.find_version(machine.number, 1)?,
            false => None,
        };
        if !same || new.publish && first.is_none() {
            let message = format!("State Machine Already Exists: '{}'", machine.arn());
            return Err(Error::new(Code::StateMachineAlreadyExists, message));
        }
        Ok(CreatedStateMachine {
            arn: machine.arn(),
            creation: machine.body.created,
            version_arn: first.map(|first| version_arn(&machine.key, first.body.version)),
        })
    }
}

/// A description needs a version to describe. Text observed on AWS.
pub(crate) fn check_version_description(
    publish: bool,
    description: Option<&String>,
) -> Result<(), Error> {
    if publish || description.is_none() {
        return Ok(());
    }
    let message = "Version description can only be set when publish is true";
    Err(Error::validation(message))
}
