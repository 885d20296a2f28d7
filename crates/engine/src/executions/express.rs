//! Express executions: in memory, at most five minutes.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use stepmill_interpreter::{Execution, Identity, Status};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::arn::{Arn, Resource};
use crate::core::Core;
use crate::drive::Driver;
use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::executions::start::{Checked, StartExecution, StartedExecution};
use crate::journal::Journal;
use crate::message::Message;

/// A synchronous Express execution that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncExecution {
    /// Its ARN.
    pub execution_arn: String,
    /// The state machine's ARN, without version or alias.
    pub state_machine_arn: String,
    /// Its name.
    pub name: String,
    /// When it was started.
    pub start_date: Timestamp,
    /// When it ended.
    pub stop_date: Timestamp,
    /// How it ended.
    pub status: Status,
    /// Its input, as it was sent.
    pub input: String,
    /// The X-Ray trace header that it was started with.
    pub trace_header: Option<String>,
    /// What AWS would charge for.
    pub billing: Billing,
}

/// What AWS would charge for. The memory is the smallest amount there is: nothing here is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Billing {
    /// In steps of 64 MB.
    pub memory_mb: u64,
    /// In steps of 100 milliseconds.
    pub milliseconds: u64,
}

impl Engine {
    /// Runs an Express execution to its end. If whoever asked goes away, it still runs to its end.
    pub async fn start_sync_execution(
        &self,
        start: StartExecution,
    ) -> Result<SyncExecution, Error> {
        let checked = self.core.check(start, None)?;
        if !checked.resolved.revision.express {
            return Err(Error::new(
                Code::StateMachineTypeNotSupported,
                "This operation is not supported by this type of state machine",
            ));
        }
        let trace_header = checked.trace_header.clone();
        let input = checked.input.text().to_owned();
        let (driver, address, identity) = self.core.express(checked)?;
        let finished = tokio::spawn(driver.drive()).await;
        drop(address);
        let (execution, _) = finished.map_err(|_| Error::internal("the execution broke down"))?;
        let now = self.core.surroundings.clock.now();
        let (start_date, stop_date) = (execution.started(), execution.ended().unwrap_or(now));
        Ok(SyncExecution {
            execution_arn: identity.execution_arn,
            state_machine_arn: identity.state_machine_arn,
            name: identity.name,
            start_date,
            stop_date,
            status: execution.status().clone(),
            input,
            trace_header,
            billing: Billing::of(stop_date.duration_since(start_date).unsigned_abs()),
        })
    }
}

impl Core {
    /// Starts an asynchronous Express execution: at least once, but a crash forgets it.
    pub(crate) fn start_express(
        self: &Arc<Self>,
        checked: Checked,
    ) -> Result<StartedExecution, Error> {
        let (driver, address, identity) = self.express(checked)?;
        let start_date = self.surroundings.clock.now();
        tokio::spawn(async move {
            driver.drive().await;
            drop(address);
        });
        Ok(StartedExecution {
            execution_arn: identity.execution_arn,
            start_date,
        })
    }

    fn express(
        self: &Arc<Self>,
        checked: Checked,
    ) -> Result<(Driver, mpsc::UnboundedSender<Message>, Identity), Error> {
        let revision = checked.resolved.revision;
        let run = Uuid::new_v4().to_string();
        let resource = Resource::Express {
            machine: &revision.name,
            label: None,
            name: &checked.name,
            run: &run,
        };
        let execution_arn = Arn::new(&revision.account, &revision.region, resource).to_string();
        let identity = Identity {
            number: 0,
            execution_arn,
            name: checked.name,
            role_arn: revision.role_arn.clone(),
            state_machine_arn: revision.arn.clone(),
            state_machine_name: revision.name.clone(),
            version_arn: checked.resolved.version.map(|(arn, _)| arn),
            alias_arn: checked.resolved.alias.map(|(arn, _)| arn),
            express: true,
        };
        let mocks = match &checked.test_case {
            Some(case) => Some(self.mocks(&revision.name, case)?),
            None => None,
        };
        let (address, mailbox) = mpsc::unbounded_channel();
        // The driver holds the other end.
        let _ = address.send(Message::Start {
            input: checked.input,
            reply: None,
        });
        let mut driver = Driver::new(
            self.surroundings.clone(),
            revision.definition.clone(),
            Execution::new(identity.clone()),
            Journal::Unkept { revision },
            (address.clone(), mailbox),
        );
        driver.mocks = mocks;
        Ok((driver, address, identity))
    }
}

impl Billing {
    fn of(duration: Duration) -> Self {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self {
            memory_mb: 64,
            milliseconds: milliseconds.max(1).div_ceil(100).saturating_mul(100),
        }
    }
}
