//! One connection.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;

use super::stream::Stream;
use super::{Server, route};

/// Headers of one request.
const MAX_HEADERS: usize = 100;

/// What a connection beyond the limit is told.
const TURNED_AWAY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/x-amz-json-1.0\r\n\
    content-length: 133\r\n\
    connection: close\r\n\r\n\
    {\"__type\":\"com.amazon.coral.service#ServiceUnavailable\",\
    \"message\":\"The request has failed due to a temporary failure of the server.\"}";

/// Answers a connection's requests until it ends or the server stops.
pub(super) async fn run(server: Arc<Server>, stream: TcpStream) {
    // Answers are written at once and whole: there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    let limits = &server.limits;
    let stream = TokioIo::new(Stream::new(stream, limits.write_time));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .max_buf_size(limits.headers.max(8192))
        .max_headers(MAX_HEADERS);
    let mut closing = server.closing.clone();
    let service = service_fn(|request| {
        let answer = route::answer(Arc::clone(&server), request);
        // Boxed, so that a connection without a request has no room for one.
        Box::pin(async move { Ok::<_, Infallible>(answer.await.map(Full::new)) })
    });
    let mut connection = std::pin::pin!(builder.serve_connection(stream, service));
    // How a connection ends is the client's affair: it has gone, or was too slow.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = closing.closed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// Answers a connection for which there is no room, without waiting for anything.
pub(super) fn turn_away(stream: &TcpStream) {
    // Nothing has been written to it, so this fits into its buffer or the client has gone.
    let _ = stream.try_write(TURNED_AWAY);
}

#[cfg(test)]
mod tests {
    use super::TURNED_AWAY;

    #[test]
    fn the_length_is_right() {
        let text = std::str::from_utf8(TURNED_AWAY).unwrap();
        let (headers, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(headers.contains(&format!("content-length: {}", body.len())));
        assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
    }
}
