//! The body of a request, within its limits.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::busy;
use crate::protocol::Failure;

/// Bodies up to this size are not counted: they are no larger than the headers of a request may be.
const SMALL: usize = 16 * 1024;
/// So much of a body that is too large is read and dropped, so that its client, which writes before
/// it reads, learns why it was refused.
const DROPPED: usize = 16 * 1024 * 1024;
/// Time for that.
const DROP_TIME: Duration = Duration::from_secs(5);

/// A body, with its share of the memory for bodies.
pub(super) struct Body {
    pub(super) bytes: Bytes,
    _share: Option<OwnedSemaphorePermit>,
}

/// Reads a body of at most `limit` bytes within `time`.
pub(super) async fn read(
    mut body: Incoming,
    limit: usize,
    time: Duration,
    room: &Arc<Semaphore>,
) -> Result<Body, Failure> {
    let declared = body.size_hint().upper();
    let most = declared.map_or(limit, |size| usize::try_from(size).unwrap_or(usize::MAX));
    if most > limit {
        if most <= limit.saturating_add(DROPPED) {
            drop_rest(&mut body).await;
        }
        return Err(too_large(limit));
    }
    let mut share = None;
    if most > SMALL {
        // The whole of it at once: bodies that wait for each other's room would wait forever.
        let kilobytes = u32::try_from(most.div_ceil(1024)).map_err(|_| too_large(limit))?;
        let permit = Arc::clone(room).try_acquire_many_owned(kilobytes);
        share = Some(permit.map_err(|_| busy().closing())?);
    }
    // A declared size is only a promise: memory is taken as bytes arrive.
    match timeout(time, collect(&mut body, limit)).await {
        Ok(Ok(Some(bytes))) => Ok(Body {
            bytes,
            _share: share,
        }),
        Ok(Ok(None)) => {
            drop_rest(&mut body).await;
            Err(too_large(limit))
        }
        Ok(Err(_)) => Err(Failure::serialization(None).closing()),
        Err(_) => Err(Failure::common(
            StatusCode::REQUEST_TIMEOUT,
            "RequestTimeout",
            format!(
                "The request's body did not arrive within {} seconds",
                time.as_secs()
            ),
        )
        .closing()),
    }
}

/// The bytes; `None` if there are more than `limit`.
async fn collect(body: &mut Incoming, limit: usize) -> Result<Option<Bytes>, hyper::Error> {
    let mut first: Option<Bytes> = None;
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        let length = bytes.len() + first.as_ref().map_or(0, Bytes::len);
        if length + data.len() > limit {
            return Ok(None);
        }
        // Most bodies come in one piece, which need not be copied.
        match first.take() {
            None if bytes.is_empty() => first = Some(data),
            None => bytes.extend_from_slice(&data),
            Some(head) => {
                bytes.extend_from_slice(&head);
                bytes.extend_from_slice(&data);
            }
        }
    }
    Ok(Some(first.unwrap_or_else(|| bytes.freeze())))
}

async fn drop_rest(body: &mut Incoming) {
    let drop = async {
        let mut dropped = 0;
        while let Some(Ok(frame)) = body.frame().await
            && dropped <= DROPPED
        {
            dropped += frame.data_ref().map_or(0, Bytes::len);
        }
    };
    let _ = timeout(DROP_TIME, drop).await;
}

fn too_large(limit: usize) -> Failure {
    Failure::common(
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestEntityTooLargeException",
        format!("The request's body is larger than {limit} bytes"),
    )
    .closing()
}
