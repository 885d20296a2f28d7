//! Observers of executions: logs, status events, metrics, traces.
//!
//! Each is an [`Observer`](crate::Observer). Those that deliver something put it into a bounded
//! queue, which a thread of its own empties: a turn never waits for a disk or a network. What finds
//! the queue full is lost, counted and said; the journal is where nothing is ever lost. AWS delivers
//! logs and status events on a best-effort basis, too (Developer Guide, "Using CloudWatch Logs",
//! "Automating with EventBridge").

mod escaped;
mod events;
mod http;
mod logs;
mod metrics;
mod queue;
#[cfg(feature = "otlp")]
mod traces;

pub use events::{Events, EventsConfig, StatusChange};
pub use http::EndpointError;
pub use logs::{
    CloudWatchLogGroups, CloudWatchLogs, LogDestination, LogEvent, LogStream, Logs, LogsConfig,
};
pub use metrics::{Metrics, MetricsConfig};
pub use queue::Delivery;
#[cfg(feature = "otlp")]
pub use traces::{Span, SpanKind, Spans, Traces, TracesConfig};
