//! Requests to the endpoints that observations go to.

use std::io;
use std::time::Duration;

use thiserror::Error;
use ureq::Agent;
use ureq::http::Uri;

use crate::observe::queue::Queue;

/// How often something is sent before it is given up.
const ATTEMPTS: u32 = 6;
/// The pause before the second attempt; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes read of a response, at most.
const LONGEST_RESPONSE: u64 = 1 << 20;
/// Characters of a response that are told, at most.
const LONGEST_TOLD: usize = 300;

/// Why observations cannot be sent to where they are configured to go.
#[derive(Debug, Error)]
pub enum EndpointError {
    /// The endpoint is no URL that requests can be sent to.
    #[error("{setting}: {url:?} is not a URL such as http://127.0.0.1:4566")]
    NoUrl {
        /// The setting, such as `events.endpoint`.
        setting: &'static str,
        /// Its value.
        url: String,
    },
    /// The endpoint wants TLS, which is not supported: what takes observations runs beside this.
    #[error("{setting}: {url:?} needs TLS, which is not supported here; only http:// URLs are")]
    NoTls {
        /// The setting.
        setting: &'static str,
        /// Its value.
        url: String,
    },
    /// The thread that sends them cannot be started.
    #[error(transparent)]
    Thread(#[from] io::Error),
}

/// Why a request was in vain.
pub(super) enum Refusal {
    /// It can be tried again.
    Passing(String),
    /// It is of no use to try again.
    Lasting(String),
}

/// Where requests go.
pub(super) struct Endpoint {
    agent: Agent,
    url: String,
}

impl Endpoint {
    /// The endpoint at `url`, which the configuration calls `setting`.
    pub(super) fn new(setting: &'static str, url: &str) -> Result<Self, EndpointError> {
        let owned = || url.to_owned();
        let no_url = || EndpointError::NoUrl {
            setting,
            url: owned(),
        };
        let uri: Uri = url.parse().map_err(|_| no_url())?;
        if uri.authority().is_none() {
            return Err(no_url());
        }
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => {
                return Err(EndpointError::NoTls {
                    setting,
                    url: owned(),
                });
            }
            _ => return Err(no_url()),
        }
        Ok(Self {
            agent: agent(),
            url: owned(),
        })
    }

    /// The same endpoint with a path added.
    #[cfg(feature = "otlp")]
    pub(super) fn with_path(mut self, path: &str) -> Self {
        self.url.truncate(self.url.trim_end_matches('/').len());
        self.url.push_str(path);
        self
    }

    /// Posts a body; the response's, if that is a good one.
    pub(super) fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> Result<String, Refusal> {
        let passing = |error: ureq::Error| Refusal::Passing(error.to_string());
        let mut request = self.agent.post(&self.url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = request.send(body).map_err(passing)?;
        let status = response.status();
        let body = response.body_mut().with_config().limit(LONGEST_RESPONSE);
        let text = body.read_to_string().map_err(passing)?;
        if status.is_success() {
            return Ok(text);
        }
        let told = text
            .char_indices()
            .nth(LONGEST_TOLD)
            .map_or(text.len(), |(at, _)| at);
        let why = format!("{status}: {}", &text[..told]);
        if status.is_server_error() || status.as_u16() == 429 {
            Err(Refusal::Passing(why))
        } else {
            Err(Refusal::Lasting(why))
        }
    }
}

fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .http_status_as_error(false)
        .max_redirects(0)
        // The endpoint is the one that was configured.
        .proxy(None)
        .build()
        .new_agent()
}

/// Tries until it succeeds, or why it does not. Once the queue is closed there is no second attempt:
/// the process is about to end.
pub(super) fn surely<T: Send + 'static>(
    queue: &Queue<T>,
    mut once: impl FnMut() -> Result<(), Refusal>,
) -> Result<(), String> {
    let mut pause = FIRST_PAUSE;
    let mut attempt = 1;
    loop {
        match once() {
            Ok(()) => return Ok(()),
            Err(Refusal::Lasting(why)) => return Err(why),
            Err(Refusal::Passing(why)) if attempt == ATTEMPTS || !queue.pause(pause) => {
                return Err(why);
            }
            Err(Refusal::Passing(_)) => {}
        }
        attempt += 1;
        pause *= 2;
    }
}
