//! Those who are told what executions decide: metrics, logs, status events, traces.

use std::sync::Arc;
use std::time::Duration;

use stepmill::engine::{
    CloudWatchLogs, Delivery, Events, LogDestination, Logs, Metrics, Observer, Traces,
};
use stepmill::integrations::AwsClient;

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
    /// `aws` is there if log groups are in CloudWatch Logs.
    pub(super) fn open(settings: &Effective, aws: Option<AwsClient>) -> Result<Self, Problem> {
        let mut observers = Self {
            metrics: Arc::new(Metrics::new(&settings.metrics)),
            others: Vec::new(),
            deliveries: Vec::new(),
        };
        let cloudwatch =
            aws.map(|client| -> Box<dyn LogDestination> { Box::new(CloudWatchLogs::new(client)) });
        let logs =
            Logs::open(&settings.logs, cloudwatch.into_iter().collect()).map_err(|error| {
                Problem::new(format!("log groups cannot be written: {error}"))
                    .help("`directory` under [logs], or --logs-directory, names their directory")
            })?;
        observers.add(
            logs,
            "stepmill_log_events_lost_total",
            "Log events that could not be written.",
        );
        let events = Events::open(&settings.events);
        observers.add(
            events.map_err(|error| Problem::new(error.to_string()))?,
            "stepmill_status_events_lost_total",
            "Status events that could not be sent.",
        );
        let traces = Traces::open(&settings.traces);
        observers.add(
            traces.map_err(|error| Problem::new(error.to_string()))?,
            "stepmill_spans_lost_total",
            "Spans that could not be sent.",
        );
        Ok(observers)
    }

    fn add<O: Observer>(
        &mut self,
        opened: Option<(Arc<O>, Delivery)>,
        lost: &'static str,
        help: &'static str,
    ) {
        if let Some((observer, delivery)) = opened {
            self.metrics.add(lost, help, delivery.losses());
            self.others.push(observer);
            self.deliveries.push(delivery);
        }
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
