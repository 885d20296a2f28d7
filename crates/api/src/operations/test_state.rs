//! `TestState`.

use std::sync::Arc;

use bytes::Bytes;
use stepmill_engine::test_state::{TestStateRequest, TestStateResult};
use stepmill_engine::{Caller, Error};

use super::{Operations, write};
use crate::protocol::Failure;
use crate::server::BoxFuture;

/// Runs single states: the engine's `test_state` with what tasks call, which the owner knows.
pub type TestState = Arc<
    dyn Fn(Caller, TestStateRequest) -> BoxFuture<Result<TestStateResult, Error>> + Send + Sync,
>;

impl Operations {
    pub(super) async fn test_state(
        &self,
        caller: Caller,
        request: TestStateRequest,
    ) -> Result<Bytes, Failure> {
        write(&(self.test_state)(caller, request).await?)
    }
}
