//! Executions that tasks of other executions start.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};

use stepmill_integrations::{Call, Child, EndedExecution, Refusal, StartedExecution};
use stepmill_interpreter::Reason;

use crate::core::Core;
use crate::error::Error;
use crate::executions::{Ending, StartExecution};
use crate::journal::Parent;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An engine's executions, for its own tasks.
#[derive(Clone)]
pub struct Executions(pub(crate) Weak<Core>);

impl Executions {
    fn core(&self) -> Result<Arc<Core>, Error> {
        let gone = || Error::internal("The service is shutting down.");
        self.0.upgrade().ok_or_else(gone)
    }

    async fn start(&self, call: &Call, child: Child) -> Result<StartedExecution, Error> {
        let core = self.core()?;
        let parent = Parent {
            execution: call.execution_arn.clone(),
            task: call.task,
        };
        let start = StartExecution {
            state_machine_arn: child.state_machine_arn,
            name: Some(child.name),
            input: Some(child.input),
            trace_header: child.trace_header,
        };
        let checked = core.check(start, Some(parent))?;
        let started = if checked.resolved.revision.express {
            core.start_express(checked)?
        } else {
            core.start_standard(checked).await?
        };
        Ok(StartedExecution {
            execution_arn: started.execution_arn,
            start_date: started.start_date,
        })
    }

    async fn ended(&self, execution_arn: &str) -> Result<EndedExecution, Error> {
        let core = self.core()?;
        let number = core.find_by_arn(execution_arn)?.row.number;
        let ended = core.watch(number);
        // It may have ended before anybody watched.
        if core.find_by_arn(execution_arn)?.stopped().is_none() {
            // Nothing is sent when the engine goes away; then nobody listens either.
            let _ = ended.await;
        }
        let described = core.describe(&core.find_by_arn(execution_arn)?)?;
        let (output, error, cause) = match described.ending {
            Some(Ending::Output(output)) => (Some(output), None, None),
            Some(Ending::Failure { error, cause }) => (None, error, cause),
            None => (None, None, None),
        };
        Ok(EndedExecution {
            execution_arn: described.execution_arn,
            name: described.name,
            state_machine_arn: described.state_machine_arn,
            status: described.status.to_owned(),
            start_date: described.start_date,
            stop_date: described.stop_date.unwrap_or(described.start_date),
            input: described.input,
            output,
            error,
            cause,
        })
    }
}

impl stepmill_integrations::Executions for Executions {
    fn start<'a>(
        &'a self,
        call: &'a Call,
        child: Child,
    ) -> Boxed<'a, Result<StartedExecution, Refusal>> {
        Box::pin(async move {
            let started = self.start(call, child).await;
            started.map_err(refusal)
        })
    }

    fn ended<'a>(&'a self, execution_arn: &'a str) -> Boxed<'a, Result<EndedExecution, Refusal>> {
        Box::pin(async move { self.ended(execution_arn).await.map_err(refusal) })
    }

    fn stop<'a>(&'a self, execution_arn: &'a str) -> Boxed<'a, Result<(), Refusal>> {
        Box::pin(async move {
            let reason = Reason {
                error: None,
                cause: Some("The execution that waited for this one no longer does.".into()),
            };
            let core = self.core().map_err(refusal)?;
            let stopped = core.stop(execution_arn, reason).await;
            stopped.map(drop).map_err(refusal)
        })
    }
}

fn refusal(error: Error) -> Refusal {
    Refusal {
        code: format!("{:?}", error.code),
        message: error.message,
    }
}
