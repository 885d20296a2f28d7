//! What a server answers with, given by its owner.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use serde_json::{Map, Value};
use stepmill_engine::Caller;
use tokio::sync::watch;

use crate::model::Operation;
use crate::protocol::{Failure, RequestId};

/// A future that a trait's method or a function value returns.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Answers requests of another HTTP API on the same port.
pub type Handler = Arc<dyn Fn(Caller, Parts, Bytes) -> BoxFuture<Response<Bytes>> + Send + Sync>;

/// Does the actions of Step Functions.
pub trait StepFunctions: Send + Sync + 'static {
    /// Does one and gives the answer's JSON.
    ///
    /// It runs to its end even if its client goes away, so that nothing is half done; only
    /// `GetActivityTask` is dropped then, since it would hand a task to nobody.
    fn call(&self, call: Call) -> BoxFuture<Result<Bytes, Failure>>;
}

/// A call of an action whose request is as the API's model demands.
#[derive(Debug)]
pub struct Call {
    /// Who calls.
    pub caller: Caller,
    /// Which action.
    pub operation: Operation,
    /// The request's members that the model knows, without those that were `null`.
    pub request: Map<String, Value>,
    /// When the server is about to stop.
    pub closing: Closing,
}

/// Tells when the server is about to stop, to those who would let a client wait.
#[derive(Debug, Clone)]
pub struct Closing(pub(super) watch::Receiver<bool>);

impl Closing {
    /// Tells when `receiver` becomes true.
    pub(crate) fn when(receiver: watch::Receiver<bool>) -> Self {
        Self(receiver)
    }

    /// Returns when the server is about to stop.
    pub async fn closed(&mut self) {
        // An error means that the server is gone altogether.
        let _ = self.0.wait_for(|closing| *closing).await;
    }
}

/// Everything that a server answers with.
#[derive(Clone)]
pub struct Services {
    /// Step Functions.
    pub step_functions: Arc<dyn StepFunctions>,
    /// Lambda: paths that begin with a date, as `/2015-03-31/functions`.
    pub lambda: Option<Handler>,
    /// The server's own pages.
    pub probes: Probes,
    /// Told about every request that was answered: for metrics and logs.
    pub observe: Arc<dyn Fn(&Answered<'_>) + Send + Sync>,
}

/// `GET /health`, `/ready` and `/metrics`. They need no signature.
#[derive(Clone)]
pub struct Probes {
    /// Whether the process works.
    pub health: Arc<dyn Fn() -> Health + Send + Sync>,
    /// Whether it can take requests.
    pub ready: Arc<dyn Fn() -> Health + Send + Sync>,
    /// Metrics in Prometheus' text format.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

/// How something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Well.
    Well,
    /// Not well, for this reason.
    Failing(String),
}

/// A request that was answered.
#[derive(Debug)]
pub struct Answered<'a> {
    /// The id in its answer.
    pub request_id: &'a RequestId,
    /// The action, if it named one.
    pub operation: Option<Operation>,
    /// The code of the error that it was answered with.
    pub code: Option<&'a str>,
    /// What was wrong inside, if something was. No client learns it.
    pub internal: Option<&'a str>,
    /// Bytes of its body.
    pub bytes: usize,
    /// From its headers to its answer.
    pub took: Duration,
}
