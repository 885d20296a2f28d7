//! What workers ask for and send.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use stepmill_interpreter::Reason;

use super::{Operations, nothing, write};
use crate::protocol::Failure;
use crate::server::Closing;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GetActivityTaskInput {
    activity_arn: String,
    worker_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SuccessInput {
    task_token: String,
    output: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FailureInput {
    task_token: String,
    error: Option<String>,
    cause: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HeartbeatInput {
    task_token: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActivityTask<'a> {
    task_token: &'a str,
    input: &'a str,
}

impl Operations {
    /// A task, or an empty answer after a minute or when the server stops: the worker asks again.
    pub(super) async fn get_activity_task(
        &self,
        request: GetActivityTaskInput,
        mut closing: Closing,
    ) -> Result<Bytes, Failure> {
        let worker = request.worker_name.as_deref();
        let task = tokio::select! {
            // A task that is there is handed out whatever else is the case.
            biased;
            task = self.engine.get_activity_task(&request.activity_arn, worker) => task?,
            () = closing.closed() => None,
        };
        match task {
            Some(task) => write(&ActivityTask {
                task_token: &task.token,
                input: &task.input,
            }),
            None => Ok(nothing()),
        }
    }

    pub(super) async fn send_task_success(&self, request: SuccessInput) -> Result<Bytes, Failure> {
        let SuccessInput { task_token, output } = request;
        self.engine.send_task_success(&task_token, &output).await?;
        Ok(nothing())
    }

    pub(super) async fn send_task_failure(&self, request: FailureInput) -> Result<Bytes, Failure> {
        let reason = Reason {
            error: request.error.map(Into::into),
            cause: request.cause.map(Into::into),
        };
        let token = &request.task_token;
        self.engine.send_task_failure(token, reason).await?;
        Ok(nothing())
    }

    pub(super) async fn send_task_heartbeat(
        &self,
        request: HeartbeatInput,
    ) -> Result<Bytes, Failure> {
        let token = &request.task_token;
        self.engine.send_task_heartbeat(token).await?;
        Ok(nothing())
    }
}
