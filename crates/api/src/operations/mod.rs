//! The actions, each as a request read, a call of the engine and an answer written.

mod activities;
mod aliases;
mod definitions;
mod encode;
mod executions;
mod history;
mod in_process;
mod map_runs;
mod paging;
mod state_machines;
mod tags;
mod tasks;
mod test_state;
mod versions;

pub use in_process::InProcess;

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use stepmill_engine::Engine;

use crate::model::Operation;
use crate::pages::PageKey;
use crate::protocol::Failure;
use crate::server::{BoxFuture, Call, StepFunctions};

/// Step Functions, done by an engine.
#[derive(Clone)]
pub struct Operations {
    engine: Arc<Engine>,
    pages: PageKey,
}

impl Operations {
    /// The actions of this engine. `pages` seals page tokens.
    pub fn new(engine: Arc<Engine>, pages: PageKey) -> Self {
        Self { engine, pages }
    }

    pub(crate) async fn run(self, call: Call) -> Result<Bytes, Failure> {
        let Call {
            caller,
            operation,
            request,
            closing,
        } = call;
        match operation {
            Operation::CreateActivity => self.create_activity(&caller, read(request)?).await,
            Operation::CreateStateMachine => {
                self.create_state_machine(&caller, read(request)?).await
            }
            Operation::CreateStateMachineAlias => self.create_alias(read(request)?).await,
            Operation::DeleteActivity => self.delete_activity(read(request)?).await,
            Operation::DeleteStateMachine => self.delete_state_machine(read(request)?).await,
            Operation::DeleteStateMachineAlias => self.delete_alias(read(request)?).await,
            Operation::DeleteStateMachineVersion => self.delete_version(read(request)?).await,
            Operation::DescribeActivity => self.describe_activity(&read(request)?),
            Operation::DescribeExecution => self.describe_execution(&read(request)?),
            Operation::DescribeMapRun => map_runs::describe(&read(request)?),
            Operation::DescribeStateMachine => self.describe_state_machine(&read(request)?),
            Operation::DescribeStateMachineAlias => self.describe_alias(&read(request)?),
            Operation::DescribeStateMachineForExecution => {
                self.describe_state_machine_for_execution(&read(request)?)
            }
            Operation::GetActivityTask => self.get_activity_task(read(request)?, closing).await,
            Operation::GetExecutionHistory => self.history(&caller, &read(request)?),
            Operation::ListActivities => self.list_activities(&caller, &read(request)?),
            Operation::ListExecutions => self.list_executions(&caller, &read(request)?),
            Operation::ListMapRuns => self.list_map_runs(&read(request)?),
            Operation::ListStateMachineAliases => self.list_aliases(&caller, &read(request)?),
            Operation::ListStateMachineVersions => self.list_versions(&caller, &read(request)?),
            Operation::ListStateMachines => self.list_state_machines(&caller, &read(request)?),
            Operation::ListTagsForResource => self.list_tags(&read(request)?),
            Operation::PublishStateMachineVersion => self.publish_version(read(request)?).await,
            Operation::RedriveExecution => self.redrive_execution(read(request)?).await,
            Operation::SendTaskFailure => self.send_task_failure(read(request)?).await,
            Operation::SendTaskHeartbeat => self.send_task_heartbeat(read(request)?).await,
            Operation::SendTaskSuccess => self.send_task_success(read(request)?).await,
            Operation::StartExecution => self.start_execution(read(request)?).await,
            Operation::StartSyncExecution => self.start_sync_execution(read(request)?).await,
            Operation::StopExecution => self.stop_execution(read(request)?).await,
            Operation::TagResource => self.tag(read(request)?).await,
            Operation::TestState => self.test_state(&caller, &read(request)?).await,
            Operation::UntagResource => self.untag(read(request)?).await,
            Operation::UpdateMapRun => map_runs::update(&read(request)?),
            Operation::UpdateStateMachine => self.update_state_machine(read(request)?).await,
            Operation::UpdateStateMachineAlias => self.update_alias(read(request)?).await,
            Operation::ValidateStateMachineDefinition => {
                definitions::validate(read(request)?).await
            }
        }
    }
}

impl StepFunctions for Operations {
    fn call(&self, call: Call) -> BoxFuture<Result<Bytes, Failure>> {
        Box::pin(self.clone().run(call))
    }
}

/// A request as its action's type. It has been checked against the model, so this fails only if
/// the type is not the model's.
fn read<T: DeserializeOwned>(request: Map<String, Value>) -> Result<T, Failure> {
    serde_json::from_value(Value::Object(request))
        .map_err(|error| Failure::internal(format!("a request is not of its type: {error}")))
}

/// An answer, written once.
fn write(answer: &impl Serialize) -> Result<Bytes, Failure> {
    let json = serde_json::to_vec(answer)
        .map_err(|error| Failure::internal(format!("an answer cannot be written: {error}")))?;
    Ok(Bytes::from(json))
}

/// The answer of actions that have nothing to say.
fn nothing() -> Bytes {
    Bytes::from_static(b"{}")
}
