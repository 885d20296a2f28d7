//! Taking up executions that were running when the process ended.

use std::sync::Arc;

use crate::core::Core;

/// Executions read at once.
const PAGE: usize = 256;

/// What was taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Executions that had work to do at once. Those that only wait stay on the disk.
    pub resumed: u64,
}

/// Brings every execution into memory that had something to do.
pub(crate) async fn run(core: Arc<Core>) -> Recovered {
    let mut recovered = Recovered::default();
    let mut after = 0;
    loop {
        let busy = match core.keeper.store().busy(after, PAGE) {
            Ok(busy) => busy,
            Err(error) => {
                tracing::error!(%error, "cannot read which executions were running");
                return recovered;
            }
        };
        if busy.is_empty() {
            break;
        }
        for number in busy {
            after = number;
            recovered.resumed += 1;
            core.wake(number, None);
        }
        core.crowd.at_most(core.limits.woken).await;
        tokio::task::yield_now().await;
    }
    if recovered.resumed > 0 {
        tracing::info!(executions = recovered.resumed, "took up what was running");
    }
    recovered
}
