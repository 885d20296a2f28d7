//! Executions.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use stepmill_engine::{Caller, Ending, Error, ExecutionsQuery, StartExecution, StartedExecution};
use stepmill_interpreter::{Reason, Status};

use super::encode::{DataDetails, IncludedData, Seconds};
use super::{Operations, map_runs, paging, write};
use crate::model::Operation;
use crate::pages::List;
use crate::protocol::Failure;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StartInput {
    state_machine_arn: String,
    name: Option<String>,
    input: Option<String>,
    trace_header: Option<String>,
    #[serde(default)]
    included_data: IncludedData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StopInput {
    execution_arn: String,
    error: Option<String>,
    cause: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RedriveInput {
    execution_arn: String,
    client_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeExecutionInput {
    execution_arn: String,
    #[serde(default)]
    included_data: IncludedData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListExecutionsInput {
    state_machine_arn: Option<String>,
    map_run_arn: Option<String>,
    status_filter: Option<String>,
    redrive_filter: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Started<'a> {
    execution_arn: &'a str,
    start_date: Seconds,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stopped {
    stop_date: Seconds,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Redriven {
    redrive_date: Seconds,
}

/// An answer about one execution; what does not apply is absent.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Described<'a> {
    execution_arn: &'a str,
    state_machine_arn: &'a str,
    name: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_date: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_details: Option<DataDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_details: Option<DataDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_header: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_machine_version_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_machine_alias_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redrive_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redrive_date: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redrive_status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redrive_status_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_details: Option<Billing>,
}

#[derive(Serialize)]
struct Billing {
    #[serde(rename = "billedMemoryUsedInMB")]
    memory_mb: u64,
    #[serde(rename = "billedDurationInMilliseconds")]
    milliseconds: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Executions<'a> {
    executions: Vec<Described<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl<'a> Described<'a> {
    /// Adds its data, or says that it is left out: all that AWS's model calls sensitive, since
    /// METADATA_ONLY is for callers who may not decrypt it.
    fn with_data(
        mut self,
        included: IncludedData,
        input: &'a str,
        output: Option<&'a str>,
        (error, cause): (Option<&'a str>, Option<&'a str>),
    ) -> Self {
        let details = DataDetails {
            included: included.is_all(),
        };
        self.input_details = Some(details);
        self.output_details = output.map(|_| details);
        if included.is_all() {
            self.input = Some(input);
            self.output = output;
            self.error = error;
            self.cause = cause;
        }
        self
    }
}

impl StartInput {
    fn start(self) -> StartExecution {
        StartExecution {
            state_machine_arn: self.state_machine_arn,
            name: self.name,
            input: self.input,
            trace_header: self.trace_header,
        }
    }
}

impl Operations {
    pub(super) async fn start_execution(&self, request: StartInput) -> Result<Bytes, Failure> {
        let StartedExecution {
            execution_arn,
            start_date,
        } = self.engine.start_execution(request.start()).await?;
        write(&Started {
            execution_arn: &execution_arn,
            start_date: Seconds(start_date),
        })
    }

    pub(super) async fn start_sync_execution(&self, request: StartInput) -> Result<Bytes, Failure> {
        let included = request.included_data;
        let ended = self.engine.start_sync_execution(request.start()).await?;
        let reason = |reason: &'_ Reason| (reason.error.clone(), reason.cause.clone());
        let (output, (error, cause)) = match &ended.status {
            Status::Succeeded(output) => (Some(output.text()), (None, None)),
            Status::Failed(failure) | Status::Aborted(failure) => (None, reason(failure)),
            Status::TimedOut | Status::Running => (None, (None, None)),
        };
        let execution = Described {
            execution_arn: &ended.execution_arn,
            state_machine_arn: &ended.state_machine_arn,
            name: &ended.name,
            status: ended.status.name(),
            start_date: Some(Seconds(ended.start_date)),
            stop_date: Some(Seconds(ended.stop_date)),
            trace_header: ended.trace_header.as_deref(),
            billing_details: Some(Billing {
                memory_mb: ended.billing.memory_mb,
                milliseconds: ended.billing.milliseconds,
            }),
            ..Described::default()
        };
        let failure = (error.as_deref(), cause.as_deref());
        write(&execution.with_data(included, &ended.input, output, failure))
    }

    pub(super) async fn stop_execution(&self, request: StopInput) -> Result<Bytes, Failure> {
        let reason = Reason {
            error: request.error.map(Into::into),
            cause: request.cause.map(Into::into),
        };
        let stopped = self.engine.stop_execution(&request.execution_arn, reason);
        write(&Stopped {
            stop_date: Seconds(stopped.await?),
        })
    }

    pub(super) async fn redrive_execution(&self, request: RedriveInput) -> Result<Bytes, Failure> {
        let token = request.client_token.as_deref();
        let redriven = self.engine.redrive_execution(&request.execution_arn, token);
        write(&Redriven {
            redrive_date: Seconds(redriven.await?),
        })
    }

    pub(super) fn describe_execution(
        &self,
        request: &DescribeExecutionInput,
    ) -> Result<Bytes, Failure> {
        let described = self.engine.describe_execution(&request.execution_arn)?;
        let reason = described.not_redrivable.as_deref();
        let execution = Described {
            execution_arn: &described.execution_arn,
            state_machine_arn: &described.state_machine_arn,
            name: &described.name,
            status: described.status,
            start_date: Some(Seconds(described.start_date)),
            stop_date: described.stop_date.map(Seconds),
            trace_header: described.trace_header.as_deref(),
            state_machine_version_arn: described.version_arn.as_deref(),
            state_machine_alias_arn: described.alias_arn.as_deref(),
            redrive_count: Some(described.redrive_count),
            redrive_date: described.redrive_date.map(Seconds),
            redrive_status: Some(match reason {
                None => "REDRIVABLE",
                Some(_) => "NOT_REDRIVABLE",
            }),
            redrive_status_reason: reason,
            ..Described::default()
        };
        let (output, failure) = match &described.ending {
            Some(Ending::Output(output)) => (Some(output.as_str()), (None, None)),
            Some(Ending::Failure { error, cause }) => (None, (error.as_deref(), cause.as_deref())),
            None => (None, (None, None)),
        };
        write(&execution.with_data(request.included_data, &described.input, output, failure))
    }

    pub(super) fn list_executions(
        &self,
        caller: &Caller,
        request: &ListExecutionsInput,
    ) -> Result<Bytes, Failure> {
        let status = request.status_filter.as_deref();
        let redriven = request.redrive_filter.as_deref();
        let arn = match (&request.state_machine_arn, &request.map_run_arn) {
            (Some(arn), None) => arn,
            (None, Some(arn)) => return Err(map_runs::missing(arn).into()),
            _ => {
                return Err(Error::validation(
                    "Exactly one of stateMachineArn and mapRunArn must be specified",
                )
                .into());
            }
        };
        if status == Some("PENDING_REDRIVE") {
            return Err(Error::validation(
                "The status filter PENDING_REDRIVE can be specified only with mapRunArn",
            )
            .into());
        }
        let list = List {
            caller,
            operation: Operation::ListExecutions,
            arguments: &[Some(arn), status, redriven],
        };
        let query = ExecutionsQuery {
            state_machine_arn: arn.clone(),
            status: request.status_filter.clone(),
            redriven: redriven.map(|filter| filter == "REDRIVEN"),
            after: self.cursor(list, request.next_token.as_deref())?,
            limit: paging::size(request.max_results),
        };
        let page = self.engine.list_executions(&query)?;
        let executions = page.items.iter().map(|listed| Described {
            execution_arn: &listed.execution_arn,
            state_machine_arn: &listed.state_machine_arn,
            name: &listed.name,
            status: listed.status,
            start_date: Some(Seconds(listed.start_date)),
            stop_date: listed.stop_date.map(Seconds),
            state_machine_version_arn: listed.version_arn.as_deref(),
            state_machine_alias_arn: listed.alias_arn.as_deref(),
            redrive_count: Some(listed.redrive_count),
            redrive_date: listed.redrive_date.map(Seconds),
            ..Described::default()
        });
        write(&Executions {
            executions: executions.collect(),
            next_token: self.token(list, page.next.as_ref())?,
        })
    }
}
