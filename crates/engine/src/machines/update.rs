//! `UpdateStateMachine`

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::arn::check_role;
use crate::error::{Code, Error};
use crate::machines::cache::Stale;
use crate::machines::create::check_version_description;
use crate::machines::definition::{accept_any, type_of};
use crate::machines::documents::{self, Kept, RevisionBody, revision_key};
use crate::machines::encryption::{EncryptionConfiguration, check_encryption};
use crate::machines::logging::LoggingConfiguration;
use crate::machines::registry::{Decision, Inner, Machines};
use crate::machines::revision::Logging;

/// The parameters of `UpdateStateMachine`: what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateStateMachine {
    /// `stateMachineArn`
    pub arn: String,
    /// `definition`
    pub definition: Option<String>,
    /// `roleArn`
    pub role_arn: Option<String>,
    /// `loggingConfiguration`
    pub logging: Option<LoggingConfiguration>,
    /// `tracingConfiguration.enabled`
    pub tracing: Option<bool>,
    /// `publish`
    pub publish: bool,
    /// `versionDescription`
    pub version_description: Option<String>,
    /// `encryptionConfiguration`
    pub encryption: Option<EncryptionConfiguration>,
}

/// The answer of `UpdateStateMachine`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatedStateMachine {
    /// `updateDate`
    pub update: Timestamp,
    /// `revisionId`; absent as long as the definition and role are those of the creation.
    pub revision_id: Option<String>,
    /// `stateMachineVersionArn`, with `publish`
    pub version_arn: Option<String>,
}

/// What a state machine shall become, checked as far as it can be without the registry.
struct Wanted {
    arn: String,
    /// The number of the state machine whose type the definition was checked for.
    machine: u64,
    definition: Option<Arc<str>>,
    role_arn: Option<String>,
    logging: Option<Logging>,
    tracing: Option<bool>,
    publish: bool,
    version_description: Option<String>,
}

impl Machines {
    /// `UpdateStateMachine`. Executions that run go on with what they were started with.
    pub async fn update_state_machine(
        &self,
        request: UpdateStateMachine,
    ) -> Result<UpdatedStateMachine, Error> {
        let machine = self.inner().active(&request.arn)?;
        if request.definition.is_none()
            && request.role_arn.is_none()
            && request.logging.is_none()
            && request.tracing.is_none()
            && request.encryption.is_none()
        {
            // Observed on AWS.
            let message = "Either the definition, the role ARN, the LoggingConfiguration, or the \
                           TracingConfiguration must be specified";
            return Err(Error::new(Code::MissingRequiredParameter, message));
        }
        if let Some(role_arn) = &request.role_arn {
            check_role(role_arn)?;
        }
        check_version_description(request.publish, request.version_description.as_ref())?;
        check_encryption(request.encryption.as_ref())?;
        let log_groups = self.inner().log_groups.as_deref();
        let logging = match request.logging {
            Some(logging) => Some(logging.accept(log_groups).await),
            None => None,
        };
        let definition: Option<Arc<str>> = request.definition.map(Arc::from);
        if let Some(definition) = &definition {
            accept_any(definition.clone(), type_of(machine.body.express)).await?;
        }
        let wanted = Wanted {
            arn: request.arn,
            machine: machine.number,
            definition,
            role_arn: request.role_arn,
            logging: logging.transpose()?,
            tracing: request.tracing,
            publish: request.publish,
            version_description: request.version_description,
        };
        self.change(move |inner, _| inner.update(wanted)).await
    }
}

impl Inner {
    fn update(&self, wanted: Wanted) -> Result<Decision<UpdatedStateMachine>, Error> {
        let mut machine = self.active(&wanted.arn)?;
        if machine.number != wanted.machine {
            // Deleted and created again in between, perhaps as another type.
            let message = format!("The state machine was replaced meanwhile: '{}'", wanted.arn);
            return Err(Error::new(Code::ConflictException, message));
        }
        let now = self.revision(machine.body.revision)?;
        let text = wanted.definition.unwrap_or_else(|| now.text.clone());
        let role_arn = wanted.role_arn.unwrap_or_else(|| now.role_arn.clone());
        let logging = wanted.logging.unwrap_or_else(|| now.logging.clone());
        let tracing = wanted.tracing.unwrap_or(now.tracing);
        // Only these make a revision in AWS's sense.
        let revised = text != now.text || role_arn != now.role_arn;
        let changed = revised || logging != now.logging || tracing != now.tracing;
        let mut changes = Vec::new();
        let mut revision_id = now.revision_id.clone();
        if changed {
            if revised {
                revision_id = Some(Uuid::new_v4().to_string());
                machine.body.published = None;
            }
            let number = self.keeper.number();
            machine.body.revision = number;
            machine.body.updated = self.clock.now();
            let revision = Kept {
                number,
                key: revision_key(machine.number, number),
                body: RevisionBody {
                    machine: machine.number,
                    account: now.account.clone(),
                    region: now.region.clone(),
                    name: now.name.clone(),
                    express: now.express,
                    role_arn,
                    revision_id: revision_id.clone(),
                    created: machine.body.updated,
                    logging,
                    tracing,
                    definition: text.to_string(),
                },
            };
            changes.push(revision.put(documents::REVISION)?);
        }
        let mut version_arn = None;
        if wanted.publish {
            let published = self.publish(&mut machine, wanted.version_description)?;
            changes.extend(published.change);
            version_arn = Some(published.version.arn);
        }
        if !changes.is_empty() {
            changes.push(machine.put(documents::MACHINE)?);
        }
        let answer = UpdatedStateMachine {
            update: machine.body.updated,
            revision_id,
            version_arn,
        };
        Ok(Decision::of(changes, answer).making_stale(Stale::Arn(machine.arn())))
    }
}
