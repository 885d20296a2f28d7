//! `PutEvents` over HTTP.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use ureq::Agent;
use ureq::http::Uri;

use super::{EventsError, StatusChange};
use crate::observe::queue::Queue;

/// Entries of one request, at most (API reference, `PutEvents`).
const MOST_ENTRIES: usize = 10;
/// Bytes of one request's entries, at most (API reference, `PutEvents`); a single entry may be more.
const MOST_BYTES: usize = 256 * 1024;
/// How often an event is sent before it is given up.
const ATTEMPTS: u32 = 6;
/// The pause before the second attempt; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes read of a response, at most.
const LONGEST_RESPONSE: u64 = 1 << 20;

const SOURCE: &str = "aws.states";
const DETAIL_TYPE: &str = "Step Functions Execution Status Change";

/// An event bus behind an endpoint.
pub(super) struct Bus {
    agent: Agent,
    endpoint: String,
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

/// Why a request has not put all its events.
enum Refusal {
    /// It can be tried again.
    Passing(String),
    /// It is of no use to try again.
    Lasting(String),
}

impl Bus {
    pub(super) fn new(endpoint: &str, name: Option<&str>) -> Result<Self, EventsError> {
        let unusable = || EventsError::Endpoint(endpoint.to_owned());
        let uri: Uri = endpoint.parse().map_err(|_| unusable())?;
        if uri.authority().is_none() {
            return Err(unusable());
        }
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") if cfg!(feature = "https") => {}
            Some("https") => return Err(EventsError::NoTls(endpoint.to_owned())),
            _ => return Err(unusable()),
        }
        let agent = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            // The endpoint is the one that was configured.
            .proxy(None)
            .build()
            .new_agent();
        Ok(Self {
            agent,
            endpoint: endpoint.to_owned(),
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
                self.put_surely(request.iter().collect(), queue);
                rest = later;
            }
        }
    }

    fn put_surely(&self, mut changes: Vec<&StatusChange>, queue: &Queue<StatusChange>) {
        let mut pause = FIRST_PAUSE;
        for attempt in 1..=ATTEMPTS {
            let why = match self.put_once(&mut changes, queue) {
                Ok(()) => return,
                Err(Refusal::Lasting(why)) => {
                    tracing::warn!(why, "EventBridge refuses status events");
                    break;
                }
                Err(Refusal::Passing(why)) => why,
            };
            // When the process is about to end there is one last attempt.
            let last = attempt == ATTEMPTS || !queue.pause(pause);
            if last {
                tracing::warn!(why, "status events could not be sent");
                break;
            }
            pause *= 2;
        }
        queue.lose(changes.len());
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
        let body =
            serde_json::to_vec(&request).map_err(|error| Refusal::Lasting(error.to_string()))?;
        let response = self
            .agent
            .post(&self.endpoint)
            .header("Content-Type", "application/x-amz-json-1.1")
            .header("X-Amz-Target", "AWSEvents.PutEvents")
            .header("Authorization", authorization(first))
            .send(&body[..]);
        let mut response = response.map_err(|error| Refusal::Passing(error.to_string()))?;
        let status = response.status();
        let text = response
            .body_mut()
            .with_config()
            .limit(LONGEST_RESPONSE)
            .read_to_string()
            .map_err(|error| Refusal::Passing(error.to_string()))?;
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(Refusal::Passing(format!("{status}: {}", shortened(&text))));
        }
        if !status.is_success() {
            return Err(Refusal::Lasting(format!("{status}: {}", shortened(&text))));
        }
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

fn shortened(text: &str) -> &str {
    let end = text
        .char_indices()
        .nth(300)
        .map_or(text.len(), |(at, _)| at);
    &text[..end]
}
