//! Asynchronous invocations: kept before they are acknowledged, run later, tried again.
//!
//! As on AWS an event may run more than once: a process that is killed while a function runs runs it
//! again when it comes back (AWS Lambda Developer Guide, "How Lambda handles errors and retries with
//! asynchronous invocation").

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use stepmill_integrations::lambda::{Events, HostError, Invocation, InvokeError};
use stepmill_store::Change;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;

use super::documents::Documents;
use super::error::{FunctionError, FunctionErrorCode};
use super::{Functions, Inner};

/// The most events that wait or run.
pub(super) const MOST: usize = 10_000;
/// The largest event in bytes (AWS Lambda Developer Guide, "Lambda quotas").
const MAX_EVENT: usize = 1024 * 1024;
/// Hours that an event may wait for a busy function (AWS).
const MAX_AGE: i64 = 6;
/// How long a busy function is left alone, first and at most (AWS).
const BUSY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5 * 60));

/// An event that was accepted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Event {
    /// The function's ARN, as it was invoked.
    function: String,
    payload: String,
    client_context: Option<String>,
    accepted: Timestamp,
    /// How often the function has failed.
    failures: usize,
}

/// What became of an attempt.
enum Attempt {
    /// It succeeded, or there is no sense in another.
    Over,
    Failed,
    Busy,
    /// The host is gone: the next process goes on.
    Interrupted,
}

impl Event {
    pub(super) fn new(function: String, payload: String, client_context: Option<String>) -> Self {
        Self {
            function,
            payload,
            client_context,
            accepted: Timestamp::now(),
            failures: 0,
        }
    }

    fn is_old(&self) -> bool {
        Timestamp::now() > self.accepted + MAX_AGE.hours()
    }
}

/// Events of tasks.
impl Events for Functions {
    fn accept<'a>(
        &'a self,
        invocation: Invocation<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<(), InvokeError>> + Send + 'a>> {
        Box::pin(async move {
            let payload = invocation.payload.clone();
            let client_context = invocation.client_context.clone();
            let function = self.inner.host.admit(invocation)?;
            let event = Event::new(function, payload, client_context);
            Ok(self.queue(event).await?)
        })
    }
}

impl Functions {
    /// Keeps an event, and runs its function when there is a process for it.
    pub(super) async fn queue(&self, event: Event) -> Result<(), FunctionError> {
        if event.payload.len() > MAX_EVENT {
            return Err(FunctionError::new(
                FunctionErrorCode::RequestTooLargeException,
                format!(
                    "Request must be smaller than {MAX_EVENT} bytes for the InvokeFunction operation"
                ),
            ));
        }
        let place = Arc::clone(&self.inner.events).try_acquire_owned();
        let place = place.map_err(|_| {
            let code = FunctionErrorCode::TooManyRequestsException;
            FunctionError::new(code, "Rate Exceeded.")
        })?;
        let documents = &self.inner.documents;
        let number = documents.number();
        documents
            .commit(vec![Documents::put_event(number, &event)?])
            .await?;
        self.spawn_event(number, event, Some(place));
        Ok(())
    }

    /// Goes on with what an earlier process accepted.
    pub(super) fn resume_events(&self) -> Result<(), FunctionError> {
        for (number, event) in self.inner.documents.events()? {
            let place = Arc::clone(&self.inner.events).try_acquire_owned().ok();
            self.spawn_event(number, event, place);
        }
        Ok(())
    }

    fn spawn_event(&self, number: u64, event: Event, place: Option<OwnedSemaphorePermit>) {
        let inner = Arc::clone(&self.inner);
        tokio::spawn(async move {
            inner.carry_out(number, event).await;
            drop(place);
        });
    }
}

impl Inner {
    async fn carry_out(&self, number: u64, mut event: Event) {
        let mut pause = BUSY.0;
        loop {
            match self.attempt(&event).await {
                Attempt::Interrupted => return,
                Attempt::Over => break,
                Attempt::Busy if event.is_old() => break,
                Attempt::Busy => {
                    sleep(pause).await;
                    pause = (pause * 2).min(BUSY.1);
                }
                Attempt::Failed => {
                    let Some(delay) = self.event_retries.get(event.failures) else {
                        break;
                    };
                    event.failures += 1;
                    // If this is not kept, another process would try once more: no harm.
                    if let Ok(change) = Documents::put_event(number, &event) {
                        self.documents.commit(vec![change]).await.ok();
                    }
                    sleep(*delay).await;
                }
            }
        }
        // Likewise.
        let done = vec![Change::Delete { number }];
        self.documents.commit(done).await.ok();
    }

    async fn attempt(&self, event: &Event) -> Attempt {
        let invocation = Invocation {
            client_context: event.client_context.clone(),
            ..Invocation::new(&event.function, event.payload.clone())
        };
        match self.host.invoke(invocation).await {
            Ok(result) if result.function_error.is_none() => Attempt::Over,
            Err(InvokeError::TooManyRequests { .. }) => Attempt::Busy,
            Err(InvokeError::Host(HostError::ShutDown)) => Attempt::Interrupted,
            Ok(_) | Err(InvokeError::Host(_)) => Attempt::Failed,
            // The function is gone, or the request was never right.
            Err(_) => Attempt::Over,
        }
    }
}
