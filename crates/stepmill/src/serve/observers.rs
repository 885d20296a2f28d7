//! Those who are told what executions decide: metrics, logs, status events.

use std::sync::Arc;
use std::time::Duration;

use stepmill::engine::{Delivery, Events, EventsError, Logs, Metrics, Observer};

use super::settings::Effective;
use crate::problem::Problem;

/// What waits to be delivered when the server ends gets this long.
const PATIENCE: Duration = Duration::from_secs(5);

/// Those who are told what executions decide.
pub(super) struct Observers {
    metrics: Arc<Metrics>,
    others: Vec<Arc<dyn Observer>>,
    deliveries: Vec<Delivery>,
}

impl Observers {
    pub(super) fn open(settings: &Effective) -> Result<Self, Problem> {
        let metrics = Arc::new(Metrics::new(&settings.metrics));
        let mut observers = Self {
            metrics: metrics.clone(),
            others: Vec::new(),
            deliveries: Vec::new(),
        };
        let logs = Logs::open(&settings.logs, Vec::new()).map_err(|error| {
            Problem::new(format!("log groups cannot be written: {error}"))
                .help("`directory` under [logs], or --logs-directory, names their directory")
        })?;
        if let Some((logs, delivery)) = logs {
            metrics.add(
                "stepmill_log_events_lost_total",
                "Log events that could not be written.",
                delivery.losses(),
            );
            observers.others.push(logs);
            observers.deliveries.push(delivery);
        }
        let events = Events::open(&settings.events).map_err(|error| match error {
            EventsError::Endpoint(_) | EventsError::NoTls(_) => Problem::new(error.to_string())
                .help("`endpoint` under [events], or --events-endpoint, names an EventBridge"),
            EventsError::Thread(_) => Problem::new(error.to_string()),
        })?;
        if let Some((events, delivery)) = events {
            metrics.add(
                "stepmill_status_events_lost_total",
                "Status events that could not be sent.",
                delivery.losses(),
            );
            observers.others.push(events);
            observers.deliveries.push(delivery);
        }
        Ok(observers)
    }

    pub(super) fn metrics(&self) -> Arc<Metrics> {
        self.metrics.clone()
    }

    /// All of them, for the engine.
    pub(super) fn all(&self) -> Vec<Arc<dyn Observer>> {
        let mut all = self.others.clone();
        all.push(self.metrics.clone());
        all
    }

    /// Delivers what waits; blocks.
    pub(super) fn finish(self) {
        for delivery in self.deliveries {
            if !delivery.finish(PATIENCE) {
                tracing::warn!("not everything could be delivered in time");
            }
        }
    }
}
