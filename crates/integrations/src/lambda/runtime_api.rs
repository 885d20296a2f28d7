//! The Lambda Runtime API as one process sees it.
//!
//! Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes". The
//! status codes of calls out of turn are those of AWS's runtime interface emulator.
//!
//! Each process has a listener of its own on a free loopback port, because official runtime clients
//! take only `host:port` from `AWS_LAMBDA_RUNTIME_API`, so the port is what tells processes apart.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt as _;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use super::failure::MAX_RESPONSE;
use super::invocation::FunctionErrorKind;

const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";

/// One invocation as handed to the process.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) request_id: Arc<str>,
    pub(super) payload: Bytes,
    pub(super) deadline_ms: u128,
    pub(super) arn: String,
    pub(super) trace_id: String,
    pub(super) client_context: Option<String>,
}

/// What the process did.
#[derive(Debug)]
pub(super) enum Report {
    /// It asked for work: initialisation, or the last invocation, is over.
    Ready,
    /// It answered the running invocation.
    Answer {
        payload: Vec<u8>,
        error: Option<FunctionErrorKind>,
    },
    /// It answered with more than the limit.
    TooLarge,
    /// It cannot initialise.
    InitError { payload: Vec<u8> },
    /// It ended.
    Exited(std::process::ExitStatus),
}

/// Where the process stands in the protocol.
#[derive(Debug)]
enum Phase {
    Starting,
    /// It waits for work.
    Ready,
    /// Work waits to be taken.
    Offered(Job),
    Running(Arc<str>),
    /// It has answered but not yet asked for more.
    Answered,
    /// It could not initialise.
    Failed,
}

/// The conversation with one process.
pub(super) struct Session {
    phase: Mutex<Phase>,
    offered: Notify,
    reports: mpsc::UnboundedSender<Report>,
    /// The `Host` header that a runtime sends.
    authority: String,
}

impl Session {
    /// Hands work to a process that reported [`Report::Ready`].
    pub(super) fn offer(&self, job: Job) {
        *self.phase() = Phase::Offered(job);
        self.offered.notify_one();
    }

    /// Whether the offered work was never taken; it then no longer can be.
    pub(super) fn withdraw(&self) -> bool {
        let mut phase = self.phase();
        let untaken = matches!(*phase, Phase::Offered(_));
        if untaken {
            *phase = Phase::Failed;
        }
        untaken
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self, report: Report) {
        // Nobody listens any more once the sandbox is dropped.
        self.reports.send(report).ok();
    }

    /// Moves on if `request_id` is the running invocation.
    fn finish(&self, request_id: &str, report: Report) -> Result<(), Refusal> {
        let mut phase = self.phase();
        match &*phase {
            Phase::Running(running) if **running == *request_id => {
                *phase = Phase::Answered;
                self.report(report);
                Ok(())
            }
            _ => Err(Refusal::InvalidRequestId),
        }
    }
}

/// The listener of one process; dropping it closes the port.
pub(super) struct Server {
    pub(super) session: Arc<Session>,
    pub(super) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(reports: mpsc::UnboundedSender<Report>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let session = Arc::new(Session {
            phase: Mutex::new(Phase::Starting),
            offered: Notify::new(),
            reports,
            authority: address.to_string(),
        });
        let router = router(Arc::clone(&session));
        let task = tokio::spawn(async move {
            // It ends only by being aborted.
            axum::serve(listener, router).await.ok();
        });
        Ok(Self {
            session,
            address,
            task,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn router(session: Arc<Session>) -> Router {
    let api = Router::new()
        .route("/invocation/next", get(next))
        .route("/invocation/{request_id}/response", post(response))
        .route("/invocation/{request_id}/error", post(error))
        .route("/init/error", post(init_error));
    Router::new()
        .nest("/2018-06-01/runtime", api)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&session),
            only_runtimes,
        ))
        .with_state(session)
}

/// Refuses what a web page open in the user's browser could send to a loopback port.
async fn only_runtimes(
    State(session): State<Arc<Session>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let browser = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    if browser || host != Some(session.authority.as_str()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

async fn next(State(session): State<Arc<Session>>) -> Response {
    loop {
        // Created before the look at the phase, so that no offer between the two is missed.
        let offered = session.offered.notified();
        {
            let mut phase = session.phase();
            match &*phase {
                Phase::Starting | Phase::Answered => {
                    *phase = Phase::Ready;
                    session.report(Report::Ready);
                }
                Phase::Ready => {}
                Phase::Offered(job) => {
                    let response = handed_out(job);
                    *phase = Phase::Running(Arc::clone(&job.request_id));
                    return response;
                }
                Phase::Running(_) => return Refusal::transition("Running", "Ready"),
                Phase::Failed => return Refusal::transition("InitError", "Ready"),
            }
        }
        offered.await;
    }
}

fn handed_out(job: &Job) -> Response {
    let mut response = Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .header("Lambda-Runtime-Aws-Request-Id", &*job.request_id)
        .header("Lambda-Runtime-Deadline-Ms", job.deadline_ms.to_string())
        .header("Lambda-Runtime-Invoked-Function-Arn", &job.arn)
        .header("Lambda-Runtime-Trace-Id", &job.trace_id);
    if let Some(context) = &job.client_context {
        response = response.header("Lambda-Runtime-Client-Context", context.as_bytes());
    }
    // Every value was checked to be fit for a header where the job was made.
    response
        .body(Body::from(job.payload.clone()))
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn response(
    State(session): State<Arc<Session>>,
    Path(request_id): Path<String>,
    body: Body,
) -> Response {
    match read(body).await {
        Ok(Some((payload, trailers))) => {
            let report = match failed_midway(&trailers) {
                Some(payload) => Report::Answer {
                    payload,
                    error: Some(FunctionErrorKind::Unhandled),
                },
                None => Report::Answer {
                    payload,
                    error: None,
                },
            };
            accepted(session.finish(&request_id, report))
        }
        Ok(None) => match session.finish(&request_id, Report::TooLarge) {
            Ok(()) => Refusal::TooLarge.into_response(),
            Err(refusal) => refusal.into_response(),
        },
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn error(
    State(session): State<Arc<Session>>,
    Path(request_id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let handled = headers
        .get(ERROR_TYPE)
        .is_some_and(|kind| kind == "Handled");
    let kind = if handled {
        FunctionErrorKind::Handled
    } else {
        FunctionErrorKind::Unhandled
    };
    match read(body).await {
        Ok(Some((payload, _))) => accepted(session.finish(
            &request_id,
            Report::Answer {
                payload,
                error: Some(kind),
            },
        )),
        Ok(None) => match session.finish(&request_id, Report::TooLarge) {
            Ok(()) => Refusal::TooLarge.into_response(),
            Err(refusal) => refusal.into_response(),
        },
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn init_error(State(session): State<Arc<Session>>, body: Body) -> Response {
    let payload = match read(body).await {
        Ok(Some((payload, _))) => payload,
        Ok(None) => return Refusal::TooLarge.into_response(),
        Err(_) => return StatusCode::BAD_REQUEST.into_response(),
    };
    let mut phase = session.phase();
    if !matches!(*phase, Phase::Starting) {
        return Refusal::transition("Initialized", "InitError");
    }
    *phase = Phase::Failed;
    session.report(Report::InitError { payload });
    accepted(Ok(()))
}

/// Reads a body and its trailers; `None` if it is over the limit. It is read to its end even then,
/// because a client that is still writing would not see the refusal.
async fn read(mut body: Body) -> Result<Option<(Vec<u8>, HeaderMap)>, axum::Error> {
    let mut payload = Vec::new();
    let mut trailers = HeaderMap::new();
    let mut fits = true;
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(data) => {
                fits = fits && payload.len() + data.len() <= MAX_RESPONSE;
                if fits {
                    payload.extend_from_slice(&data);
                }
            }
            Err(frame) => {
                if let Ok(more) = frame.into_trailers() {
                    trailers.extend(more);
                }
            }
        }
    }
    Ok(fits.then_some((payload, trailers)))
}

/// The error that a streaming response reports after its data, if any.
fn failed_midway(trailers: &HeaderMap) -> Option<Vec<u8>> {
    trailers.get(ERROR_TYPE)?;
    let body = trailers
        .get(ERROR_BODY)
        .map(|body| STANDARD.decode(body.as_bytes()));
    Some(body.and_then(Result::ok).unwrap_or_default())
}

fn accepted(finished: Result<(), Refusal>) -> Response {
    match finished {
        Ok(()) => json_response(StatusCode::ACCEPTED, &json!({"status": "OK"})),
        Err(refusal) => refusal.into_response(),
    }
}

/// Why a call of the process is refused.
enum Refusal {
    InvalidRequestId,
    TooLarge,
}

impl Refusal {
    fn transition(from: &str, to: &str) -> Response {
        let message = format!(
            "State transition from {from} to {to} failed for runtime. Error: State transition is \
             not allowed"
        );
        json_response(
            StatusCode::FORBIDDEN,
            &json!({"errorType": "InvalidStateTransition", "errorMessage": message}),
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, kind, message) = match self {
            Self::InvalidRequestId => (
                StatusCode::BAD_REQUEST,
                "InvalidRequestID",
                "Invalid request ID".to_owned(),
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                format!("Exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."),
            ),
        };
        json_response(status, &json!({"errorType": kind, "errorMessage": message}))
    }
}

fn json_response(status: StatusCode, body: &serde_json::Value) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}
