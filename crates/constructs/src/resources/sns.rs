//! SNS topics.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use super::is_fifo_name;
use super::kms::Key;
use crate::core::{Arn, ArnFormat, CfnResource, Feature, Problem, Scope};
use crate::iam::{Grant, Grantable, OnResource, ResourcePolicy, ResourceWithPolicy, Statement};
use crate::value::{Text, Value};

/// A topic, made in the stack or imported.
///
/// It is a handle: clones are the same topic.
#[derive(Clone, Debug)]
pub struct Topic {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    scope: Scope,
    arn: Text,
    name: Text,
    /// None if it was imported: then its policy is somebody else's.
    resource: Option<CfnResource>,
    master_key: OnceCell<Key>,
    policy: ResourcePolicy,
    order: Rc<Order>,
}

/// What was said of the order of a topic's messages.
#[derive(Debug, Default)]
struct Order {
    fifo: Cell<bool>,
    content_based_deduplication: Cell<bool>,
    name: OnceCell<Text>,
}

impl Topic {
    /// A topic. Further properties are set by [`property`](Self::property).
    pub fn new(scope: &Scope, id: &str) -> Self {
        let place = scope.child(id);
        let order = Rc::new(Order::default());
        let named = order.clone();
        let resource = CfnResource::new(&place, "Resource", "AWS::SNS::Topic")
            .lazy_property("TopicName", move || named.name().map(Value::from));
        let checked = order.clone();
        place.check(move || checked.problems());
        Self {
            inner: Rc::new(Inner {
                scope: place,
                arn: resource.reference(),
                name: resource.attribute("TopicName"),
                resource: Some(resource),
                master_key: OnceCell::new(),
                policy: ResourcePolicy::with_sids(),
                order,
            }),
        }
    }

    /// A topic that exists already. It is a FIFO topic if its name ends with `.fifo`.
    pub fn from_topic_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        let arn = arn.into();
        let name = Arn::split(&arn).resource_name(ArnFormat::NoName);
        let order = Order::default();
        let fifo = name.as_literal().is_some_and(is_fifo_name);
        order.fifo.set(fifo);
        Self {
            inner: Rc::new(Inner {
                scope: scope.child(id),
                arn,
                name,
                resource: None,
                master_key: OnceCell::new(),
                policy: ResourcePolicy::with_sids(),
                order: Rc::new(order),
            }),
        }
    }

    /// Sets a property of the resource: `("TracingConfig", "Active")`; nothing for an imported topic.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.inner.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its name, to which `.fifo` is added for a FIFO topic; CloudFormation makes one unless said.
    pub fn name(self, name: impl Into<Text>) -> Self {
        if self.inner.order.name.set(name.into()).is_err() {
            let problem = Problem::property("name", "the topic has a name already");
            self.inner.scope.report(problem);
        }
        self
    }

    /// What people see as the sender.
    pub fn display_name(self, name: impl Into<Text>) -> Self {
        self.property("DisplayName", name.into())
    }

    /// The key that messages are encrypted with.
    pub fn master_key(self, key: &Key) -> Self {
        if self.inner.master_key.set(key.clone()).is_err() {
            let problem = Problem::property("master_key", "the topic has a key already");
            self.inner.scope.report(problem);
        }
        self.property("KmsMasterKeyId", key.key_arn())
    }

    /// Whether messages are delivered in the order in which they were sent, each once. Such a topic must have a name.
    pub fn fifo(self, fifo: bool) -> Self {
        self.inner.order.fifo.set(fifo);
        self.property("FifoTopic", fifo)
    }

    /// Whether messages with the same body are the same message; only for FIFO topics.
    pub fn content_based_deduplication(self, by_content: bool) -> Self {
        self.inner.order.content_based_deduplication.set(by_content);
        self.property("ContentBasedDeduplication", by_content)
    }

    /// Allows to publish messages.
    pub fn grant_publish(&self, grantee: &dyn Grantable) -> Grant {
        let grant = Grant::add_to_principal_or_resource(OnResource {
            grantee,
            statement: Statement::allow(["sns:Publish"], [self.topic_arn()]),
            resource: self,
            itself: None,
        });
        if let Some(key) = self.inner.master_key.get()
            && self.inner.scope.has(Feature::Version2)
        {
            key.grant(grantee, &["kms:Decrypt", "kms:GenerateDataKey*"]);
        }
        grant
    }

    /// Its ARN.
    pub fn topic_arn(&self) -> Text {
        self.inner.arn.clone()
    }

    /// Its name.
    pub fn topic_name(&self) -> Text {
        self.inner.name.clone()
    }

    /// Whether it is a FIFO topic.
    pub(crate) fn is_fifo(&self) -> bool {
        self.inner.order.fifo.get()
    }

    /// Whether messages with the same body are the same message.
    pub(crate) fn deduplicates_by_content(&self) -> bool {
        self.inner.order.content_based_deduplication.get()
    }
}

impl ResourceWithPolicy for Topic {
    fn add_to_resource_policy(&self, statement: Statement) -> bool {
        let inner = &self.inner;
        if inner.resource.is_some() {
            let of = ("Topics", [self.topic_arn()]);
            inner
                .policy
                .add(&inner.scope, "AWS::SNS::TopicPolicy", of, statement);
        }
        inner.resource.is_some()
    }

    fn resource_account(&self) -> Text {
        self.inner.scope.account()
    }
}

impl Order {
    fn name(&self) -> Option<Text> {
        let name = self.name.get()?.clone();
        let has_suffix = name.as_literal().is_none_or(is_fifo_name);
        match self.fifo.get() && !has_suffix {
            true => Some(name.then(".fifo")),
            false => Some(name),
        }
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.fifo.get() && self.name.get().is_none() {
            let message = "FIFO SNS topics must be given a topic name.";
            problems.push(Problem::property("fifo", message));
        }
        if self.content_based_deduplication.get() && !self.fifo.get() {
            let message = "Content based deduplication can only be enabled for FIFO SNS topics.";
            problems.push(Problem::property("content_based_deduplication", message));
        }
        problems
    }
}
