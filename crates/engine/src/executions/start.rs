//! `StartExecution` of a Standard state machine.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use stepmill_interpreter::{Execution, Fact, Payload};
use tokio::sync::{mpsc, oneshot};

use crate::core::{Core, Found, identity};
use crate::drive::Driver;
use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::input;
use crate::journal::{Detail, Journal, Kept, Opening, Parent};
use crate::machines::Resolved;
use crate::message::Message;
use crate::names::check_name;
use crate::status::StatusCode;

/// What to start.
#[derive(Debug, Clone, Default)]
pub struct StartExecution {
    /// The ARN of a state machine, a version or an alias. With a mock configuration,
    /// `#TEST_CASE` may follow, as with AWS Step Functions Local.
    pub state_machine_arn: String,
    /// The execution's name; a UUID if there is none.
    pub name: Option<String>,
    /// The input, as JSON text; `{}` if there is none.
    pub input: Option<String>,
    /// The X-Ray trace header.
    pub trace_header: Option<String>,
}

/// What has been started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedExecution {
    /// Its ARN.
    pub execution_arn: String,
    /// When it was started.
    pub start_date: Timestamp,
}

/// A start whose parts have been checked.
pub(crate) struct Checked {
    pub(crate) resolved: Resolved,
    pub(crate) name: String,
    pub(crate) input: Payload,
    pub(crate) trace_header: Option<String>,
    pub(crate) test_case: Option<String>,
    pub(crate) parent: Option<Parent>,
}

impl Engine {
    /// Starts an execution, Standard or asynchronous Express.
    ///
    /// A Standard start is on the disk when this returns. Starting again with the name and input of
    /// one that still runs gives that one.
    pub async fn start_execution(&self, start: StartExecution) -> Result<StartedExecution, Error> {
        let checked = self.core.check(start, None)?;
        if checked.resolved.revision.express {
            return self.core.start_express(checked);
        }
        self.core.start_standard(checked).await
    }
}

impl Core {
    pub(crate) fn check(
        &self,
        start: StartExecution,
        parent: Option<Parent>,
    ) -> Result<Checked, Error> {
        if self.is_closing() {
            return Err(Error::new(
                Code::ServiceUnavailable,
                "The service is shutting down.",
            ));
        }
        let (arn, test_case) = match start.state_machine_arn.split_once('#') {
            Some((arn, case)) => (arn, Some(case.to_owned())),
            None => (&*start.state_machine_arn, None),
        };
        let roll = u32::try_from(self.surroundings.chance.seed() % 100).unwrap_or(0);
        let resolved = self.machines.resolve(arn, roll)?;
        let name = match start.name {
            Some(name) => {
                check_name(&name)?;
                name
            }
            None => uuid::Uuid::new_v4().to_string(),
        };
        // Decided once: a restart with another default changes nothing about what runs.
        let test_case = match test_case {
            Some(case) => Some(case),
            None => self.default_case(&resolved.revision.name)?,
        };
        Ok(Checked {
            resolved,
            name,
            input: input::execution_input(start.input.as_deref())?,
            trace_header: start.trace_header,
            test_case,
            parent,
        })
    }

    pub(crate) async fn start_standard(
        self: &Arc<Self>,
        checked: Checked,
    ) -> Result<StartedExecution, Error> {
        let Checked {
            resolved,
            name,
            input,
            trace_header,
            test_case,
            parent,
        } = checked;
        let revision = resolved.revision;
        let mocks = match &test_case {
            Some(case) => Some(self.mocks(&revision.name, case)?),
            None => None,
        };
        let open = self.open.fetch_add(1, Ordering::Relaxed);
        if open >= self.limits.open_executions {
            self.open.fetch_sub(1, Ordering::Relaxed);
            return Err(Error::new(
                Code::ExecutionLimitExceeded,
                format!(
                    "The maximum number of running executions has been reached: {}.",
                    self.limits.open_executions
                ),
            ));
        }
        let (version_arn, version) = resolved.version.unzip();
        let (alias_arn, alias) = resolved.alias.unzip();
        let detail = Detail {
            started: 0,
            revision: revision.number,
            version_arn,
            alias_arn,
            trace_header,
            test_case,
            parent: parent.clone(),
        };
        let number = self.keeper.number();
        let identity = identity(&revision, number, &name, &detail);
        let execution_arn = identity.execution_arn.clone();
        let (address, mailbox) = mpsc::unbounded_channel();
        let (reply, started) = oneshot::channel();
        let message = Message::Start {
            input: input.clone(),
            reply: Some(reply),
        };
        // The driver holds the other end.
        let _ = address.send(message);
        self.live.enter(number, address.clone());
        let kept = Kept {
            core: self.clone(),
            revision: revision.clone(),
            number,
            turn: 0,
            opening: Some(Opening {
                version,
                alias,
                detail,
            }),
            queued: FxHashMap::default(),
            left: false,
        };
        let mut driver = Driver::new(
            self.surroundings.clone(),
            revision.definition.clone(),
            Execution::new(identity),
            Journal::Kept(Box::new(kept)),
            (address, mailbox),
        );
        driver.mocks = mocks;
        tokio::spawn(driver.drive());
        let error = match started.await {
            Ok(Ok(start_date)) => {
                return Ok(StartedExecution {
                    execution_arn,
                    start_date,
                });
            }
            Ok(Err(error)) => error,
            Err(_) => Error::internal("the execution was not started"),
        };
        self.open.fetch_sub(1, Ordering::Relaxed);
        if error.code != Code::ExecutionAlreadyExists {
            return Err(error);
        }
        let store = self.keeper.store();
        match store.execution_named(revision.machine, &name)? {
            Some(row) => self.started_already(&self.found(row)?, &input, parent.as_ref(), error),
            None => Err(error),
        }
    }

    /// The execution that has the name, if starting it again gives that one.
    fn started_already(
        &self,
        found: &Found,
        input: &Payload,
        parent: Option<&Parent>,
        refused: Error,
    ) -> Result<StartedExecution, Error> {
        // A task that is run again after a crash finds the execution that it had started.
        let same_task = parent.is_some() && found.detail.parent.as_ref() == parent;
        let same_start = || -> Result<bool, Error> {
            let running = StatusCode::from_byte(found.row.update.status).is_running();
            Ok(running && self.input_of(found.row.number)?.as_deref() == Some(input.text()))
        };
        if same_task || same_start()? {
            Ok(StartedExecution {
                execution_arn: found.identity().execution_arn,
                start_date: found.started(),
            })
        } else {
            Err(refused)
        }
    }

    /// The input of an execution, as it was sent.
    pub(crate) fn input_of(&self, number: u64) -> Result<Option<String>, Error> {
        let mut input = None;
        self.each_entry(number, 0, |_, records| {
            input = records.iter().find_map(|record| match &record.fact {
                Fact::ExecutionStarted { input } => Some(input.text().to_owned()),
                _ => None,
            });
            false
        })?;
        Ok(input)
    }
}
