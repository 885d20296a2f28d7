//! `DeleteStateMachine` and `DeleteActivity`, as far as executions are concerned.

use std::sync::Arc;

use stepmill_interpreter::Reason;
use stepmill_store::ListExecutions;

use crate::core::Core;
use crate::engine::Engine;
use crate::error::Error;
use crate::message::Message;
use crate::status::StatusCode;

/// Executions stopped at once.
const PAGE: usize = 256;

impl Engine {
    /// Deletes a state machine: it starts no more executions, those that run are aborted, and then
    /// it is gone. Returns when the deletion is certain; what runs may still be ending.
    pub async fn delete_state_machine(&self, arn: &str) -> Result<(), Error> {
        if let Some(machine) = self.core.machines.delete_state_machine(arn).await? {
            let core = self.core.clone();
            let burying = tokio::spawn(async move { core.bury(machine).await });
            if !self.core.has_open_executions(machine)? {
                // Nothing to wait for: the name is free when this returns.
                burying
                    .await
                    .map_err(|_| Error::internal("the deletion broke off"))??;
            }
        }
        Ok(())
    }

    /// Deletes an activity; workers that wait for its tasks are told that it does not exist.
    pub async fn delete_activity(&self, arn: &str) -> Result<(), Error> {
        if let Some(activity) = self.core.machines.delete_activity(arn).await? {
            self.core.queues.close(activity.number);
        }
        Ok(())
    }
}

impl Core {
    /// Takes up deletions that were under way when the process ended.
    pub(crate) async fn bury_deleting(self: Arc<Self>) {
        let machines = self.machines.deleting().unwrap_or_else(|error| {
            tracing::error!(%error, "cannot read which state machines are being deleted");
            Vec::new()
        });
        for machine in machines {
            if let Err(error) = self.bury(machine).await {
                tracing::error!(machine, %error, "a state machine cannot be deleted");
            }
        }
    }

    fn has_open_executions(&self, machine: u64) -> Result<bool, Error> {
        Ok(!self.open_executions(machine, 1)?.is_empty())
    }

    fn open_executions(&self, machine: u64, limit: usize) -> Result<Vec<u64>, Error> {
        let rows = self.keeper.store().executions(&ListExecutions {
            scope: machine,
            statuses: StatusCode::RUNNING.to_vec(),
            version: None,
            alias: None,
            after: None,
            limit,
        })?;
        Ok(rows.into_iter().map(|row| row.number).collect())
    }

    /// Aborts what runs of a state machine, and deletes it.
    async fn bury(self: &Arc<Self>, machine: u64) -> Result<(), Error> {
        loop {
            let open = self.open_executions(machine, PAGE)?;
            if open.is_empty() {
                return self.machines.deleted(machine).await;
            }
            let mut stopping = Vec::with_capacity(open.len());
            for number in open {
                let (reply, stopped) = tokio::sync::oneshot::channel();
                let reason = Reason {
                    error: None,
                    cause: Some("The state machine was deleted.".into()),
                };
                let reply = Some(reply);
                self.wake(number, Some(Message::Stop { reason, reply }));
                stopping.push(stopped);
            }
            for stopped in stopping {
                stopped
                    .await
                    .map_err(|_| Error::internal("an execution cannot be stopped"))??;
            }
        }
    }
}
