//! `ListExecutions`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use stepmill_store::ListExecutions;

use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::page::{Page, page};
use crate::status::StatusCode;

/// Which executions to list.
#[derive(Debug, Clone, Default)]
pub struct ExecutionsQuery {
    /// The ARN of a state machine, a version or an alias.
    pub state_machine_arn: String,
    /// Only with this status.
    pub status: Option<String>,
    /// Only those that were redriven, or those that were not.
    pub redriven: Option<bool>,
    /// Where the page begins.
    pub after: Option<ExecutionCursor>,
    /// How many at most.
    pub limit: usize,
}

/// Where the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionCursor {
    /// Milliseconds since 1970 by which the last execution of the page before is sorted.
    pub sorted: i64,
    /// Its number.
    pub number: u64,
}

/// An execution in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedExecution {
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
    /// How often it was redriven.
    pub redrive_count: u32,
    /// When it was redriven last.
    pub redrive_date: Option<Timestamp>,
}

impl Engine {
    /// A page of a state machine's executions, latest first.
    pub fn list_executions(
        &self,
        query: &ExecutionsQuery,
    ) -> Result<Page<ListedExecution, ExecutionCursor>, Error> {
        let of = self.core.machines.executions_of(&query.state_machine_arn)?;
        if of.express {
            return Err(Error::new(
                Code::StateMachineTypeNotSupported,
                "This operation is not supported by this type of state machine",
            ));
        }
        let statuses = match (&query.status, query.redriven) {
            (None, None) => Vec::new(),
            (status, redriven) => StatusCode::bytes(status.as_deref(), redriven),
        };
        let rows = self.core.keeper.store().executions(&ListExecutions {
            scope: of.scope,
            statuses,
            version: of.version,
            alias: of.alias,
            after: query.after.map(|after| (after.sorted, after.number)),
            limit: query.limit + 1,
        })?;
        let page = page(rows, query.limit, |row| ExecutionCursor {
            sorted: row.update.sorted,
            number: row.number,
        });
        let mut items = Vec::with_capacity(page.items.len());
        for row in page.items {
            let found = self.core.found(row)?;
            let (redrive_count, redrive_date) = self.core.redrives(&found)?;
            let identity = found.identity();
            items.push(ListedExecution {
                execution_arn: identity.execution_arn,
                state_machine_arn: identity.state_machine_arn,
                name: identity.name,
                status: StatusCode::from_byte(found.row.update.status).name(),
                start_date: found.started(),
                stop_date: found.stopped(),
                version_arn: found.detail.version_arn,
                alias_arn: found.detail.alias_arn,
                redrive_count,
                redrive_date,
            });
        }
        Ok(Page {
            items,
            next: page.next,
        })
    }
}
