//! The metrics of task states.

use super::metric::{Metric, Statistic};
use crate::core::Problem;
use crate::states::{State, TaskMetrics};

impl State {
    /// A metric of a task by its whole name, summed up over 5 minutes.
    pub fn metric(&self, name: &str) -> Metric {
        let metric = Metric::states(name, Statistic::Sum);
        let dimensions = self.task_metrics().unwrap_or_default().dimensions;
        dimensions
            .into_iter()
            .fold(metric, |metric, (name, value)| {
                metric.dimension(&name, value)
            })
    }

    /// How long the task took from its start, in milliseconds, on average.
    pub fn metric_run_time(&self) -> Result<Metric, Problem> {
        self.average("RunTime")
    }

    /// How long the task waited to be started, in milliseconds, on average.
    pub fn metric_schedule_time(&self) -> Result<Metric, Problem> {
        self.average("ScheduleTime")
    }

    /// How long the task took from when it was scheduled, in milliseconds, on average.
    pub fn metric_time(&self) -> Result<Metric, Problem> {
        self.average("Time")
    }

    /// How often the task was scheduled.
    pub fn metric_scheduled(&self) -> Result<Metric, Problem> {
        self.count("Scheduled")
    }

    /// How often the task took too long.
    pub fn metric_timed_out(&self) -> Result<Metric, Problem> {
        self.count("TimedOut")
    }

    /// How often the task was started.
    pub fn metric_started(&self) -> Result<Metric, Problem> {
        self.count("Started")
    }

    /// How often the task succeeded.
    pub fn metric_succeeded(&self) -> Result<Metric, Problem> {
        self.count("Succeeded")
    }

    /// How often the task failed.
    pub fn metric_failed(&self) -> Result<Metric, Problem> {
        self.count("Failed")
    }

    /// How often the task gave no sign of life in time.
    pub fn metric_heartbeat_timed_out(&self) -> Result<Metric, Problem> {
        self.count("HeartbeatTimedOut")
    }

    fn average(&self, name: &str) -> Result<Metric, Problem> {
        let metric = self.prefixed(|metrics| metrics.singular, name)?;
        Ok(metric.statistic(Statistic::Average))
    }

    fn count(&self, name: &str) -> Result<Metric, Problem> {
        self.prefixed(|metrics| metrics.plural, name)
    }

    fn prefixed(
        &self,
        prefix: fn(&TaskMetrics) -> Option<&'static str>,
        name: &str,
    ) -> Result<Metric, Problem> {
        let metrics = self.task_metrics().unwrap_or_default();
        let prefix = prefix(&metrics).ok_or_else(|| {
            let message =
                "Task does not expose metrics. Use the 'metric()' function to add metrics.";
            Problem::property("metric", message)
        })?;
        Ok(self.metric(&format!("{prefix}{name}")))
    }
}
