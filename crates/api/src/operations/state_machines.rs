//! State machines.

use bytes::Bytes;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use stepmill_asl::model::StateMachineType;
use stepmill_asl::variable_references;
use stepmill_engine::{
    Caller, CreateStateMachine, LoggingLevel, NameCursor, Revision, Tag, UpdateStateMachine,
};

use super::encode::{
    EncryptionConfiguration, IncludedData, LoggingConfiguration, OWNED_KEY, OwnedKey, Seconds,
    TracingConfiguration, machine_type,
};
use super::{Operations, nothing, paging, write};
use crate::model::Operation;
use crate::pages::List;
use crate::protocol::Failure;

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum MachineType {
    Standard,
    Express,
}

impl From<MachineType> for StateMachineType {
    fn from(machine_type: MachineType) -> Self {
        match machine_type {
            MachineType::Standard => Self::Standard,
            MachineType::Express => Self::Express,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoggingInput {
    level: Option<LoggingLevel>,
    include_execution_data: Option<bool>,
    destinations: Option<Vec<DestinationInput>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DestinationInput {
    cloud_watch_logs_log_group: Option<LogGroupInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogGroupInput {
    log_group_arn: Option<String>,
}

impl From<LoggingInput> for stepmill_engine::LoggingConfiguration {
    fn from(given: LoggingInput) -> Self {
        let arn = |given: DestinationInput| given.cloud_watch_logs_log_group?.log_group_arn;
        Self {
            level: given.level,
            include_execution_data: given.include_execution_data,
            destinations: given
                .destinations
                .map(|destinations| destinations.into_iter().map(arn).collect()),
        }
    }
}

#[derive(Deserialize)]
struct TracingInput {
    enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateInput {
    name: String,
    definition: String,
    role_arn: String,
    r#type: Option<MachineType>,
    logging_configuration: Option<LoggingInput>,
    #[serde(default)]
    tags: Vec<Tag>,
    tracing_configuration: Option<TracingInput>,
    #[serde(default)]
    publish: bool,
    version_description: Option<String>,
    encryption_configuration: Option<EncryptionConfiguration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateInput {
    state_machine_arn: String,
    definition: Option<String>,
    role_arn: Option<String>,
    logging_configuration: Option<LoggingInput>,
    tracing_configuration: Option<TracingInput>,
    #[serde(default)]
    publish: bool,
    version_description: Option<String>,
    encryption_configuration: Option<EncryptionConfiguration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeInput {
    state_machine_arn: String,
    #[serde(default)]
    included_data: IncludedData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeForExecutionInput {
    execution_arn: String,
    #[serde(default)]
    included_data: IncludedData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteInput {
    state_machine_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListInput {
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Created<'a> {
    state_machine_arn: &'a str,
    creation_date: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_machine_version_arn: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Updated<'a> {
    update_date: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_machine_version_arn: Option<&'a str>,
}

/// A state machine described, by itself or for an execution; what does not apply is absent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described<'a> {
    state_machine_arn: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    definition: &'a str,
    role_arn: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creation_date: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_date: Option<Seconds>,
    logging_configuration: LoggingConfiguration<'a>,
    tracing_configuration: TracingConfiguration,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    encryption_configuration: OwnedKey,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    variable_references: IndexMap<String, Vec<String>>,
}

impl<'a> Described<'a> {
    /// What a revision says of itself. Without its data the definition is `{}` (API Reference).
    fn of(
        revision: &'a Revision,
        included: IncludedData,
        references: impl FnOnce() -> IndexMap<String, Vec<String>>,
    ) -> Self {
        let all = included.is_all();
        Self {
            state_machine_arn: &revision.arn,
            name: &revision.name,
            status: None,
            definition: if all { &revision.text } else { "{}" },
            role_arn: &revision.role_arn,
            r#type: None,
            creation_date: None,
            update_date: None,
            logging_configuration: (&revision.logging).into(),
            tracing_configuration: TracingConfiguration {
                enabled: revision.tracing,
            },
            revision_id: revision.revision_id.as_deref(),
            description: None,
            encryption_configuration: OWNED_KEY,
            variable_references: if all { references() } else { IndexMap::new() },
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    state_machine_arn: &'a str,
    name: &'a str,
    r#type: &'static str,
    creation_date: Seconds,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Items<'a> {
    state_machines: Vec<Item<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operations {
    pub(super) async fn create_state_machine(
        &self,
        caller: &Caller,
        request: CreateInput,
    ) -> Result<Bytes, Failure> {
        let create = CreateStateMachine {
            name: request.name,
            definition: request.definition,
            role_arn: request.role_arn,
            machine_type: request.r#type.map(Into::into).unwrap_or_default(),
            logging: request.logging_configuration.map(Into::into),
            tracing: request
                .tracing_configuration
                .and_then(|tracing| tracing.enabled),
            tags: request.tags,
            publish: request.publish,
            version_description: request.version_description,
            encryption: request.encryption_configuration.map(Into::into),
        };
        let machines = self.engine.machines();
        let created = machines.create_state_machine(caller, create).await?;
        write(&Created {
            state_machine_arn: &created.arn,
            creation_date: Seconds(created.creation),
            state_machine_version_arn: created.version_arn.as_deref(),
        })
    }

    pub(super) async fn update_state_machine(
        &self,
        request: UpdateInput,
    ) -> Result<Bytes, Failure> {
        let update = UpdateStateMachine {
            arn: request.state_machine_arn,
            definition: request.definition,
            role_arn: request.role_arn,
            logging: request.logging_configuration.map(Into::into),
            tracing: request
                .tracing_configuration
                .and_then(|tracing| tracing.enabled),
            publish: request.publish,
            version_description: request.version_description,
            encryption: request.encryption_configuration.map(Into::into),
        };
        let updated = self.engine.machines().update_state_machine(update).await?;
        write(&Updated {
            update_date: Seconds(updated.update),
            revision_id: updated.revision_id.as_deref(),
            state_machine_version_arn: updated.version_arn.as_deref(),
        })
    }

    pub(super) async fn delete_state_machine(
        &self,
        request: DeleteInput,
    ) -> Result<Bytes, Failure> {
        let arn = &request.state_machine_arn;
        self.engine.delete_state_machine(arn).await?;
        Ok(nothing())
    }

    pub(super) fn describe_state_machine(&self, request: &DescribeInput) -> Result<Bytes, Failure> {
        let machines = self.engine.machines();
        let machine = machines.describe_state_machine(&request.state_machine_arn)?;
        let references = machine.variable_references;
        write(&Described {
            state_machine_arn: &machine.arn,
            status: Some(match machine.deleting {
                true => "DELETING",
                false => "ACTIVE",
            }),
            r#type: Some(machine_type(machine.revision.express)),
            creation_date: Some(Seconds(machine.creation)),
            description: machine.description.as_deref(),
            ..Described::of(&machine.revision, request.included_data, || references)
        })
    }

    pub(super) fn describe_state_machine_for_execution(
        &self,
        request: &DescribeForExecutionInput,
    ) -> Result<Bytes, Failure> {
        let revision = self.engine.revision_of(&request.execution_arn)?;
        write(&Described {
            update_date: Some(Seconds(revision.created)),
            ..Described::of(&revision, request.included_data, || {
                variable_references(&revision.definition)
            })
        })
    }

    pub(super) fn list_state_machines(
        &self,
        caller: &Caller,
        request: &ListInput,
    ) -> Result<Bytes, Failure> {
        let list = List {
            caller,
            operation: Operation::ListStateMachines,
            arguments: &[],
        };
        let after: Option<NameCursor> = self.cursor(list, request.next_token.as_deref())?;
        let size = paging::size(request.max_results);
        let machines = self.engine.machines();
        let page = machines.list_state_machines(caller, after.as_ref(), size)?;
        let items = page.items.iter().map(|machine| Item {
            state_machine_arn: &machine.arn,
            name: &machine.name,
            r#type: machine_type(machine.express),
            creation_date: Seconds(machine.creation),
        });
        write(&Items {
            state_machines: items.collect(),
            next_token: self.token(list, page.next.as_ref())?,
        })
    }
}
