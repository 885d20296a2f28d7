//! `PutEvents` over HTTP.

use serde::{Deserialize, Serialize};

use super::StatusChange;
use crate::observe::http::{Endpoint, EndpointError, Refusal, surely};
use crate::observe::queue::Queue;

/// Entries of one request, at most (API reference, `PutEvents`).
const MOST_ENTRIES: usize = 10;
/// Bytes of one request's entries, at most (API reference, `PutEvents`); a single entry may be more.
const MOST_BYTES: usize = 256 * 1024;

const SOURCE: &str = "aws.states";
const DETAIL_TYPE: &str = "Step Functions Execution Status Change";

/// An event bus behind an endpoint.
pub(super) struct Bus {
    endpoint: Endpoint,
    name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Request<'a> {
    entries: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    event_bus_name: Option<&'a str>,
    /// Seconds since 1970.
    time: f64,
    source: &'static str,
    resources: [&'a str; 1],
    detail_type: &'static str,
    detail: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Response {
    failed_entry_count: u64,
    entries: Vec<EntryResult>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct EntryResult {
    error_code: Option<String>,
    error_message: Option<String>,
}

impl Bus {
    pub(super) fn new(endpoint: &str, name: Option<&str>) -> Result<Self, EndpointError> {
        Ok(Self {
            endpoint: Endpoint::new("events.endpoint", endpoint)?,
            name: name.map(str::to_owned),
        })
    }

    /// Sends events; what cannot be sent is counted as lost.
    pub(super) fn put(&self, changes: &[StatusChange], queue: &Queue<StatusChange>) {
        // A request is for one account and region: its credentials name them.
        for run in changes.chunk_by(|a, b| (&a.account, &a.region) == (&b.account, &b.region)) {
            let mut rest = run;
            while !rest.is_empty() {
                let (request, later) = rest.split_at(fitting(rest));
                let mut unsent = request.iter().collect();
                if let Err(why) = surely(queue, || self.put_once(&mut unsent, queue)) {
                    tracing::warn!(why, "status events could not be sent");
                    queue.lose(unsent.len());
                }
                rest = later;
            }
        }
    }

    /// Sends events once; those that are done with are taken out of `changes`.
    fn put_once(
        &self,
        changes: &mut Vec<&StatusChange>,
        queue: &Queue<StatusChange>,
    ) -> Result<(), Refusal> {
        let Some(first) = changes.first() else {
            return Ok(());
        };
        let request = Request {
            entries: changes.iter().map(|change| self.entry(change)).collect(),
        };
        let lasting = |error: serde_json::Error| Refusal::Lasting(error.to_string());
        let body = serde_json::to_vec(&request).map_err(lasting)?;
        let headers = [
            ("Content-Type", "application/x-amz-json-1.1"),
            ("X-Amz-Target", "AWSEvents.PutEvents"),
            ("Authorization", &authorization(first)),
        ];
        let text = self.endpoint.post(&headers, &body)?;
        let response: Response = serde_json::from_str(&text)
            .map_err(|error| Refusal::Lasting(format!("not an answer of PutEvents: {error}")))?;
        keep_failed(changes, response, queue)
    }

    fn entry<'a>(&'a self, change: &'a StatusChange) -> Entry<'a> {
        #[allow(clippy::cast_precision_loss)] // milliseconds are far below 2⁵³
        let time = change.time as f64 / 1000.0;
        Entry {
            event_bus_name: self.name.as_deref(),
            time,
            source: SOURCE,
            resources: [&change.resource],
            detail_type: DETAIL_TYPE,
            detail: &change.detail,
        }
    }
}

/// Leaves those in `changes` that may be sent again, and counts what is refused for good.
fn keep_failed(
    changes: &mut Vec<&StatusChange>,
    response: Response,
    queue: &Queue<StatusChange>,
) -> Result<(), Refusal> {
    if response.failed_entry_count == 0 {
        return Ok(());
    }
    let mut why = None;
    let mut results = response.entries.into_iter();
    changes.retain(|_| {
        let result = results.next().unwrap_or_default();
        let Some(code) = result.error_code else {
            return false;
        };
        let message = result.error_message.unwrap_or_default();
        // API reference, `PutEventsResultEntry`: these two pass.
        let passes = matches!(&*code, "ThrottlingException" | "InternalFailure");
        if passes {
            why = Some(format!("{code}: {message}"));
        } else {
            tracing::warn!(code, message, "EventBridge refuses a status event");
            queue.lose(1);
        }
        passes
    });
    why.map_or(Ok(()), |why| Err(Refusal::Passing(why)))
}

/// How many of the first events go into one request; at least one.
fn fitting(changes: &[StatusChange]) -> usize {
    let mut bytes = 0;
    let fits = changes.iter().take(MOST_ENTRIES).take_while(|change| {
        bytes += change.detail.len() + change.resource.len() + SOURCE.len() + DETAIL_TYPE.len();
        bytes <= MOST_BYTES
    });
    fits.count().max(1)
}

/// Credentials without a signature: emulators read account and region out of them.
fn authorization(change: &StatusChange) -> String {
    let StatusChange {
        account, region, ..
    } = change;
    format!(
        "AWS4-HMAC-SHA256 Credential={account}/19700101/{region}/events/aws4_request, \
         SignedHeaders=host, Signature=none"
    )
}
