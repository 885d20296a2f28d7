//! Asynchronous invocations.

use std::future::Future;
use std::pin::Pin;

use super::{Invocation, InvokeError};

/// Who keeps events: what functions are invoked with by the `InvocationType` `Event`.
pub trait Events: Send + Sync + 'static {
    /// Keeps an event. Its function runs later, and again if it fails.
    fn accept<'a>(
        &'a self,
        invocation: Invocation<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<(), InvokeError>> + Send + 'a>>;
}
