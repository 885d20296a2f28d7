//! Waking executions when they are due.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use stepmill_interpreter::Happened;
use tokio::sync::Notify;

use crate::core::Core;
use crate::message::Message;

/// Executions woken at once.
const PAGE: usize = 256;
/// After an error of the store.
const PAUSE: Duration = Duration::from_secs(1);

/// When the next execution is due. What waits is on the disk only.
pub(crate) struct Timers {
    /// The time that is being waited for, in milliseconds.
    awaited: AtomicI64,
    /// The earliest time that was set since the last look.
    set: AtomicI64,
    sooner: Notify,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            awaited: AtomicI64::new(i64::MAX),
            set: AtomicI64::new(i64::MAX),
            sooner: Notify::new(),
        }
    }
}

impl Timers {
    /// An execution is due at `due`.
    pub(crate) fn set(&self, due: i64) {
        self.set.fetch_min(due, Ordering::AcqRel);
        if due < self.awaited.load(Ordering::Acquire) {
            self.sooner.notify_one();
        }
    }
}

/// Wakes executions when they are due, for ever.
pub(crate) async fn run(core: Arc<Core>) {
    // Whatever was due up to here has been told.
    let mut told = (i64::MIN, 0);
    loop {
        match wake_due(&core, &mut told).await {
            Ok(next) => {
                core.timers.awaited.store(next, Ordering::Release);
                let now = core.surroundings.clock.now().as_millisecond();
                let sooner = core.timers.sooner.notified();
                if next == i64::MAX {
                    sooner.await;
                } else {
                    let pause = u64::try_from(next.saturating_sub(now)).unwrap_or(0);
                    tokio::select! {
                        biased;
                        () = sooner => {}
                        () = tokio::time::sleep(Duration::from_millis(pause)) => {}
                    }
                }
            }
            Err(error) => {
                tracing::error!(%error, "cannot read which executions are due");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Wakes what is due; when the next one is.
async fn wake_due(
    core: &Arc<Core>,
    told: &mut (i64, u64),
) -> Result<i64, stepmill_store::StoreError> {
    loop {
        // From here on any time that is set is noticed, though it be set before it is looked for.
        core.timers.awaited.store(i64::MAX, Ordering::Release);
        // A time that is set after later ones were told, because the clock went back or because the
        // commit was slow, is told too. Telling twice is harmless.
        let set = core.timers.set.swap(i64::MAX, Ordering::AcqRel);
        if set <= told.0 {
            *told = (set.saturating_sub(1), u64::MAX);
        }
        let now = core.surroundings.clock.now().as_millisecond();
        let due = core.keeper.store().due(*told, now, PAGE)?;
        if due.is_empty() {
            return Ok(core.keeper.store().next_due(*told)?.unwrap_or(i64::MAX));
        }
        for (at, number) in due {
            *told = (at, number);
            core.wake(number, Some(Message::Happened(Happened::Clock)));
        }
        core.crowd.at_most(core.limits.woken).await;
    }
}
