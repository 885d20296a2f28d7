//! The server's own pages: `/health`, `/ready`, `/metrics`.

use std::sync::{Arc, Weak};
use std::time::Instant;

use stepmill::api::{Health, Probes};
use stepmill::engine::{Engine, Metrics};
use stepmill::store;

use super::requests::Requests;

/// What the pages are about.
pub(super) struct Probed {
    /// Gone while the server ends.
    engine: Weak<Engine>,
    requests: Arc<Requests>,
    metrics: Arc<Metrics>,
}

impl Probed {
    pub(super) fn new(
        engine: &Arc<Engine>,
        requests: &Arc<Requests>,
        metrics: Arc<Metrics>,
    ) -> Arc<Self> {
        gauges(engine, &metrics);
        Arc::new(Self {
            engine: Arc::downgrade(engine),
            requests: requests.clone(),
            metrics,
        })
    }

    pub(super) fn probes(self: &Arc<Self>) -> Probes {
        let (ready, metrics) = (self.clone(), self.clone());
        Probes {
            health: Arc::new(|| Health::Well),
            ready: Arc::new(move || ready.ready()),
            metrics: Arc::new(move || metrics.metrics.render() + &metrics.requests.render()),
        }
    }

    /// Whether what ran has been taken up again, and commits are kept.
    fn ready(&self) -> Health {
        let Some(engine) = self.engine.upgrade() else {
            return Health::Failing("the server is stopping".to_owned());
        };
        if !engine.is_recovered() {
            return Health::Failing("executions that ran are being taken up".to_owned());
        }
        match engine.health() {
            store::Health::Well => Health::Well,
            store::Health::Failing(reason) => {
                Health::Failing(format!("the store does not keep commits: {reason}"))
            }
        }
    }
}

/// What only the engine knows.
fn gauges(engine: &Arc<Engine>, metrics: &Metrics) {
    let begun = Instant::now();
    metrics.add(
        "stepmill_uptime_seconds",
        "Seconds since the server started.",
        move || begun.elapsed().as_secs(),
    );
    let of = |value: fn(&Engine) -> u64| {
        let engine = Arc::downgrade(engine);
        move || engine.upgrade().map_or(0, |engine| value(&engine))
    };
    metrics.add(
        "aws_states_open_execution_count",
        "Standard executions that run.",
        of(|engine| u64::try_from(engine.open_executions().0).unwrap_or(0)),
    );
    metrics.add(
        "stepmill_executions_in_memory",
        "Executions that are in memory; those that only wait are not.",
        of(|engine| engine.open_executions().1 as u64),
    );
    metrics.add(
        "stepmill_recovered",
        "1 if executions that ran when the store was closed have been taken up.",
        of(|engine| u64::from(engine.is_recovered())),
    );
    metrics.add(
        "stepmill_store_healthy",
        "1 if commits are being kept.",
        of(|engine| u64::from(engine.health() == store::Health::Well)),
    );
}
