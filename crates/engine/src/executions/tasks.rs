//! `GetActivityTask`, and what workers send with task tokens.

use std::sync::Arc;
use std::time::Duration;

use stepmill_interpreter::{Reason, TaskToken};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::input;
use crate::message::{ActivityTask, Message, News};
use crate::queues::Poll;

/// How long a worker waits for a task (API reference, *GetActivityTask*).
const POLL: Duration = Duration::from_secs(60);

impl Engine {
    /// A task of an activity, as soon as there is one; none after 60 seconds.
    ///
    /// Dropping the future gives up waiting; a task that was on its way goes to the next worker.
    pub async fn get_activity_task(
        &self,
        activity_arn: &str,
        worker: Option<&str>,
    ) -> Result<Option<ActivityTask>, Error> {
        let queue = self.core.machines.activity(activity_arn)?.number;
        let deadline = Instant::now() + POLL;
        loop {
            if self.core.is_closing() {
                return Ok(None);
            }
            let store = self.core.keeper.store();
            let most = self.core.limits.activity_workers;
            let (execution, task) = match self.core.queues.poll(store, queue, most)? {
                Poll::Task(waiting) => waiting,
                Poll::Wait(coming) => {
                    let Ok(Ok(waiting)) = timeout_at(deadline, coming).await else {
                        // The activity was deleted, the process is about to end, or the time is up.
                        self.core.machines.activity(activity_arn)?;
                        return Ok(None);
                    };
                    waiting
                }
                Poll::Full => {
                    return Err(Error::new(
                        Code::ActivityWorkerLimitExceeded,
                        format!("More than {most} workers wait for tasks of '{activity_arn}'"),
                    ));
                }
            };
            let (reply, taken) = oneshot::channel();
            let message = Message::Take {
                task,
                worker: worker.map(Arc::from),
                reply,
            };
            self.core.wake(execution, Some(message));
            // A task that has ended meanwhile is no task: on to the next one.
            if let Ok(Some(task)) = taken.await {
                return Ok(Some(task));
            }
        }
    }

    /// A worker's task has succeeded.
    pub async fn send_task_success(&self, token: &str, output: &str) -> Result<(), Error> {
        // The token is looked at before the output (observed on AWS).
        let task = self.task_of(token)?;
        let output = input::task_output(output)?;
        self.send(task, token, News::Succeeded(output)).await
    }

    /// A worker's task has failed.
    pub async fn send_task_failure(&self, token: &str, reason: Reason) -> Result<(), Error> {
        self.send(self.task_of(token)?, token, News::Failed(reason))
            .await
    }

    /// A worker is still at its task.
    pub async fn send_task_heartbeat(&self, token: &str) -> Result<(), Error> {
        self.send(self.task_of(token)?, token, News::Heartbeat)
            .await
    }

    /// The task that a token names, if there is an execution that could have it.
    fn task_of(&self, token: &str) -> Result<TaskToken, Error> {
        let task = TaskToken::parse(token).ok_or_else(Error::invalid_token)?;
        match self.core.keeper.store().execution(task.execution)? {
            Some(_) => Ok(task),
            None => Err(Error::invalid_token()),
        }
    }

    async fn send(&self, task: TaskToken, token: &str, news: News) -> Result<(), Error> {
        let TaskToken { execution, task } = task;
        let (reply, done) = oneshot::channel();
        let message = Message::Token {
            task,
            token: token.to_owned(),
            news,
            reply,
        };
        self.core.wake(execution, Some(message));
        done.await
            .map_err(|_| Error::internal("the execution cannot be read"))?
    }
}
