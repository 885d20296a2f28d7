//! What runs tasks.

use std::future::Future;
use std::pin::Pin;

use stepmill_integrations::{Call, Integrations, Outcome, Progress};

/// Runs the tasks of executions: the integrations, or a world made up for a test.
pub trait Tasks: Send + Sync + 'static {
    /// Makes a call. Dropping the future stops what can be stopped.
    fn run<'a>(
        &'a self,
        call: &'a Call,
        progress: &'a (dyn Fn(Progress) + Sync),
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;
}

impl Tasks for Integrations {
    fn run<'a>(
        &'a self,
        call: &'a Call,
        progress: &'a (dyn Fn(Progress) + Sync),
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>> {
        Box::pin(Integrations::run(self, call, progress))
    }
}
