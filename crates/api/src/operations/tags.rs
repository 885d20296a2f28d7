//! Tags.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use stepmill_engine::Tag;

use super::{Operations, nothing, write};
use crate::protocol::Failure;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TagInput {
    resource_arn: String,
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UntagInput {
    resource_arn: String,
    tag_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListTagsInput {
    resource_arn: String,
}

#[derive(Serialize)]
struct Tags {
    tags: Vec<Tag>,
}

impl Operations {
    pub(super) async fn tag(&self, request: TagInput) -> Result<Bytes, Failure> {
        let machines = self.engine.machines();
        machines.tag(&request.resource_arn, request.tags).await?;
        Ok(nothing())
    }

    pub(super) async fn untag(&self, request: UntagInput) -> Result<Bytes, Failure> {
        let machines = self.engine.machines();
        machines
            .untag(&request.resource_arn, request.tag_keys)
            .await?;
        Ok(nothing())
    }

    pub(super) fn list_tags(&self, request: &ListTagsInput) -> Result<Bytes, Failure> {
        let tags = self.engine.machines().list_tags(&request.resource_arn)?;
        write(&Tags { tags })
    }
}
