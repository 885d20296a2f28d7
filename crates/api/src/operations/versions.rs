//! Versions of state machines.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use stepmill_engine::{Caller, PublishStateMachineVersion, VersionCursor};

use super::encode::Seconds;
use super::{Operations, nothing, paging, write};
use crate::model::Operation;
use crate::pages::List;
use crate::protocol::Failure;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PublishInput {
    state_machine_arn: String,
    revision_id: Option<String>,
    description: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VersionInput {
    state_machine_version_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListVersionsInput {
    state_machine_arn: String,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VersionItem<'a> {
    state_machine_version_arn: &'a str,
    creation_date: Seconds,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Versions<'a> {
    state_machine_versions: Vec<VersionItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operations {
    pub(super) async fn publish_version(&self, request: PublishInput) -> Result<Bytes, Failure> {
        let publish = PublishStateMachineVersion {
            arn: request.state_machine_arn,
            revision_id: request.revision_id,
            description: request.description,
        };
        let version = self.engine.machines().publish_version(publish).await?;
        write(&VersionItem {
            state_machine_version_arn: &version.arn,
            creation_date: Seconds(version.creation),
        })
    }

    pub(super) async fn delete_version(&self, request: VersionInput) -> Result<Bytes, Failure> {
        let machines = self.engine.machines();
        machines
            .delete_version(&request.state_machine_version_arn)
            .await?;
        Ok(nothing())
    }

    pub(super) fn list_versions(
        &self,
        caller: &Caller,
        request: &ListVersionsInput,
    ) -> Result<Bytes, Failure> {
        let list = List {
            caller,
            operation: Operation::ListStateMachineVersions,
            arguments: &[Some(&request.state_machine_arn)],
        };
        let after: Option<VersionCursor> = self.cursor(list, request.next_token.as_deref())?;
        let size = paging::size(request.max_results);
        let machines = self.engine.machines();
        let page = machines.list_versions(&request.state_machine_arn, after, size)?;
        let versions = page.items.iter().map(|version| VersionItem {
            state_machine_version_arn: &version.arn,
            creation_date: Seconds(version.creation),
        });
        write(&Versions {
            state_machine_versions: versions.collect(),
            next_token: self.token(list, page.next.as_ref())?,
        })
    }
}
