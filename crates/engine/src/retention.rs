//! Deleting executions that were closed long ago, and what is left of deleted state machines.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::core::Core;
use crate::status::StatusCode;

/// Executions deleted in one step, so that others are not held up.
const STEP: usize = 500;
/// Deleted state machines looked at in one step; each takes its definitions along.
const MACHINES: usize = 20;
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
        let forgetting = core.clone();
        // It waits for the disk.
        let forgotten = tokio::task::spawn_blocking(move || {
            let store = forgetting.keeper.store();
            store.forget(&StatusCode::CLOSED, before.as_millisecond(), STEP)
        });
        let pause = match forgotten.await {
            Ok(Ok(STEP)) => BREATH,
            Ok(Ok(_)) => {
                forget_machines(&core, before).await;
                PERIOD
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "cannot delete old executions");
                PERIOD
            }
            // The process ends.
            Err(_) => return,
        };
        tokio::time::sleep(pause).await;
    }
}

/// Forgets state machines that were deleted before `before` and have no executions left.
async fn forget_machines(core: &Core, before: Timestamp) {
    let mut after = None;
    loop {
        match core.machines.forget_deleted(before, after, MACHINES).await {
            Ok(None) => return,
            Ok(next) => after = next,
            Err(error) => {
                tracing::error!(%error, "cannot forget deleted state machines");
                return;
            }
        }
        tokio::time::sleep(BREATH).await;
    }
}
