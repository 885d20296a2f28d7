//! What was asked of the server: for its log and its metrics.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use stepmill::api::Answered;

/// Upper bounds of the times that requests are sorted by, in seconds.
const BOUNDS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 2.5, 60.0];
/// What counts as the action where none was named.
const NONE: &str = "none";

/// Counts requests by action.
#[derive(Default)]
pub(super) struct Requests {
    actions: Mutex<BTreeMap<&'static str, Action>>,
}

#[derive(Default)]
struct Action {
    /// How many took how long: each up to one of [`BOUNDS`], or longer.
    times: [u64; BOUNDS.len() + 1],
    time: Duration,
    bytes: u64,
    /// By code.
    errors: BTreeMap<String, u64>,
}

impl Requests {
    /// Takes note of a request.
    pub(super) fn note(&self, answered: &Answered<'_>) {
        let name = answered
            .operation
            .map_or(NONE, |operation| operation.name());
        self.count(name, answered);
        let Answered {
            request_id,
            code,
            bytes,
            took,
            ..
        } = answered;
        let (code, request) = (code.unwrap_or_default(), request_id.as_str());
        match answered.internal {
            Some(internal) if code == "InternalFailure" => {
                tracing::error!(request, action = name, internal, "a request failed");
            }
            Some(internal) => {
                tracing::warn!(
                    request,
                    action = name,
                    code,
                    internal,
                    "a request was refused"
                );
            }
            None => tracing::debug!(request, action = name, code, bytes, ?took, "a request"),
        }
    }

    fn count(&self, name: &'static str, answered: &Answered<'_>) {
        let mut actions = self.actions.lock().unwrap_or_else(PoisonError::into_inner);
        let action = actions.entry(name).or_default();
        let seconds = answered.took.as_secs_f64();
        let place = BOUNDS.iter().position(|bound| seconds <= *bound);
        action.times[place.unwrap_or(BOUNDS.len())] += 1;
        action.time += answered.took;
        action.bytes += answered.bytes as u64;
        if let Some(code) = answered.code {
            match action.errors.get_mut(code) {
                Some(count) => *count += 1,
                None => drop(action.errors.insert(code.to_owned(), 1)),
            }
        }
    }

    /// In Prometheus' text format.
    pub(super) fn render(&self) -> String {
        let actions = self.actions.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = String::new();
        let mut head = |name: &str, kind: &str, help: &str, lines: &dyn Fn(&mut String)| {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
            lines(&mut out);
        };
        head(
            "stepmill_request_duration_seconds",
            "histogram",
            "Time from a request's headers to its answer.",
            &|out| {
                for (name, action) in &*actions {
                    action.times(name, out);
                }
            },
        );
        head(
            "stepmill_request_errors_total",
            "counter",
            "Requests that were answered with an error.",
            &|out| {
                for (name, action) in &*actions {
                    for (code, count) in &action.errors {
                        let _ = writeln!(
                            out,
                            "stepmill_request_errors_total{{action=\"{name}\",code=\"{code}\"}} {count}"
                        );
                    }
                }
            },
        );
        head(
            "stepmill_request_bytes_total",
            "counter",
            "Bytes of requests' bodies.",
            &|out| {
                for (name, action) in &*actions {
                    let bytes = action.bytes;
                    let _ = writeln!(
                        out,
                        "stepmill_request_bytes_total{{action=\"{name}\"}} {bytes}"
                    );
                }
            },
        );
        out
    }
}

impl Action {
    fn times(&self, name: &str, out: &mut String) {
        let series = "stepmill_request_duration_seconds";
        let mut below = 0;
        for (bound, count) in BOUNDS.iter().zip(&self.times) {
            below += count;
            let _ = writeln!(
                out,
                "{series}_bucket{{action=\"{name}\",le=\"{bound}\"}} {below}"
            );
        }
        let all: u64 = self.times.iter().sum();
        let seconds = self.time.as_secs_f64();
        let _ = writeln!(
            out,
            "{series}_bucket{{action=\"{name}\",le=\"+Inf\"}} {all}\n\
             {series}_sum{{action=\"{name}\"}} {seconds}\n\
             {series}_count{{action=\"{name}\"}} {all}"
        );
    }
}
