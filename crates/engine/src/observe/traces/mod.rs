//! Traces of executions, sent over OTLP (OpenTelemetry Protocol 1, HTTP with JSON).
//!
//! A trace is an execution: its root span is the execution (one for each redrive, too), below it are
//! the states, and below a Task state the attempts of its task. Parallel branches and iterations of
//! a Map state stand below their state. Ids follow from the execution's ARN and the numbers of its
//! events, so what a process exports after a restart joins what the one before it has exported. A
//! Task state that is taken up by a redrive or after a restart begins a span with its next attempt;
//! of other states that were entered before nobody knows when they began, and they have none. Then, too,
//! branches and iterations stand below the execution. Spans hold names, never data.

mod otlp;
mod span;

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use serde::Deserialize;
use stepmill_interpreter::{Fact, Record};

use crate::observe::http::EndpointError;
use crate::observe::queue::{Delivery, Queue};
use crate::observer::{ObservedTurn, Observer};

use otlp::Collector;

pub use span::{Span, SpanKind, Spans};

/// Spans that wait to be sent, at most.
const QUEUED: usize = 100_000;
/// Their bytes, at most.
const QUEUED_BYTES: usize = 64 << 20;
/// Executions that are traced at once, at most; others are not, and are counted as lost.
const MOST_EXECUTIONS: usize = 200_000;

/// The section `[traces]`: where traces go. Nowhere, without an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TracesConfig {
    /// The OTLP endpoint, such as `http://127.0.0.1:4318`; `/v1/traces` is added.
    pub endpoint: Option<String>,
    /// `service.name`; `stepmill` if not given.
    pub service_name: Option<String>,
}

/// Traces executions.
pub struct Traces {
    queue: Arc<Queue<Span>>,
    /// The open spans of executions that run, by ARN.
    running: Mutex<FxHashMap<String, Spans>>,
}

impl Traces {
    /// Sends traces to where `config` says; `None` if that is nowhere.
    pub fn open(config: &TracesConfig) -> Result<Option<(Arc<Self>, Delivery)>, EndpointError> {
        let Some(endpoint) = &config.endpoint else {
            return Ok(None);
        };
        let service = config.service_name.as_deref().unwrap_or("stepmill");
        let collector = Collector::new(endpoint, service)?;
        let queue = Arc::new(Queue::new(QUEUED, QUEUED_BYTES));
        let delivery = queue.clone().deliver("spans", {
            let queue = queue.clone();
            move |spans| collector.export(&spans, &queue)
        })?;
        let traces = Self {
            queue,
            running: Mutex::default(),
        };
        Ok(Some((Arc::new(traces), delivery)))
    }
}

impl Observer for Traces {
    fn turn(&self, turn: &ObservedTurn<'_>) {
        let arn = &turn.execution.identity().execution_arn;
        let (kept, is_full) = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            (running.remove(arn), running.len() >= MOST_EXECUTIONS)
        };
        if kept.is_none() && is_full {
            if turn.records.iter().any(ends) {
                self.queue.lose(1);
            }
            return;
        }
        let mut spans = kept.unwrap_or_else(|| Spans::of(turn.execution));
        for span in spans.turn(turn.revision, turn.records) {
            let bytes = span.bytes();
            self.queue.offer(span, bytes);
        }
        if !turn.records.last().is_some_and(ends) {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.insert(arn.clone(), spans);
        }
    }
}

/// Whether an execution ends with a record.
fn ends(record: &Record) -> bool {
    matches!(
        record.fact,
        Fact::ExecutionSucceeded { .. }
            | Fact::ExecutionFailed(_)
            | Fact::ExecutionTimedOut
            | Fact::ExecutionAborted(_)
    )
}
