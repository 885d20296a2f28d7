//! `DescribeExecution` and `DescribeStateMachineForExecution`.

use std::sync::Arc;

use jiff::Timestamp;
use stepmill_interpreter::{Fact, Record};

use crate::core::{Core, Found, damaged};
use crate::encoding::decode;
use crate::engine::Engine;
use crate::error::Error;
use crate::executions::redrive::redrivable;
use crate::machines::Revision;
use crate::status::StatusCode;

/// What there is to say of an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct DescribedExecution {
    /// Its ARN.
    pub execution_arn: String,
    /// The state machine's ARN, without version or alias.
    pub state_machine_arn: String,
    /// The version that it runs, if it was started through one.
    pub version_arn: Option<String>,
    /// The alias that it was started through.
    pub alias_arn: Option<String>,
    /// Its name.
    pub name: String,
    /// AWS's word for its status.
    pub status: &'static str,
    /// When it was started.
    pub start_date: Timestamp,
    /// When it ended.
    pub stop_date: Option<Timestamp>,
    /// Its input, as it was sent.
    pub input: String,
    /// How it ended.
    pub ending: Option<Ending>,
    /// The X-Ray trace header that it was started with.
    pub trace_header: Option<String>,
    /// How often it was redriven.
    pub redrive_count: u32,
    /// When it was redriven last.
    pub redrive_date: Option<Timestamp>,
    /// Why it cannot be redriven; `None` if it can.
    pub not_redrivable: Option<String>,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// With this output, as JSON text.
    Output(String),
    /// With an error.
    Failure {
        /// Its name.
        error: Option<String>,
        /// What happened.
        cause: Option<String>,
    },
}

impl Engine {
    /// Describes a Standard execution.
    pub fn describe_execution(&self, arn: &str) -> Result<DescribedExecution, Error> {
        let found = self.core.find_by_arn(arn)?;
        self.core.describe(&found)
    }

    /// What a Standard execution runs.
    pub fn revision_of(&self, execution_arn: &str) -> Result<Arc<Revision>, Error> {
        Ok(self.core.find_by_arn(execution_arn)?.revision)
    }
}

impl Core {
    pub(crate) fn describe(&self, found: &Found) -> Result<DescribedExecution, Error> {
        let status = StatusCode::from_byte(found.row.update.status);
        let number = found.row.number;
        let identity = found.identity();
        let last: Vec<Record> = match self.keeper.store().last_entry(number)? {
            Some(entry) => decode(&entry.bytes).map_err(|error| damaged(&error))?,
            None => Vec::new(),
        };
        let ending = if status.is_running() {
            None
        } else {
            last.iter().rev().find_map(|record| ending(&record.fact))
        };
        let (redrive_count, redrive_date) = self.redrives(found)?;
        let now = self.surroundings.clock.now();
        Ok(DescribedExecution {
            execution_arn: identity.execution_arn,
            state_machine_arn: identity.state_machine_arn,
            version_arn: found.detail.version_arn.clone(),
            alias_arn: found.detail.alias_arn.clone(),
            name: identity.name,
            status: status.name(),
            start_date: found.started(),
            stop_date: found.stopped(),
            input: self.input_of(number)?.unwrap_or_default(),
            ending,
            trace_header: found.detail.trace_header.clone(),
            redrive_count,
            redrive_date,
            not_redrivable: redrivable(found, &last, now)
                .err()
                .map(|reason| reason.to_string()),
        })
    }
}

impl Found {
    /// When it was started.
    pub(crate) fn started(&self) -> Timestamp {
        time(self.detail.started)
    }

    /// When it ended.
    pub(crate) fn stopped(&self) -> Option<Timestamp> {
        let running = StatusCode::from_byte(self.row.update.status).is_running();
        (!running).then(|| time(self.row.update.sorted))
    }
}

/// Milliseconds since 1970 as a time.
pub(crate) fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn ending(fact: &Fact) -> Option<Ending> {
    let failure = |error: Option<&str>, cause: Option<&str>| Ending::Failure {
        error: error.map(str::to_owned),
        cause: cause.map(str::to_owned),
    };
    match fact {
        Fact::ExecutionSucceeded { output } => Some(Ending::Output(output.text().to_owned())),
        Fact::ExecutionFailed(reason) | Fact::ExecutionAborted(reason) => {
            Some(failure(reason.error.as_deref(), reason.cause.as_deref()))
        }
        Fact::ExecutionTimedOut => Some(failure(None, None)),
        _ => None,
    }
}
