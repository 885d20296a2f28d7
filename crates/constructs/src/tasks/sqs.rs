//! SQS: sends messages.

use crate::core::{Duration, Feature, Problem, Scope};
use crate::iam::Statement;
use crate::resources::Queue;
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskInput, TaskScope, task_state,
};
use crate::value::{Text, Value};

/// Sends a message to a queue.
#[derive(Debug, Clone)]
#[must_use]
pub struct SqsSendMessage {
    scope: Scope,
    options: StateOptions,
    queue: Queue,
    message_body: TaskInput,
    delay: Option<Duration>,
    message_deduplication_id: Option<Text>,
    message_group_id: Option<Text>,
}

impl SqsSendMessage {
    /// Sends a message to a queue.
    pub fn new(scope: &Scope, id: &str, queue: &Queue, message_body: TaskInput) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            queue: queue.clone(),
            message_body,
            delay: None,
            message_deduplication_id: None,
            message_group_id: None,
        }
    }

    /// How long the message stays hidden, up to 15 minutes, in whole seconds; the queue's own delay unless said.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// What tells the message from others; only for FIFO queues.
    pub fn message_deduplication_id(mut self, id: impl Into<Text>) -> Self {
        self.message_deduplication_id = Some(id.into());
        self
    }

    /// The group within which messages keep their order; only for FIFO queues.
    pub fn message_group_id(mut self, id: impl Into<Text>) -> Self {
        self.message_group_id = Some(id.into());
        self
    }
}

task_state!(SqsSendMessage, define);

fn define(send: SqsSendMessage, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, WaitForTaskToken};

    let pattern = task.pattern(RequestResponse, &[RequestResponse, WaitForTaskToken])?;
    let missing =
        "Task Token is required in `messageBody` Use JsonPath.taskToken to set the token.";
    task.needs_token(
        pattern,
        "message_body",
        Some(send.message_body.value()),
        missing,
    )?;
    let parameters = Value::object([
        ("QueueUrl", Some(send.queue.queue_url().into())),
        ("MessageBody", Some(send.message_body.into_value())),
        (
            "DelaySeconds",
            send.delay.map(|delay| delay.to_seconds().into()),
        ),
        (
            "MessageDeduplicationId",
            send.message_deduplication_id.map(Value::from),
        ),
        ("MessageGroupId", send.message_group_id.map(Value::from)),
    ]);
    let known = [(send.queue.queue_url(), send.queue.queue_arn())];
    let mut definition = task.integration("sqs", "sendMessage", pattern, parameters, &known)?;
    // Version 1 left this to the author, who could not know of it.
    if let Some(key) = send.queue.key()
        && task.features().has(Feature::Version2)
    {
        let actions = ["kms:Decrypt", "kms:GenerateDataKey*"];
        definition
            .statements
            .push(Statement::allow(actions, [key.key_arn()]));
    }
    Ok(definition)
}
