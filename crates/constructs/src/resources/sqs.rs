//! SQS queues.

use crate::core::{CfnResource, RemovalPolicy, Scope};
use crate::value::{Fn, Text, Value};

/// A queue, made in the stack or imported.
#[derive(Clone, Debug)]
pub struct Queue {
    resource: Option<CfnResource>,
    arn: Text,
    url: Text,
    name: Text,
}

impl Queue {
    /// A queue. Further properties are set by [`property`](Self::property).
    pub fn new(scope: &Scope, id: &str) -> Self {
        let resource = CfnResource::new(&scope.child(id), "Resource", "AWS::SQS::Queue");
        resource.removal_policy(RemovalPolicy::Destroy);
        Self {
            arn: resource.attribute("Arn"),
            url: resource.reference(),
            name: resource.attribute("QueueName"),
            resource: Some(resource),
        }
    }

    /// A queue that exists already.
    pub fn from_queue_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        let arn = arn.into();
        scope.child(id);
        let part = |index: usize| match arn.as_literal() {
            Some(arn) => arn.split(':').nth(index).unwrap_or_default().into(),
            None => Fn::select(index, Fn::split(":", arn.clone())),
        };
        let name = part(5);
        let url = Text::concat([
            Text::from("https://sqs."),
            part(3),
            ".".into(),
            crate::value::Pseudo::UrlSuffix.into(),
            "/".into(),
            part(4),
            "/".into(),
            name.clone(),
        ]);
        Self {
            resource: None,
            arn,
            url,
            name,
        }
    }

    /// Sets a property of the resource: `("VisibilityTimeout", 30)`; nothing for an imported queue.
    #[must_use]
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its ARN.
    pub fn queue_arn(&self) -> Text {
        self.arn.clone()
    }

    /// Its URL.
    pub fn queue_url(&self) -> Text {
        self.url.clone()
    }

    /// Its name.
    pub fn queue_name(&self) -> Text {
        self.name.clone()
    }
}
