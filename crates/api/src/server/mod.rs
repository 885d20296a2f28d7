//! The server: connections and their limits, and the way of a request through it.

mod body;
mod connection;
mod route;
mod services;
mod stream;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use stepmill_engine::Caller;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

pub use services::{
    Answered, BoxFuture, Call, Closing, Handler, Health, Probes, Services, StepFunctions,
};

use crate::auth::{Access, Auth};
use crate::model::{LoadError, Model};
use crate::protocol::Failure;

/// How long accepting pauses when the system has no more file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// How a server behaves.
#[derive(Debug, Clone, Default)]
pub struct ServerConfig {
    /// Who may call.
    pub access: Access,
    /// Whether it may listen on other addresses than the loopback interface's though everyone may
    /// call.
    pub unprotected: bool,
    /// The account and region of callers whose credential does not name them.
    pub default: Caller,
    /// What is too much.
    pub limits: Limits,
}

/// What a server takes on. Sizes are in bytes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once. Further ones are answered 503 and closed.
    pub connections: usize,
    /// The headers of a request, at least 8,192.
    pub headers: usize,
    /// Time for a request's headers to arrive, which begins when the last answer was sent: so also
    /// how long a connection may be idle.
    pub header_time: Duration,
    /// The body of a request to Step Functions. (AWS: 1 MB; a definition of 1 MiB, escaped in JSON,
    /// may need more.)
    pub body: usize,
    /// The body of a request to Lambda. (AWS: 50 MB of zipped code, which base64 makes a third
    /// longer.)
    pub code: usize,
    /// Time for a body to arrive.
    pub body_time: Duration,
    /// The bodies of all requests that are worked on. Bodies of up to 16 KiB are not counted.
    pub bodies: usize,
    /// Time in which a client must take some of its answer.
    pub write_time: Duration,
    /// Time that requests have to end when the server stops.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            headers: 64 * 1024,
            header_time: Duration::from_secs(30),
            body: 4 * 1024 * 1024,
            code: 72 * 1024 * 1024,
            body_time: Duration::from_secs(60),
            bodies: 512 * 1024 * 1024,
            write_time: Duration::from_secs(30),
            drain_time: Duration::from_secs(10),
        }
    }
}

/// Why a server does not serve.
#[derive(Debug, Error)]
pub enum ServeError {
    /// Its address can be reached from other machines, and everyone may call.
    #[error(
        "{0} can be reached from other machines: configure access keys in [auth], \
         or allow unsigned requests explicitly"
    )]
    Unprotected(SocketAddr),
    /// A configured key cannot be one.
    #[error("the access key '{0}' is not usable: an id, a secret and an account of 12 digits")]
    Key(String),
    /// The listener does not listen.
    #[error("cannot listen: {0}")]
    Listener(#[from] std::io::Error),
    /// The API's model is not usable.
    #[error(transparent)]
    Model(#[from] LoadError),
}

/// What all connections share.
struct Server {
    services: Services,
    auth: Auth,
    model: Model,
    limits: Limits,
    /// A permit for each KiB of bodies that may be in memory.
    bodies: Arc<Semaphore>,
    closing: Closing,
}

/// Answers requests until `shutdown` is ready. Then it takes no more, has those that run end, and
/// returns; requests that take longer than [`Limits::drain_time`] are left without an answer.
pub async fn serve(
    listener: TcpListener,
    services: Services,
    config: ServerConfig,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    check(&config, listener.local_addr()?)?;
    let limits = config.limits;
    let (close, closing) = watch::channel(false);
    let most = u32::try_from(limits.connections).unwrap_or(u32::MAX >> 3);
    let connections = Arc::new(Semaphore::new(most as usize));
    let drain_time = limits.drain_time;
    let server = Arc::new(Server {
        services,
        auth: Auth::new(config.access, config.default),
        model: Model::load()?,
        bodies: Arc::new(Semaphore::new(
            (limits.bodies / 1024).min(Semaphore::MAX_PERMITS),
        )),
        limits,
        closing: Closing(closing),
    });
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // The client has gone already, or there are no more file descriptors: then connections
            // that end make room.
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        match Arc::clone(&connections).try_acquire_owned() {
            Ok(permit) => {
                let server = Arc::clone(&server);
                tokio::spawn(async move {
                    connection::run(server, stream).await;
                    drop(permit);
                });
            }
            Err(_) => connection::turn_away(&stream),
        }
    }
    drop(listener);
    let _ = close.send(true);
    // All permits are back when all connections have ended.
    let ended = connections.acquire_many(most);
    let _ = tokio::time::timeout(drain_time, ended).await;
    Ok(())
}

fn check(config: &ServerConfig, address: SocketAddr) -> Result<(), ServeError> {
    match &config.access {
        Access::Open if !address.ip().is_loopback() && !config.unprotected => {
            return Err(ServeError::Unprotected(address));
        }
        Access::Open => {}
        Access::Keys(keys) => {
            for key in keys {
                let usable = !key.id.is_empty()
                    && !key.secret.is_empty()
                    && crate::auth::is_account(&key.account);
                if !usable {
                    return Err(ServeError::Key(key.id.clone()));
                }
            }
        }
    }
    Ok(())
}

/// What is answered when there is no room for a request.
fn busy() -> Failure {
    Failure::unavailable("there is no room for another request's body")
}
