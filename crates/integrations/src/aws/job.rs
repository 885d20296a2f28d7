//! Jobs (`.sync`): started, waited for by asking how they are, ended when nobody waits any more.
//!
//! ```text
//! start ─► Progress::Submitted ─► pause ─► ask ─► still running ─┐
//!                                   ▲       └───► ended: result or States.TaskFailed
//!                                   └────────────────────────────┘
//! ```
//!
//! AWS asks likewise, and is told by EventBridge besides. What to ask, what the answer means and how
//! to end a job stand in the catalog.

use std::time::Duration;

use serde_json::{Value, json};
use stepmill_asl::model::ServiceResource;
use stepmill_aws_client::CallError;
use stepmill_catalog::{Integration, Poll};

use super::error;
use super::request::Request;
use super::special;
use super::template::{fill, fill_members};
use crate::call::{Outcome, Progress, StopError};
use crate::failure::exception;
use crate::metadata::without_metadata;
use crate::pace::Pace;
use crate::parameters::in_value;

/// A job that is not there is looked for so often: some services show a new job only after a while.
const LOOKS: u32 = 3;

/// The job's row in the catalog.
fn row<'a>(request: &Request<'a>) -> Option<(&'a Integration, &'a Poll)> {
    let row = request.action.integration.row()?;
    Some((row, row.poll.as_ref()?))
}

/// Starts a job, unless `call.submitted` has one that was started before, and waits for its end.
pub(super) async fn run(
    request: &Request<'_>,
    interval: Option<Duration>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Outcome {
    let Some((_, poll)) = row(request) else {
        return unknown(request.resource);
    };
    let parameters = match request.call.parameters() {
        Ok(parameters) => Value::Object(parameters),
        Err(outcome) => return outcome,
    };
    let started = if let Some(text) = &request.call.submitted {
        serde_json::from_str(text).unwrap_or_default()
    } else {
        let response = match special::run(request).await {
            Ok(response) => response,
            Err(outcome) if request.call.repeated && is_taken(request, poll, &outcome) => json!({}),
            Err(outcome) => return outcome,
        };
        progress(Progress::Submitted(response.clone()));
        response
    };
    let job = Job {
        request,
        poll,
        started,
        parameters,
    };
    job.ended(Pace::new(interval, poll.interval)).await
}

/// Ends the job that `call.submitted` names, if AWS ends such jobs.
pub(super) async fn stop(request: &Request<'_>) -> Result<(), StopError> {
    let Some(stop) = row(request).and_then(|(row, _)| row.stop.as_ref()) else {
        return Ok(());
    };
    let submitted = request.call.submitted.as_deref().unwrap_or_default();
    let started: Value = serde_json::from_str(submitted).unwrap_or_default();
    let parameters = request.call.parameters().unwrap_or_default();
    let parameters = fill_members(&stop.parameters, &[&started, &Value::Object(parameters)]);
    let stopped = request.call_to(&stop.api, parameters).await;
    stopped.map(drop).map_err(|error| StopError {
        may_pass: error.may_pass(),
        message: error.to_string(),
    })
}

/// Whether a start has failed because there is a job of that name.
fn is_taken(request: &Request<'_>, poll: &Poll, outcome: &Outcome) -> bool {
    let prefix = request.action.integration.prefix();
    let name = |taken: &String| format!("{prefix}.{}", exception(taken));
    matches!(outcome, Outcome::Failed { error, .. }
        if error.is_some() && *error == poll.taken.as_ref().map(name))
}

struct Job<'a> {
    request: &'a Request<'a>,
    poll: &'a Poll,
    /// The response to its start.
    started: Value,
    /// The task's parameters.
    parameters: Value,
}

/// What a question for a job has brought.
enum Answer {
    /// It runs.
    Running(Value),
    /// It is at an end, which its status calls a success or not.
    Ended(Value, bool),
    /// It is gone, as it should be.
    Gone,
    /// It is not there, or cannot be asked for.
    Missing(Outcome),
    /// There was no answer; the next question may get one.
    Later,
}

impl Job<'_> {
    async fn ended(&self, mut pace: Pace) -> Outcome {
        let mut seen = Value::Null;
        let mut looks = 0;
        loop {
            tokio::time::sleep(pace.pause()).await;
            let answer = self.ask().await;
            pace.answered(!matches!(answer, Answer::Later));
            match answer {
                Answer::Running(response) => (seen, looks) = (response, 0),
                Answer::Ended(response, success) => return self.settled(&response, success).await,
                Answer::Gone => return self.settled(&seen, true).await,
                Answer::Missing(outcome) => {
                    looks += 1;
                    if looks == LOOKS {
                        return outcome;
                    }
                }
                Answer::Later => {}
            }
        }
    }

    async fn ask(&self) -> Answer {
        let sources = [&self.started, &self.parameters];
        let parameters = fill_members(&self.poll.parameters, &sources);
        let response = match self.request.call_to(&self.poll.api, parameters).await {
            Ok(response) => response.json,
            Err(error) => return self.unanswered(&error),
        };
        let Some(status) = in_value(&response, &self.poll.status).and_then(Value::as_str) else {
            return Answer::Missing(self.missing(&response));
        };
        let is_one_of = |ends: &[String]| ends.iter().any(|end| end == status);
        if is_one_of(&self.poll.success) {
            Answer::Ended(response, true)
        } else if is_one_of(&self.poll.failure) {
            Answer::Ended(response, false)
        } else {
            Answer::Running(response)
        }
    }

    fn unanswered(&self, error: &CallError) -> Answer {
        if let (CallError::Service(found), Some(wanted)) = (error, &self.poll.success_error)
            && (found.name.as_ref() == Some(wanted) || found.code == *wanted)
        {
            return Answer::Gone;
        }
        match error.may_pass() {
            true => Answer::Later,
            false => Answer::Missing(error::outcome(
                &self.request.action,
                self.request.call,
                error,
            )),
        }
    }

    /// The service has answered, but knows nothing of the job.
    fn missing(&self, response: &Value) -> Outcome {
        let cause = format!(
            "{} no longer shows the job that {} has started: {response}",
            self.poll.api, self.request.resource.arn
        );
        Outcome::failed("States.TaskFailed", cause)
    }

    /// The task's end: the job as it was seen last, as its result or as the cause of its failure.
    async fn settled(&self, response: &Value, success: bool) -> Outcome {
        // A job that was gone at the first question is known from the response to its start alone.
        let first = without_metadata(&self.started);
        let response = match response {
            Value::Null => &first,
            seen => seen,
        };
        let sources = [response, &self.started, &self.parameters];
        let shown = match &self.poll.result {
            Some(template) => fill(template, &sources).unwrap_or_default(),
            None => response.clone(),
        };
        match success && special::succeeded(self.request, &shown).await {
            true => Outcome::Succeeded(shown.to_string()),
            false => Outcome::failed("States.TaskFailed", shown.to_string()),
        }
    }
}

fn unknown(resource: &ServiceResource) -> Outcome {
    Outcome::Impossible(format!(
        "Stepmill does not know how to wait for the end of {}.",
        resource.arn
    ))
}
