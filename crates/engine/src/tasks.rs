//! What runs tasks.

use std::future::Future;
use std::pin::Pin;

use stepmill_integrations::{Call, Integrations, Outcome, Progress, StopError};

/// Runs the tasks of executions: the integrations, or a world made up for a test.
pub trait Tasks: Send + Sync + 'static {
    /// Makes a call. Dropping the future ends the waiting for its outcome.
    fn run<'a>(
        &'a self,
        call: &'a Call,
        progress: &'a (dyn Fn(Progress) + Sync),
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

    /// Ends the job that a call has started, `call.submitted`, and that nobody waits for any more.
    /// Tasks that start none have nothing to end.
    fn stop<'a>(
        &'a self,
        call: &'a Call,
    ) -> Pin<Box<dyn Future<Output = Result<(), StopError>> + Send + 'a>> {
        let _ = call;
        Box::pin(async { Ok(()) })
    }
}

impl Tasks for Integrations {
    fn run<'a>(
        &'a self,
        call: &'a Call,
        progress: &'a (dyn Fn(Progress) + Sync),
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>> {
        Box::pin(Integrations::run(self, call, progress))
    }

    fn stop<'a>(
        &'a self,
        call: &'a Call,
    ) -> Pin<Box<dyn Future<Output = Result<(), StopError>> + Send + 'a>> {
        Box::pin(Integrations::stop(self, call))
    }
}
