//! The API for the tasks of this process: the same reading, checking and doing, without HTTP.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};

use serde_json::Value;
use stepmill_engine::{Caller, Engine};
use stepmill_integrations::{Refusal, StepFunctions};
use tokio::sync::watch;

use crate::model::{LoadError, Model, Operation};
use crate::operations::Operations;
use crate::pages::PageKey;
use crate::protocol::Failure;
use crate::server::{Call, Closing};

/// The API for an engine's own tasks, which are made before the engine.
pub struct InProcess {
    model: Model,
    pages: PageKey,
    engine: OnceLock<Weak<Engine>>,
    /// What waits is ended by the engine.
    open: watch::Sender<bool>,
}

impl InProcess {
    /// An API that can be asked once an engine is attached to it.
    pub fn new(pages: PageKey) -> Result<Self, LoadError> {
        Ok(Self {
            model: Model::load()?,
            pages,
            engine: OnceLock::new(),
            open: watch::Sender::new(false),
        })
    }

    /// Attaches the engine. Only the first one counts.
    pub fn attach(&self, engine: &Arc<Engine>) {
        let _ = self.engine.set(Arc::downgrade(engine));
    }

    async fn ask(&self, caller: Caller, action: &str, request: &Value) -> Result<Value, Failure> {
        let Some(engine) = self.engine.get().and_then(Weak::upgrade) else {
            return Err(Failure::internal("the service is shutting down"));
        };
        let operation = Operation::named(action)
            .ok_or_else(|| Failure::unknown_operation(format!("There is no action {action}")))?;
        let body = request.to_string();
        let call = Call {
            caller,
            operation,
            request: self.model.read(operation, body.as_bytes())?,
            closing: Closing::when(self.open.subscribe()),
        };
        let operations = Operations::new(engine, self.pages.clone());
        let answer = operations.run(call).await?;
        serde_json::from_slice(&answer).map_err(|error| Failure::internal(error.to_string()))
    }
}

impl StepFunctions for InProcess {
    fn call<'a>(
        &'a self,
        account: &'a str,
        region: &'a str,
        action: &'a str,
        request: Value,
    ) -> Pin<Box<dyn Future<Output = Result<Value, Refusal>> + Send + 'a>> {
        let caller = Caller {
            account: account.to_owned(),
            region: region.to_owned(),
        };
        Box::pin(async move {
            let answer = self.ask(caller, action, &request).await;
            answer.map_err(|failure| Refusal {
                code: failure.code.into(),
                message: failure.message.map(String::from).unwrap_or_default(),
            })
        })
    }
}
