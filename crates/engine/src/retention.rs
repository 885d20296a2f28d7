//! Deleting executions that were closed long ago.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use crate::core::Core;
use crate::status::StatusCode;

/// Executions deleted in one step, so that others are not held up.
const STEP: usize = 500;
/// Between two steps.
const BREATH: Duration = Duration::from_millis(100);
/// Between two looks when there is nothing to delete.
const PERIOD: Duration = Duration::from_secs(10 * 60);

/// Deletes what was closed longer ago than `retention`, for ever.
pub(crate) async fn run(core: Arc<Core>, retention: Duration) {
    let retention = SignedDuration::try_from(retention).unwrap_or(SignedDuration::MAX);
    loop {
        let now = core.surroundings.clock.now();
        let Ok(before) = now.checked_sub(retention) else {
            return;
        };
        let store = core.keeper.store();
        let pause = match store.forget(&StatusCode::CLOSED, before.as_millisecond(), STEP) {
            Ok(STEP) => BREATH,
            Ok(_) => PERIOD,
            Err(error) => {
                tracing::error!(%error, "cannot delete old executions");
                PERIOD
            }
        };
        tokio::time::sleep(pause).await;
    }
}
