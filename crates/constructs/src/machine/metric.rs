//! Metrics as CloudWatch knows them.

use crate::core::Duration;
use crate::value::{Object, Value};

/// A metric: what an alarm or a dashboard is made of.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Metric {
    /// The service: `AWS/States`.
    pub namespace: String,
    /// Its name: `ExecutionsFailed`.
    pub metric_name: String,
    /// What it is measured of.
    pub dimensions: Object,
    /// How values are put together.
    pub statistic: Statistic,
    /// Over which time they are put together.
    pub period: Duration,
}

/// How the values of a metric are put together.
#[derive(Debug, Clone, PartialEq)]
pub enum Statistic {
    /// The average.
    Average,
    /// The sum.
    Sum,
    /// The least.
    Minimum,
    /// The most.
    Maximum,
    /// How many there are.
    SampleCount,
    /// Another by its name: `p99`.
    Extended(String),
}

impl Statistic {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Average => "Average",
            Self::Sum => "Sum",
            Self::Minimum => "Minimum",
            Self::Maximum => "Maximum",
            Self::SampleCount => "SampleCount",
            Self::Extended(name) => name,
        }
    }
}

impl Metric {
    /// A metric of a service, averaged over 5 minutes.
    pub fn new(namespace: &str, metric_name: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            metric_name: metric_name.to_owned(),
            dimensions: Object::new(),
            statistic: Statistic::Average,
            period: Duration::minutes(5),
        }
    }

    /// A metric of Step Functions.
    pub(crate) fn states(metric_name: &str, statistic: Statistic) -> Self {
        Self::new("AWS/States", metric_name).statistic(statistic)
    }

    /// What it is measured of.
    pub fn dimension(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.dimensions.insert(name.to_owned(), value.into());
        self
    }

    /// How values are put together.
    pub fn statistic(mut self, statistic: Statistic) -> Self {
        self.statistic = statistic;
        self
    }

    /// Over which time values are put together.
    pub fn period(mut self, period: Duration) -> Self {
        self.period = period;
        self
    }

    /// It as the properties of an `AWS::CloudWatch::Alarm` that say what is watched.
    pub fn alarm_properties(&self) -> Vec<(&'static str, Value)> {
        let dimensions = self.dimensions.iter();
        let dimensions: Vec<Value> = dimensions
            .map(|(name, value)| crate::object! {"Name": name.as_str(), "Value": value.clone()})
            .collect();
        let statistic = match self.statistic {
            Statistic::Extended(_) => "ExtendedStatistic",
            _ => "Statistic",
        };
        vec![
            ("Namespace", self.namespace.as_str().into()),
            ("MetricName", self.metric_name.as_str().into()),
            ("Dimensions", dimensions.into()),
            (statistic, self.statistic.name().into()),
            ("Period", self.period.to_seconds().into()),
        ]
    }
}

/// Metrics of how many state transitions an account may do, of all its machines together.
#[derive(Debug)]
pub struct StateTransitionMetric;

impl StateTransitionMetric {
    /// One of the metrics, averaged over 5 minutes.
    pub fn metric(name: &str) -> Metric {
        Metric::states(name, Statistic::Average).dimension("ServiceMetric", "StateTransition")
    }

    /// How many transitions are possible at once.
    pub fn metric_provisioned_bucket_size() -> Metric {
        Self::metric("ProvisionedBucketSize")
    }

    /// How many transitions are added to that each second.
    pub fn metric_provisioned_refill_rate() -> Metric {
        Self::metric("ProvisionedRefillRate")
    }

    /// How many transitions were done each second.
    pub fn metric_consumed_capacity() -> Metric {
        Self::metric("ConsumedCapacity")
    }

    /// How many transitions were held back.
    pub fn metric_throttled_events() -> Metric {
        Self::metric("ThrottledEvents").statistic(Statistic::Sum)
    }
}
