//! Requests over HTTP: pooled connections, so many at once to an endpoint, answers of bounded size.

mod connect;
mod tls;

use std::collections::HashMap;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::PROXY_AUTHORIZATION;
use http::{Request, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::Semaphore;
use tokio::time::timeout;

pub(crate) use connect::Connector;

use crate::config::Config;
use crate::error::TransportError;
use crate::protocol::Answer;

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(60);
/// When so many bytes have not ended the headers of an answer, they are too long: hyper looks after
/// each reading, so that up to twice as many may come.
const HEADER_BYTES: usize = 64 << 10;

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
        let connector = Connector::new(config);
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
        mut request: Request<Bytes>,
        patience: Duration,
    ) -> Result<Answer, TransportError> {
        let places = self.places(request.uri());
        let _place = places.acquire().await;
        if let Some(token) = self.connector.proxy_authorization(request.uri()) {
            request.headers_mut().insert(PROXY_AUTHORIZATION, token);
        }
        let exchange = self.exchange(request.map(Full::new));
        let late = |_| TransportError::Timeout { after: patience };
        timeout(patience, exchange).await.map_err(late)?
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, TransportError> {
        let response = self.client.request(request).await;
        let response = response.map_err(|error| broken(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, self.response_bytes).collect().await;
        let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => TransportError::TooLarge {
                limit: self.response_bytes,
            },
            None => broken(&*error),
        })?;
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.to_bytes(),
        })
    }

    fn places(&self, uri: &Uri) -> Arc<Semaphore> {
        let endpoint = uri.authority().map(ToString::to_string).unwrap_or_default();
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Semaphore::new(self.concurrency));
        Arc::clone(places.entry(endpoint).or_insert_with(new))
    }
}

/// What has gone wrong, with its causes: the outermost says little.
fn broken(error: &(dyn StdError + 'static)) -> TransportError {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    texts.dedup();
    TransportError::Broken(texts.join(": "))
}
