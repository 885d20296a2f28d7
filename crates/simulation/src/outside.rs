//! The world outside of the engine: services that take calls, and workers that hold task tokens.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use stepmill_engine::{Engine, Tasks};
use stepmill_integrations::{Call, Integrations, Outcome, Progress, StopError};
use stepmill_interpreter::Reason;

use crate::power::Power;
use crate::workload::{ACTIVITY, Result, result};

/// What outlives the engine: the services and the workers do not crash with it.
#[derive(Default)]
pub(crate) struct Outside {
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    calls: Vec<SeenCall>,
    /// Tokens whose holders have work to tell of.
    tokens: Vec<Token>,
}

/// A call that a service has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenCall {
    pub(crate) execution: String,
    pub(crate) task: u64,
    pub(crate) input: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    token: String,
    result: Result,
}

impl Outside {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls that services have seen.
    pub(crate) fn calls(&self) -> Vec<SeenCall> {
        self.seen().calls.clone()
    }

    fn hold(&self, token: &str, result: Result) {
        let mut seen = self.seen();
        if !seen.tokens.iter().any(|known| known.token == token) {
            seen.tokens.push(Token {
                token: token.to_owned(),
                result,
            });
        }
    }

    /// Workers tell of their tasks, now and then twice, until they have been heard.
    pub(crate) async fn tell(self: Arc<Self>, engine: Arc<Engine>, power: Arc<Power>) {
        loop {
            tokio::time::sleep(Duration::from_millis(200 + power.random.below(3_000))).await;
            let tokens = self.seen().tokens.clone();
            if tokens.is_empty() {
                continue;
            }
            let chosen = usize::try_from(power.random.below(tokens.len() as u64)).unwrap_or(0);
            let Token { token, result } = tokens[chosen].clone();
            if !power.step("tell of a task") {
                return;
            }
            if power.random.once_in(4) {
                // A sign of life changes nothing.
                let _ = engine.send_task_heartbeat(&token).await;
            }
            let twice = power.random.once_in(3);
            for _ in 0..=u8::from(twice) {
                let heard = match &result {
                    Result::Output(output) => engine.send_task_success(&token, output).await,
                    Result::Flaky => engine.send_task_failure(&token, flaky()).await,
                };
                if power.has_failed() {
                    return;
                }
                // Whether heard or too late: there is nothing more to tell.
                power.note(if heard.is_ok() { "heard" } else { "refused" });
            }
            self.seen().tokens.retain(|known| known.token != token);
        }
    }

    /// A worker of the activity.
    pub(crate) async fn work(self: Arc<Self>, seed: u64, engine: Arc<Engine>, power: Arc<Power>) {
        loop {
            let task = engine.get_activity_task(ACTIVITY, Some("worker")).await;
            if power.has_failed() {
                return;
            }
            let Ok(Some(task)) = task else {
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            };
            if !power.step("a worker takes a task") {
                return;
            }
            // The input tells which task it is: each is worked at once in each execution.
            self.hold(&task.token, result(seed, &task.input, "work", "{}", 9));
        }
    }
}

fn flaky() -> Reason {
    Reason {
        error: Some("Flaky".into()),
        cause: Some("as the seed says".into()),
    }
}

/// The services that tasks call.
pub(crate) struct Services {
    pub(crate) seed: u64,
    pub(crate) outside: Arc<Outside>,
    pub(crate) power: Arc<Power>,
    pub(crate) integrations: Integrations,
}

impl Services {
    async fn answer(&self, call: &Call, progress: &(dyn Fn(Progress) + Sync)) -> Outcome {
        let resource = call.resource.to_string();
        if !self
            .power
            .step(&format!("call {} {}", call.state, call.task))
        {
            // The machine is off.
            return std::future::pending().await;
        }
        self.outside.seen().calls.push(SeenCall {
            execution: call.execution_arn.clone(),
            task: call.task,
            input: call.input.clone(),
        });
        if resource.contains("startExecution") {
            return self.integrations.run(call, progress).await;
        }
        let name = call.execution_arn.rsplit(':').next().unwrap_or_default();
        let name = if name.starts_with("job-") {
            name
        } else {
            "child"
        };
        let result = result(self.seed, name, &call.state, &call.input, call.attempt);
        let millis = self.power.random.below(4_000);
        tokio::time::sleep(Duration::from_millis(millis)).await;
        if !self
            .power
            .step(&format!("answer {} {}", call.state, call.task))
        {
            return std::future::pending().await;
        }
        if let Some(token) = &call.token {
            self.outside.hold(token, result);
            let response: Value = json!({ "MessageId": "1" });
            return Outcome::Submitted(response.to_string());
        }
        match result {
            Result::Output(output) => Outcome::Succeeded(output),
            Result::Flaky => Outcome::failed("Flaky", "as the seed says"),
        }
    }
}

impl Tasks for Services {
    fn run<'a>(
        &'a self,
        call: &'a Call,
        progress: &'a (dyn Fn(Progress) + Sync),
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>> {
        Box::pin(self.answer(call, progress))
    }

    fn stop<'a>(
        &'a self,
        call: &'a Call,
    ) -> Pin<Box<dyn Future<Output = std::result::Result<(), StopError>> + Send + 'a>> {
        Box::pin(async move {
            if !self
                .power
                .step(&format!("stop {} {}", call.state, call.task))
            {
                return std::future::pending().await;
            }
            self.integrations.stop(call).await
        })
    }
}
