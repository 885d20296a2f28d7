//! `TestState`.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value};
use stepmill_engine::{Caller, Error};

use super::{Operations, write};
use crate::protocol::Failure;
use crate::server::BoxFuture;

/// Runs single states: from the request's members to those of the answer. What tasks call, the
/// owner knows.
pub type TestState =
    Arc<dyn Fn(Caller, Map<String, Value>) -> BoxFuture<Result<Value, Error>> + Send + Sync>;

impl Operations {
    pub(super) async fn test_state(
        &self,
        caller: Caller,
        request: Map<String, Value>,
    ) -> Result<Bytes, Failure> {
        write(&(self.test_state)(caller, request).await?)
    }
}
