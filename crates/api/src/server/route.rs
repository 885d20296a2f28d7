//! The way of a request.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderValue, ORIGIN};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use jiff::Timestamp;
use stepmill_engine::Caller;

use super::Server;
use super::body::{self, Body};
use super::services::{Answered, Call, Health};
use crate::model::Operation;
use crate::protocol::{self, Failure, RequestId};

/// What a request turned out to be, for those who observe.
#[derive(Default)]
struct Seen {
    operation: Option<Operation>,
    bytes: usize,
}

/// The answer to a request.
pub(super) async fn answer(server: Arc<Server>, request: Request<Incoming>) -> Response<Bytes> {
    let start = Instant::now();
    let request_id = RequestId::new();
    let mut seen = Seen::default();
    let (parts, body) = request.into_parts();
    let result = route(&server, parts, body, &request_id, &mut seen).await;
    let failure = result.as_ref().err();
    (server.services.observe)(&Answered {
        request_id: &request_id,
        operation: seen.operation,
        code: failure.map(|failure| &*failure.code),
        internal: failure.and_then(|failure| failure.internal.as_deref()),
        bytes: seen.bytes,
        took: start.elapsed(),
    });
    result.unwrap_or_else(|failure| failure.response(&request_id))
}

async fn route(
    server: &Arc<Server>,
    parts: Parts,
    body: Incoming,
    request_id: &RequestId,
    seen: &mut Seen,
) -> Result<Response<Bytes>, Failure> {
    check_origin(&parts)?;
    let path = parts.uri.path();
    if path == "/" && parts.method == Method::POST {
        let answer = step_functions(server, &parts, body, seen).await?;
        return Ok(protocol::answer(request_id, answer));
    }
    if let Some(lambda) = &server.services.lambda
        && is_lambda(path)
    {
        let limit = server.limits.code;
        let (caller, body) = admit(server, &parts, body, "lambda", limit, seen).await?;
        let future = lambda(caller, parts, body.bytes.clone());
        return detached(future, body).await;
    }
    if parts.method == Method::GET {
        let probes = &server.services.probes;
        match path {
            "/health" => return Ok(health((probes.health)())),
            "/ready" => return Ok(health((probes.ready)())),
            "/metrics" => {
                let kind = "text/plain; version=0.0.4; charset=utf-8";
                return Ok(page(StatusCode::OK, kind, (probes.metrics)()));
            }
            _ => {}
        }
    }
    let message = "Requests are sent with POST to the path /";
    Err(Failure::not_found(message.to_owned()))
}

async fn step_functions(
    server: &Arc<Server>,
    parts: &Parts,
    body: Incoming,
    seen: &mut Seen,
) -> Result<Bytes, Failure> {
    let operation = protocol::operation(parts)?;
    seen.operation = Some(operation);
    let limit = server.limits.body;
    let (caller, body) = admit(server, parts, body, "states", limit, seen).await?;
    let call = Call {
        caller,
        operation,
        request: server.model.read(operation, &body.bytes)?,
        closing: server.closing.clone(),
    };
    let future = server.services.step_functions.call(call);
    match operation {
        Operation::GetActivityTask => future.await,
        _ => detached(future, body).await?,
    }
}

/// The caller and the body of a request that may be done.
async fn admit(
    server: &Server,
    parts: &Parts,
    body: Incoming,
    service: &str,
    limit: usize,
    seen: &mut Seen,
) -> Result<(Caller, Body), Failure> {
    let claim = server.auth.claim(parts, service, Timestamp::now())?;
    let body = body::read(body, limit, server.limits.body_time, &server.bodies).await?;
    seen.bytes = body.bytes.len();
    let caller = server
        .auth
        .verify(claim, parts, &body.bytes, Timestamp::now())?;
    Ok((caller, body))
}

/// What a future gives that runs on even if the client goes away, together with its request's body.
async fn detached<T: Send + 'static>(
    future: super::BoxFuture<T>,
    body: Body,
) -> Result<T, Failure> {
    let task = tokio::spawn(async move {
        let result = future.await;
        drop(body);
        result
    });
    // A panic is contained in its task.
    task.await
        .map_err(|error| Failure::internal(error.to_string()))
}

/// Refuses what a browser sends for a page that is not this server's.
///
/// A page of any site can send requests to addresses of its visitor's machine, and with a name that
/// it resolves to them even read the answers. Browsers tell the page's origin; programs send none.
fn check_origin(parts: &Parts) -> Result<(), Failure> {
    let Some(origin) = parts.headers.get(ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    if authority.is_some() && authority == host && authority.is_some_and(is_own_name) {
        return Ok(());
    }
    Err(Failure::common(
        StatusCode::FORBIDDEN,
        "AccessDeniedException",
        format!("Requests of pages of {origin} are not answered"),
    ))
}

/// Whether an authority cannot be a name that somebody else lets stand for this machine.
fn is_own_name(authority: &str) -> bool {
    let name = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.ends_with(".localhost") || name.parse::<std::net::IpAddr>().is_ok()
}

/// Whether a path is of the Lambda API, whose paths begin with the date of a version.
fn is_lambda(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.len() > 11
        && bytes[..12].iter().enumerate().all(|(at, c)| match at {
            0 | 11 => *c == b'/',
            5 | 8 => *c == b'-',
            _ => c.is_ascii_digit(),
        })
}

fn health(health: Health) -> Response<Bytes> {
    let kind = "text/plain; charset=utf-8";
    match health {
        Health::Well => page(StatusCode::OK, kind, "ok\n".to_owned()),
        Health::Failing(reason) => {
            page(StatusCode::SERVICE_UNAVAILABLE, kind, format!("{reason}\n"))
        }
    }
}

fn page(status: StatusCode, kind: &'static str, text: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambda_has_paths_with_a_date() {
        for path in [
            "/2015-03-31/functions",
            "/2015-03-31/",
            "/2020-06-30/functions/x/y",
        ] {
            assert!(is_lambda(path), "{path}");
        }
        for path in [
            "/",
            "",
            "/2015-03-31",
            "/health",
            "/2015-03-3x/functions",
            "/2015/03/31/f",
            "//015-03-31/",
        ] {
            assert!(!is_lambda(path), "{path}");
        }
    }

    #[test]
    fn a_browser_is_answered_only_for_pages_of_this_server() {
        let check = |origin: Option<&str>, host: &str| {
            let mut request = Request::builder().header(HOST, host);
            if let Some(origin) = origin {
                request = request.header(ORIGIN, origin);
            }
            check_origin(&request.body(()).unwrap().into_parts().0).is_ok()
        };
        for (origin, host) in [
            (None, "evil.example"),
            (Some("http://localhost:8083"), "localhost:8083"),
            (Some("http://a.localhost:8083"), "a.localhost:8083"),
            (Some("http://127.0.0.1:8083"), "127.0.0.1:8083"),
            (Some("http://[::1]:8083"), "[::1]:8083"),
        ] {
            assert!(check(origin, host), "{origin:?} {host}");
        }
        for (origin, host) in [
            ("http://evil.example", "localhost:8083"),
            ("http://evil.example:8083", "evil.example:8083"),
            ("http://localhost:3000", "localhost:8083"),
            ("http://127.0.0.1.evil.example", "127.0.0.1.evil.example"),
            ("null", "localhost:8083"),
            ("", "localhost:8083"),
        ] {
            assert!(!check(Some(origin), host), "{origin} {host}");
        }
    }
}
