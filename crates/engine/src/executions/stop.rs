//! `StopExecution`.

use std::sync::Arc;

use jiff::Timestamp;
use stepmill_interpreter::Reason;
use tokio::sync::oneshot;

use crate::core::Core;
use crate::engine::Engine;
use crate::error::Error;
use crate::message::Message;

impl Engine {
    /// Stops a Standard execution; its stop date, once that is on the disk. One that has ended
    /// already keeps its own.
    pub async fn stop_execution(&self, arn: &str, reason: Reason) -> Result<Timestamp, Error> {
        self.core.stop(arn, reason).await
    }
}

impl Core {
    /// The same.
    pub(crate) async fn stop(
        self: &Arc<Self>,
        arn: &str,
        reason: Reason,
    ) -> Result<Timestamp, Error> {
        let found = self.find_by_arn(arn)?;
        if let Some(stopped) = found.stopped() {
            return Ok(stopped);
        }
        let (reply, stopped) = oneshot::channel();
        let reply = Some(reply);
        self.wake(found.row.number, Some(Message::Stop { reason, reply }));
        stopped.await.map_err(|_| Error::no_execution(arn))?
    }
}
