//! Many clients on one thread that send one request over and over.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use crate::LoadError;
use crate::http::Connection;

/// Clients that send at the same time.
pub(super) const CLIENTS: usize = 64;

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(super) enum Until {
    /// After that time.
    Time(Duration),
    /// After so many requests.
    Count(u64),
}

/// Sends a request over and over, from all clients; how many were answered with success, and in
/// what time.
pub(super) async fn send(
    address: SocketAddr,
    request: Vec<u8>,
    until: Until,
) -> Result<(u64, Duration), LoadError> {
    let request: Rc<[u8]> = request.into();
    let sent = Rc::new(Cell::new(0_u64));
    let begun = Instant::now();
    let local = LocalSet::new();
    let mut clients = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        let (request, sent) = (request.clone(), sent.clone());
        clients.push(local.spawn_local(async move {
            let mut connection = Connection::open(address).await?;
            loop {
                let over = match until {
                    Until::Time(time) => begun.elapsed() >= time,
                    Until::Count(count) => sent.get() >= count,
                };
                if over {
                    return Ok::<_, LoadError>(());
                }
                sent.set(sent.get() + 1);
                let answer = connection.send(&request).await?;
                if !answer.is_ok() {
                    let said = String::from_utf8_lossy(answer.body).into_owned();
                    return Err(LoadError::Server(said));
                }
            }
        }));
    }
    local.await;
    for client in clients {
        let ended = client.await;
        ended.map_err(|error| LoadError::Server(error.to_string()))??;
    }
    Ok((sent.get(), begun.elapsed()))
}
