//! Connections: plain or TLS, direct or through a proxy.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
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
use tokio::net::{TcpStream, lookup_host};
use tower_service::Service;

use super::tls::{self, Trust};
use super::web::AddressFilter;
use crate::config::Config;

/// Makes connections.
#[derive(Clone)]
pub(crate) struct Connector {
    tcp: HttpConnector,
    proxies: Arc<Matcher>,
    trust: Arc<Trust>,
    bundle: Option<PathBuf>,
    /// Which addresses connections may lead to, if not to all.
    filter: Option<AddressFilter>,
    /// Made when it is first needed: reading the machine's certificates takes time.
    tls: Arc<OnceLock<Result<Arc<ClientConfig>, String>>>,
}

type Problem = Box<dyn std::error::Error + Send + Sync>;

impl Connector {
    pub(super) fn new(config: &Config, trust: Trust, filter: Option<AddressFilter>) -> Self {
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
            trust: Arc::new(trust),
            bundle: config.ca_bundle.clone(),
            filter,
            tls: Arc::default(),
        }
    }

    /// What a plain request says to the proxy that it passes.
    pub(super) fn proxy_authorization(&self, to: &Uri) -> Option<HeaderValue> {
        // Filtered, it goes to where it was looked up, and passes none.
        let plain = to.scheme_str() == Some("http") && self.filter.is_none();
        let proxy = plain.then(|| self.proxies.intercept(to))??;
        proxy.basic_auth().cloned()
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, Problem> {
        let made = self
            .tls
            .get_or_init(|| tls::config(&self.trust, self.bundle.as_deref()));
        made.clone().map_err(Into::into)
    }

    async fn connect(mut self, to: Uri) -> Result<Stream, Problem> {
        if let Some(filter) = self.filter.clone() {
            return self.connect_filtered(to, &filter).await;
        }
        let proxy = self.proxies.intercept(&to);
        let is_tls = to.scheme_str() == Some("https");
        if let Some(proxy) = &proxy {
            usable(proxy)?;
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
                let tunnel = self.tunnel(&proxy);
                HttpsConnector::from((tunnel, self.tls()?)).call(to).await?
            }
        };
        Ok(Stream {
            inner,
            to_proxy: false,
        })
    }

    fn tunnel(&self, proxy: &Intercept) -> Tunnel<HttpConnector> {
        let tunnel = Tunnel::new(proxy.uri().clone(), self.tcp.clone());
        match proxy.basic_auth() {
            Some(authorization) => tunnel.with_auth(authorization.clone()),
            None => tunnel,
        }
    }

    /// Connects to one of the host's addresses that the filter allows, also through a proxy: it is
    /// asked for the address, so that nobody looks the host up once more.
    async fn connect_filtered(self, to: Uri, filter: &AddressFilter) -> Result<Stream, Problem> {
        let mut failed = None;
        for address in allowed(&to, filter).await? {
            match self.connect_to(address, &to).await {
                Ok(inner) => {
                    return Ok(Stream {
                        inner,
                        to_proxy: false,
                    });
                }
                Err(problem) => failed = Some(problem),
            }
        }
        Err(failed.unwrap_or_else(|| "the host has no address".into()))
    }

    async fn connect_to(
        &self,
        address: SocketAddr,
        to: &Uri,
    ) -> Result<MaybeHttpsStream<TokioIo<TcpStream>>, Problem> {
        let at: Uri = format!("http://{address}").parse()?;
        if to.scheme_str() != Some("https") {
            return Ok(MaybeHttpsStream::Http(self.tcp.clone().call(at).await?));
        }
        let (tls, name) = (self.tls()?, to.clone());
        if let Some(proxy) = self.proxies.intercept(to) {
            usable(&proxy)?;
            let tunnel = Pinned(self.tunnel(&proxy), at);
            return HttpsConnector::from((tunnel, tls)).call(name).await;
        }
        let pinned = Pinned(self.tcp.clone(), at);
        HttpsConnector::from((pinned, tls)).call(name).await
    }
}

/// The addresses of a URL's host that may be connected to; an error if it has others only.
async fn allowed(to: &Uri, filter: &AddressFilter) -> Result<Vec<SocketAddr>, Problem> {
    let host = to.host().unwrap_or_default();
    let port = to.port_u16().unwrap_or(match to.scheme_str() {
        Some("https") => 443,
        _ => 80,
    });
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found: Vec<SocketAddr> = lookup_host((bare, port)).await?.collect();
    let fine = found.iter().filter(|address| filter(to, address.ip()));
    let fine: Vec<SocketAddr> = fine.copied().collect();
    if fine.is_empty() && !found.is_empty() {
        let host = format!("{host}:{port}");
        return Err(Box::new(NotAllowed { host }));
    }
    Ok(fine)
}

/// A host without an address that may be connected to.
#[derive(Debug)]
pub(super) struct NotAllowed {
    /// It, and the port.
    pub(super) host: String,
}

impl fmt::Display for NotAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no address of {} may be connected to", self.host)
    }
}

impl std::error::Error for NotAllowed {}

/// Connects to an address whatever it is asked for.
#[derive(Clone)]
struct Pinned<C>(C, Uri);

impl<C: Service<Uri>> Service<Uri> for Pinned<C> {
    type Response = C::Response;
    type Error = C::Error;
    type Future = C::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, _: Uri) -> C::Future {
        self.0.call(self.1.clone())
    }
}

/// A proxy is spoken to in the clear; its URL is told without the password that it may have.
fn usable(proxy: &Intercept) -> Result<(), Problem> {
    if proxy.uri().scheme_str() == Some("http") {
        return Ok(());
    }
    let host = proxy.uri().host().unwrap_or_default();
    Err(format!("the proxy {host} is not http").into())
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
