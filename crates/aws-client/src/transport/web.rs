//! Requests to servers that are no service of AWS: the same connections, proxies and bounds.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Uri};
use hyper::ext::ReasonPhrase;

use super::{Connector, Transport, Trust};
use crate::config::Config;
use crate::error::TransportError;

/// Whether a connection to an address may be made for a request of a URL.
///
/// It is asked about the addresses that the URL's host has when the connection is made, and the
/// connection is made to one that it has allowed.
pub type AddressFilter = Arc<dyn Fn(&Uri, IpAddr) -> bool + Send + Sync>;

/// Requests to any server. They are sent once, as they are: nothing is signed, tried again or
/// followed elsewhere.
pub struct Web(Transport);

/// What a server has answered.
#[derive(Debug, Clone)]
pub struct WebAnswer {
    /// The HTTP status.
    pub status: u16,
    /// What stands behind it: `OK`.
    pub reason: String,
    /// The headers; names are in small letters.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Web {
    /// With the proxies, certificate authorities and bounds of `config`.
    ///
    /// With a filter, plain requests pass no proxy.
    pub fn new(config: &Config, trust: Trust, filter: Option<AddressFilter>) -> Self {
        Self(Transport::over(
            Connector::new(config, trust, filter),
            config,
        ))
    }

    /// Sends a request and reads the whole answer, of so many bytes, in that time at most.
    pub async fn send(
        &self,
        request: Request<Bytes>,
        limit: usize,
        patience: Duration,
    ) -> Result<WebAnswer, TransportError> {
        let answer = self.0.ask(request, limit, patience).await?;
        let (head, body) = answer.into_parts();
        let own = head.extensions.get::<ReasonPhrase>();
        let own = own.map(|reason| String::from_utf8_lossy(reason.as_bytes()).into_owned());
        let usual = || {
            head.status
                .canonical_reason()
                .unwrap_or_default()
                .to_owned()
        };
        Ok(WebAnswer {
            status: head.status.as_u16(),
            reason: own.unwrap_or_else(usual),
            headers: head.headers,
            body,
        })
    }
}
