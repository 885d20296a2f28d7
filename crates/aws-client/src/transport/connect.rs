//! Connections: plain or TLS, direct or through a proxy.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use http::{HeaderValue, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower_service::Service;

use super::tls;
use crate::config::Config;

/// Makes connections.
#[derive(Clone)]
pub(crate) struct Connector {
    tcp: HttpConnector,
    proxies: Arc<Matcher>,
    bundle: Option<PathBuf>,
    /// Made when it is first needed: reading the machine's certificates takes time.
    tls: Arc<OnceLock<Result<Arc<ClientConfig>, String>>>,
}

type Problem = Box<dyn std::error::Error + Send + Sync>;

impl Connector {
    pub(super) fn new(config: &Config) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(config.connect_timeout));
        let proxy = &config.proxy;
        let some = |text: &Option<String>| text.clone().unwrap_or_default();
        let proxies = Matcher::builder()
            .http(some(&proxy.http))
            .https(some(&proxy.https))
            .no(some(&proxy.none_for))
            .build();
        Self {
            tcp,
            proxies: Arc::new(proxies),
            bundle: config.ca_bundle.clone(),
            tls: Arc::default(),
        }
    }

    /// What a plain request says to the proxy that it passes.
    pub(super) fn proxy_authorization(&self, to: &Uri) -> Option<HeaderValue> {
        let plain = to.scheme_str() == Some("http");
        let proxy = plain.then(|| self.proxies.intercept(to))??;
        proxy.basic_auth().cloned()
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, Problem> {
        let made = self.tls.get_or_init(|| tls::config(self.bundle.as_deref()));
        made.clone().map_err(Into::into)
    }

    async fn connect(mut self, to: Uri) -> Result<Stream, Problem> {
        let proxy = self.proxies.intercept(&to);
        let is_tls = to.scheme_str() == Some("https");
        if let Some(proxy) = &proxy
            && proxy.uri().scheme_str() != Some("http")
        {
            return Err(format!("the proxy {} is not http", host(proxy)).into());
        }
        let inner = match (proxy, is_tls) {
            (None, false) => MaybeHttpsStream::Http(self.tcp.call(to).await?),
            (None, true) => {
                HttpsConnector::from((self.tcp.clone(), self.tls()?))
                    .call(to)
                    .await?
            }
            (Some(proxy), false) => {
                return Ok(Stream {
                    inner: MaybeHttpsStream::Http(self.tcp.call(proxy.uri().clone()).await?),
                    to_proxy: true,
                });
            }
            (Some(proxy), true) => {
                let mut tunnel = Tunnel::new(proxy.uri().clone(), self.tcp.clone());
                if let Some(authorization) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(authorization.clone());
                }
                HttpsConnector::from((tunnel, self.tls()?)).call(to).await?
            }
        };
        Ok(Stream {
            inner,
            to_proxy: false,
        })
    }
}

/// A proxy without the password that its URL may have.
fn host(proxy: &Intercept) -> String {
    proxy.uri().host().unwrap_or_default().to_owned()
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, Problem>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Problem>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        Box::pin(self.clone().connect(to))
    }
}

/// A connection.
pub(crate) struct Stream {
    inner: MaybeHttpsStream<TokioIo<TcpStream>>,
    /// Whether a proxy reads the requests, and so must be told the whole URL.
    to_proxy: bool,
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        self.inner.connected().proxy(self.to_proxy)
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, parts)
    }
}
