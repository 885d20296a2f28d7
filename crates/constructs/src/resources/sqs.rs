//! SQS queues.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use super::is_fifo_name;
use super::kms::Key;
use crate::core::{Arn, ArnFormat, CfnResource, Duration, Problem, RemovalPolicy, Scope};
use crate::iam::{Grant, Grantable, OnResource, ResourcePolicy, ResourceWithPolicy, Statement};
use crate::value::{Pseudo, Text, Value};

/// A queue, made in the stack or imported.
///
/// It is a handle: clones are the same queue.
#[derive(Clone, Debug)]
pub struct Queue {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    scope: Scope,
    arn: Text,
    url: Text,
    name: Text,
    /// None if it was imported: then its policy is somebody else's.
    resource: Option<CfnResource>,
    encryption_key: OnceCell<Key>,
    policy: ResourcePolicy,
    order: Rc<Order>,
}

/// What was said of the order of a queue's messages.
#[derive(Debug, Default)]
struct Order {
    fifo: Cell<Option<bool>>,
    content_based_deduplication: Cell<bool>,
    name: OnceCell<Text>,
}

impl Queue {
    /// A queue. Further properties are set by [`property`](Self::property).
    pub fn new(scope: &Scope, id: &str) -> Self {
        let place = scope.child(id);
        let resource = CfnResource::new(&place, "Resource", "AWS::SQS::Queue");
        resource.removal_policy(RemovalPolicy::Destroy);
        let order = Rc::new(Order::default());
        let lazily = order.clone();
        let resource = resource.lazy_property("FifoQueue", move || lazily.fifo().map(Value::from));
        let checked = order.clone();
        place.check(move || checked.problems());
        Self {
            inner: Rc::new(Inner {
                scope: place,
                arn: resource.attribute("Arn"),
                url: resource.reference(),
                name: resource.attribute("QueueName"),
                resource: Some(resource),
                encryption_key: OnceCell::new(),
                policy: ResourcePolicy::default(),
                order,
            }),
        }
    }

    /// A queue that exists already.
    pub fn from_queue_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        let arn = arn.into();
        let split = Arn::split(&arn);
        let name = split.resource_name(ArnFormat::NoName);
        let url = Text::concat([
            Text::from("https://sqs."),
            split.region(),
            ".".into(),
            Pseudo::UrlSuffix.into(),
            "/".into(),
            split.account(),
            "/".into(),
            name.clone(),
        ]);
        let order = Order::default();
        let fifo = name.as_literal().is_some_and(is_fifo_name);
        order.fifo.set(Some(fifo));
        Self {
            inner: Rc::new(Inner {
                scope: scope.child(id),
                arn,
                url,
                name,
                resource: None,
                encryption_key: OnceCell::new(),
                policy: ResourcePolicy::default(),
                order: Rc::new(order),
            }),
        }
    }

    /// Sets a property of the resource: `("DeduplicationScope", "messageGroup")`; nothing for an imported queue.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.inner.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its name, which ends with `.fifo` for a FIFO queue; CloudFormation makes one unless said.
    pub fn name(self, name: impl Into<Text>) -> Self {
        let name = name.into();
        if self.inner.order.name.set(name.clone()).is_err() {
            self.report("name", "the queue has a name already".to_owned());
        }
        self.property("QueueName", name)
    }

    /// Whether messages come out in the order in which they were sent, each once.
    pub fn fifo(self, fifo: bool) -> Self {
        self.inner.order.fifo.set(Some(fifo));
        self
    }

    /// Whether messages with the same body are the same message; only for FIFO queues.
    pub fn content_based_deduplication(self, by_content: bool) -> Self {
        self.inner.order.content_based_deduplication.set(by_content);
        self.property("ContentBasedDeduplication", by_content)
    }

    /// The key that messages are encrypted with. For an imported queue it says which one that is.
    pub fn encryption_master_key(self, key: &Key) -> Self {
        if self.inner.encryption_key.set(key.clone()).is_err() {
            let message = "the queue has a key already".to_owned();
            self.report("encryption_master_key", message);
        }
        self.property("KmsMasterKeyId", key.key_arn())
    }

    /// How long a message that was received stays hidden, up to 12 hours.
    pub fn visibility_timeout(self, timeout: Duration) -> Self {
        let range = Range("visibility timeout", 0, 43_200);
        self.seconds("visibility_timeout", "VisibilityTimeout", timeout, &range)
    }

    /// How long messages stay hidden at first, up to 15 minutes.
    pub fn delivery_delay(self, delay: Duration) -> Self {
        let range = Range("delivery delay", 0, 900);
        self.seconds("delivery_delay", "DelaySeconds", delay, &range)
    }

    /// How long messages are kept, from a minute to 14 days.
    pub fn retention_period(self, period: Duration) -> Self {
        let range = Range("message retention period", 60, 1_209_600);
        self.seconds("retention_period", "MessageRetentionPeriod", period, &range)
    }

    /// How long receiving waits for messages, up to 20 seconds.
    pub fn receive_message_wait_time(self, time: Duration) -> Self {
        let range = Range("receive wait time", 0, 20);
        let property = "ReceiveMessageWaitTimeSeconds";
        self.seconds("receive_message_wait_time", property, time, &range)
    }

    fn seconds(
        self,
        method: &'static str,
        property: &str,
        duration: Duration,
        range: &Range,
    ) -> Self {
        let seconds = duration.to_seconds();
        if let Some(message) = range.problem(seconds) {
            self.report(method, message);
        }
        self.property(property, seconds)
    }

    /// Where messages go that were received too often.
    pub fn dead_letter_queue(self, queue: &Queue, max_receive_count: u32) -> Self {
        if max_receive_count == 0 {
            let message =
                "dead letter target maximum receive count must be 1 or more, but 0 was provided";
            self.report("dead_letter_queue", message.to_owned());
        }
        let policy = crate::object! {
            "deadLetterTargetArn": queue.queue_arn(),
            "maxReceiveCount": max_receive_count,
        };
        self.property("RedrivePolicy", policy)
    }

    /// What happens to it when it leaves the stack; it is deleted unless said.
    pub fn removal_policy(self, policy: RemovalPolicy) -> Self {
        if let Some(resource) = &self.inner.resource {
            resource.removal_policy(policy);
        }
        self
    }

    fn report(&self, property: &'static str, message: String) {
        self.inner
            .scope
            .report(Problem::property(property, message));
    }

    /// Allows to send messages.
    pub fn grant_send_messages(&self, grantee: &dyn Grantable) -> Grant {
        let actions = [
            "sqs:SendMessage",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
        ];
        let grant = self.grant(grantee, &actions);
        if let Some(key) = self.key() {
            key.grant_encrypt_decrypt(grantee);
        }
        grant
    }

    /// Allows to receive and delete messages.
    pub fn grant_consume_messages(&self, grantee: &dyn Grantable) -> Grant {
        let actions = [
            "sqs:ReceiveMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueUrl",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
        ];
        let grant = self.grant(grantee, &actions);
        if let Some(key) = self.key() {
            key.grant_decrypt(grantee);
        }
        grant
    }

    /// Allows to delete all messages.
    pub fn grant_purge(&self, grantee: &dyn Grantable) -> Grant {
        let actions = [
            "sqs:PurgeQueue",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
        ];
        self.grant(grantee, &actions)
    }

    /// Allows actions on it.
    pub fn grant(&self, grantee: &dyn Grantable, actions: &[&str]) -> Grant {
        Grant::add_to_principal_or_resource(OnResource {
            grantee,
            statement: Statement::allow(actions.iter().copied(), [self.queue_arn()]),
            resource: self,
            itself: None,
        })
    }

    /// Its ARN.
    pub fn queue_arn(&self) -> Text {
        self.inner.arn.clone()
    }

    /// Its URL.
    pub fn queue_url(&self) -> Text {
        self.inner.url.clone()
    }

    /// Its name.
    pub fn queue_name(&self) -> Text {
        self.inner.name.clone()
    }

    /// The key that its messages are encrypted with.
    pub(crate) fn key(&self) -> Option<&Key> {
        self.inner.encryption_key.get()
    }
}

impl ResourceWithPolicy for Queue {
    fn add_to_resource_policy(&self, statement: Statement) -> bool {
        let inner = &self.inner;
        if inner.resource.is_some() {
            let of = ("Queues", [self.queue_url()]);
            inner
                .policy
                .add(&inner.scope, "AWS::SQS::QueuePolicy", of, statement);
        }
        inner.resource.is_some()
    }

    fn resource_account(&self) -> Text {
        self.inner.scope.account()
    }
}

impl Order {
    /// Whether it is a FIFO queue, which may follow from other properties; none if nothing says so.
    fn fifo(&self) -> Option<bool> {
        let by_name = self.ends_with_fifo() == Some(true);
        let follows = by_name || self.content_based_deduplication.get();
        self.fifo.get().or(follows.then_some(true))
    }

    fn ends_with_fifo(&self) -> Option<bool> {
        Some(is_fifo_name(self.name.get()?.as_literal()?))
    }

    fn problems(&self) -> Vec<Problem> {
        let fifo = self.fifo().unwrap_or_default();
        let mut problems = Vec::new();
        match self.ends_with_fifo() {
            Some(false) if fifo => problems.push(Problem::property(
                "name",
                "FIFO queue names must end in '.fifo'",
            )),
            Some(true) if !fifo => problems.push(Problem::property(
                "name",
                "Non-FIFO queue name may not end in '.fifo'",
            )),
            _ => {}
        }
        if self.content_based_deduplication.get() && !fifo {
            let message = "Content-based deduplication can only be defined for FIFO queues";
            problems.push(Problem::property("content_based_deduplication", message));
        }
        problems
    }
}

/// What a number of seconds is, and the least and most that it may be.
struct Range(&'static str, u64, u64);

impl Range {
    fn problem(&self, seconds: u64) -> Option<String> {
        let Self(label, least, most) = self;
        if seconds < *least {
            return Some(format!(
                "{label} must be {least} seconds or more, but {seconds} was provided"
            ));
        }
        (seconds > *most)
            .then(|| format!("{label} must be {most} seconds or less, but {seconds} was provided"))
    }
}
