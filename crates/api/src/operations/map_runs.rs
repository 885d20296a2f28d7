//! Map runs, which the engine does not make yet: there is none to be described or changed.

use bytes::Bytes;
use serde::Deserialize;
use stepmill_engine::{Arn, Code, Error, Resource};

use super::{Operations, write};
use crate::protocol::Failure;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MapRunInput {
    map_run_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListMapRunsInput {
    execution_arn: String,
    next_token: Option<String>,
}

pub(super) fn describe(request: &MapRunInput) -> Result<Bytes, Failure> {
    Err(missing(&request.map_run_arn).into())
}

pub(super) fn update(request: &MapRunInput) -> Result<Bytes, Failure> {
    Err(missing(&request.map_run_arn).into())
}

/// Why no map run has this ARN.
pub(super) fn missing(text: &str) -> Error {
    match Arn::parse(text) {
        Err(error) => error,
        Ok(arn) => match arn.resource {
            Resource::MapRun { .. } => Error::new(
                Code::ResourceNotFound,
                format!("Resource not found: '{text}'"),
            )
            .with("resourceName", text),
            _ => arn.unsuited(),
        },
    }
}

impl Operations {
    /// No execution has map runs; but it must exist, and no page of a list of none has a token.
    pub(super) fn list_map_runs(&self, request: &ListMapRunsInput) -> Result<Bytes, Failure> {
        self.engine.revision_of(&request.execution_arn)?;
        match request.next_token {
            Some(_) => Err(Error::invalid_token().into()),
            None => write(&serde_json::json!({ "mapRuns": [] })),
        }
    }
}
