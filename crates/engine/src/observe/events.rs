//! Status events: `Step Functions Execution Status Change`, offered to EventBridge.
//!
//! Standard executions tell of their start, their end and their being redriven (Developer Guide,
//! "Automating Step Functions event delivery with EventBridge"). Each goes to the configured
//! endpoint by `PutEvents`, with the source `aws.states`.
//!
//! On AWS only Step Functions itself may use that source: EventBridge refuses it from anybody else
//! with `NotAuthorizedForSourceException`, which is logged here. Emulators (LocalStack, moto) accept
//! it, and route by the account and region that the request's credentials name.

mod put;
mod status;

use std::sync::Arc;

use serde::Deserialize;
use stepmill_interpreter::Fact;

use crate::observe::http::EndpointError;
use crate::observe::queue::{Delivery, Queue};
use crate::observer::{ObservedTurn, Observer};

use put::Bus;

pub use status::StatusChange;

/// Status events that wait to be sent, at most.
const QUEUED: usize = 100_000;
/// Their bytes, at most.
const QUEUED_BYTES: usize = 64 << 20;

/// The section `[events]`: where status events go. Nowhere, without an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventsConfig {
    /// The endpoint of EventBridge, such as `http://127.0.0.1:4566`.
    pub endpoint: Option<String>,
    /// The event bus, by name or ARN; `default` if not given.
    pub event_bus: Option<String>,
}

/// Tells EventBridge of executions that start and end.
pub struct Events {
    queue: Arc<Queue<StatusChange>>,
}

impl Events {
    /// Sends to where `config` says; `None` if that is nowhere.
    pub fn open(config: &EventsConfig) -> Result<Option<(Arc<Self>, Delivery)>, EndpointError> {
        let Some(endpoint) = &config.endpoint else {
            return Ok(None);
        };
        let bus = Bus::new(endpoint, config.event_bus.as_deref())?;
        let queue = Arc::new(Queue::new(QUEUED, QUEUED_BYTES));
        let delivery = queue.clone().deliver("status events", {
            let queue = queue.clone();
            move |changes| bus.put(&changes, &queue)
        })?;
        Ok(Some((Arc::new(Self { queue }), delivery)))
    }
}

impl Observer for Events {
    fn turn(&self, turn: &ObservedTurn<'_>) {
        // Express executions send no such events.
        if turn.execution.identity().express {
            return;
        }
        for (record, redrives) in turn.records_with_redrives() {
            if let Some(change) = StatusChange::of(turn, record, redrives) {
                let bytes = change.detail.len() + size_of::<StatusChange>();
                self.queue.offer(change, bytes);
            }
        }
    }
}

/// Whether a fact changes the status of its execution.
fn changes_status(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::ExecutionStarted { .. }
            | Fact::ExecutionRedriven { .. }
            | Fact::ExecutionSucceeded { .. }
            | Fact::ExecutionFailed(_)
            | Fact::ExecutionTimedOut
            | Fact::ExecutionAborted(_)
    )
}
