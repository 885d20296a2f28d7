//! Requests over HTTP: pooled connections, so many at once to an endpoint, answers of bounded size.

mod connect;
mod tls;
mod web;

use std::collections::HashMap;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::PROXY_AUTHORIZATION;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::Semaphore;
use tokio::time::timeout;

pub(crate) use connect::Connector;
use connect::NotAllowed;
pub use tls::Trust;
pub use web::{AddressFilter, Web, WebAnswer};

use crate::config::Config;
use crate::error::TransportError;
use crate::protocol::Answer;

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(60);
/// When so many bytes have not ended the headers of an answer, they are too long: hyper looks after
/// each reading, so that up to twice as many may come.
const HEADER_BYTES: usize = 64 << 10;
/// When so many endpoints are remembered, those that nobody uses are forgotten.
const ENDPOINTS: usize = 1024;

/// An HTTP client.
pub(crate) struct Transport {
    client: Client<Connector, Full<Bytes>>,
    connector: Connector,
    /// How many requests more an endpoint may be sent at once.
    places: Mutex<HashMap<String, Arc<Semaphore>>>,
    concurrency: usize,
    response_bytes: usize,
}

impl Transport {
    pub(crate) fn new(config: &Config) -> Self {
        Self::over(Connector::new(config, Trust::Configured, None), config)
    }

    fn over(connector: Connector, config: &Config) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .http1_max_buf_size(HEADER_BYTES)
            .build(connector.clone());
        Self {
            client,
            connector,
            places: Mutex::default(),
            concurrency: config.concurrency.max(1),
            response_bytes: config.response_bytes,
        }
    }

    /// Sends a request and reads the whole answer, in that time at most, once there is a place.
    pub(crate) async fn send(
        &self,
        request: Request<Bytes>,
        patience: Duration,
    ) -> Result<Answer, TransportError> {
        let (head, body) = self
            .ask(request, self.response_bytes, patience)
            .await?
            .into_parts();
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    }

    /// The same, with a limit of its own, in bytes of the answer's body.
    async fn ask(
        &self,
        mut request: Request<Bytes>,
        limit: usize,
        patience: Duration,
    ) -> Result<Response<Bytes>, TransportError> {
        let places = self.places(request.uri());
        let _place = places.acquire().await;
        if let Some(token) = self.connector.proxy_authorization(request.uri()) {
            request.headers_mut().insert(PROXY_AUTHORIZATION, token);
        }
        let exchange = self.exchange(request.map(Full::new), limit);
        let late = |_| TransportError::Timeout { after: patience };
        timeout(patience, exchange).await.map_err(late)?
    }

    async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        limit: usize,
    ) -> Result<Response<Bytes>, TransportError> {
        let response = self.client.request(request).await;
        let response = response.map_err(|error| broken(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, limit).collect().await;
        let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => TransportError::TooLarge { limit },
            None => broken(&*error),
        })?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }

    fn places(&self, uri: &Uri) -> Arc<Semaphore> {
        let endpoint = uri.authority().map(ToString::to_string).unwrap_or_default();
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= ENDPOINTS {
            places.retain(|_, places| Arc::strong_count(places) > 1);
        }
        let new = || Arc::new(Semaphore::new(self.concurrency));
        Arc::clone(places.entry(endpoint).or_insert_with(new))
    }
}

/// What has gone wrong, with its causes: the outermost says little.
fn broken(error: &(dyn StdError + 'static)) -> TransportError {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<NotAllowed>() {
            return TransportError::NotAllowed {
                host: refused.host.clone(),
            };
        }
        texts.push(error.to_string());
        cause = error.source();
    }
    texts.dedup();
    TransportError::Broken(texts.join(": "))
}
