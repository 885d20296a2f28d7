//! What a schedule does.

use crate::core::{Duration, Problem};
use crate::iam::Role;
use crate::resources::Queue;
use crate::value::{Text, Value};

const MAX_ATTEMPTS: u32 = 185;

/// What a schedule calls, and how.
#[derive(Debug, Clone)]
#[must_use]
pub struct EventBridgeSchedulerTarget {
    arn: Text,
    pub(super) role: Role,
    input: Option<Text>,
    retry_policy: Option<RetryPolicy>,
    dead_letter_queue: Option<Queue>,
}

/// How often and for how long the Scheduler tries to call a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many retries at most, up to 185.
    pub maximum_retry_attempts: u32,
    /// How old an event may become, from a minute to a day, in whole seconds.
    pub maximum_event_age: Duration,
}

impl RetryPolicy {
    /// So many retries at most, until the event is so old.
    pub const fn new(maximum_retry_attempts: u32, maximum_event_age: Duration) -> Self {
        Self {
            maximum_retry_attempts,
            maximum_event_age,
        }
    }
}

impl EventBridgeSchedulerTarget {
    /// Calls what has an ARN with the permissions of a role.
    pub fn new(arn: impl Into<Text>, role: &Role) -> Self {
        Self {
            arn: arn.into(),
            role: role.clone(),
            input: None,
            retry_policy: None,
            dead_letter_queue: None,
        }
    }

    /// What the target is called with.
    pub fn input(mut self, input: impl Into<Text>) -> Self {
        self.input = Some(input.into());
        self
    }

    /// How often and for how long it is tried.
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.retry_policy = Some(policy);
        self
    }

    /// Where events go that the target could not be called with.
    pub fn dead_letter_queue(mut self, queue: &Queue) -> Self {
        self.dead_letter_queue = Some(queue.clone());
        self
    }

    /// It as the Scheduler knows it.
    pub(super) fn render(self) -> Result<Value, Problem> {
        self.check()?;
        let retries = self.retry_policy.map(|policy| {
            crate::object! {
                "MaximumEventAgeInSeconds": policy.maximum_event_age.to_seconds(),
                "MaximumRetryAttempts": policy.maximum_retry_attempts,
            }
        });
        let dead_letters = self.dead_letter_queue.as_ref();
        Ok(Value::object([
            ("Arn", Some(self.arn.into())),
            ("RoleArn", Some(self.role.role_arn().into())),
            ("Input", self.input.map(Value::from)),
            ("RetryPolicy", retries),
            (
                "DeadLetterConfig",
                dead_letters.map(|queue| crate::object! {"Arn": queue.queue_arn()}),
            ),
        ]))
    }

    fn check(&self) -> Result<(), Problem> {
        let problem = |message: String| Err(Problem::property("target", message));
        if self.input.as_ref().and_then(Text::as_literal) == Some("") {
            return problem("Input must be at least 1 character long.".to_owned());
        }
        let Some(policy) = self.retry_policy else {
            return Ok(());
        };
        if policy.maximum_retry_attempts > MAX_ATTEMPTS {
            return problem(format!(
                "MaximumRetryAttempts must be an integer between 0 and 185, got {}",
                policy.maximum_retry_attempts
            ));
        }
        if !(Duration::minutes(1)..=Duration::days(1)).contains(&policy.maximum_event_age) {
            return problem(
                "MaximumEventAgeInSeconds must be between 60 and 86400 seconds".to_owned(),
            );
        }
        Ok(())
    }
}
