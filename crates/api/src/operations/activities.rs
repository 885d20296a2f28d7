//! Activities.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use stepmill_engine::{Caller, CreateActivity, NameCursor, Tag};

use super::encode::{EncryptionConfiguration, OWNED_KEY, OwnedKey, Seconds};
use super::{Operations, nothing, paging, write};
use crate::model::Operation;
use crate::pages::List;
use crate::protocol::Failure;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateActivityInput {
    name: String,
    #[serde(default)]
    tags: Vec<Tag>,
    encryption_configuration: Option<EncryptionConfiguration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ActivityInput {
    activity_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListInput {
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described<'a> {
    activity_arn: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    creation_date: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_configuration: Option<OwnedKey>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Activities<'a> {
    activities: Vec<Described<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operations {
    pub(super) async fn create_activity(
        &self,
        caller: &Caller,
        request: CreateActivityInput,
    ) -> Result<Bytes, Failure> {
        let create = CreateActivity {
            name: request.name,
            tags: request.tags,
            encryption: request.encryption_configuration.map(Into::into),
        };
        let machines = self.engine.machines();
        let activity = machines.create_activity(caller, create).await?;
        write(&Described {
            activity_arn: &activity.arn,
            name: None,
            creation_date: Seconds(activity.creation),
            encryption_configuration: None,
        })
    }

    pub(super) async fn delete_activity(&self, request: ActivityInput) -> Result<Bytes, Failure> {
        self.engine.delete_activity(&request.activity_arn).await?;
        Ok(nothing())
    }

    pub(super) fn describe_activity(&self, request: &ActivityInput) -> Result<Bytes, Failure> {
        let activity = self.engine.machines().activity(&request.activity_arn)?;
        write(&Described {
            activity_arn: &activity.arn,
            name: Some(&activity.name),
            creation_date: Seconds(activity.creation),
            encryption_configuration: Some(OWNED_KEY),
        })
    }

    pub(super) fn list_activities(
        &self,
        caller: &Caller,
        request: &ListInput,
    ) -> Result<Bytes, Failure> {
        let list = List {
            caller,
            operation: Operation::ListActivities,
            arguments: &[],
        };
        let after: Option<NameCursor> = self.cursor(list, request.next_token.as_deref())?;
        let size = paging::size(request.max_results);
        let machines = self.engine.machines();
        let page = machines.list_activities(caller, after.as_ref(), size)?;
        let activities = page.items.iter().map(|activity| Described {
            activity_arn: &activity.arn,
            name: Some(&activity.name),
            creation_date: Seconds(activity.creation),
            encryption_configuration: None,
        });
        write(&Activities {
            activities: activities.collect(),
            next_token: self.token(list, page.next.as_ref())?,
        })
    }
}
