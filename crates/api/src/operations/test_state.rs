//! `TestState`.

use bytes::Bytes;
use stepmill_engine::Caller;
use stepmill_engine::test_state::TestStateRequest;

use super::{Operations, write};
use crate::protocol::Failure;

impl Operations {
    pub(super) async fn test_state(
        &self,
        caller: &Caller,
        request: &TestStateRequest,
    ) -> Result<Bytes, Failure> {
        write(&self.engine.test_state(caller, request).await?)
    }
}
