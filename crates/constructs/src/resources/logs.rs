//! CloudWatch log groups.

use std::cell::Cell;
use std::rc::Rc;

use super::kms::Key;
use crate::core::{Arn, ArnFormat, CfnResource, Problem, RemovalPolicy, Scope};
use crate::iam::{Grant, Grantable, OnResource, Policy, ResourceWithPolicy, Statement};
use crate::value::{Lazy, Text, Value};

const TWO_YEARS: u32 = 731;

/// A log group, made in the stack or imported.
///
/// It is a handle: clones are the same group.
#[derive(Clone, Debug)]
pub struct LogGroup {
    scope: Scope,
    /// With `:*` at the end, for its streams.
    arn: Text,
    name: Text,
    resource: Option<CfnResource>,
    policy: Rc<Policy>,
    has_policy: Rc<Cell<bool>>,
}

impl LogGroup {
    /// A group that keeps logs for two years, and is kept itself when it leaves the stack.
    pub fn new(scope: &Scope, id: &str) -> Self {
        let place = scope.child(id);
        let resource = CfnResource::new(&place, "Resource", "AWS::Logs::LogGroup")
            .property("RetentionInDays", TWO_YEARS);
        resource.removal_policy(RemovalPolicy::Retain);
        let (arn, name) = (resource.attribute("Arn"), resource.reference());
        Self::of(place, arn, name, Some(resource))
    }

    fn of(scope: Scope, arn: Text, name: Text, resource: Option<CfnResource>) -> Self {
        Self {
            scope,
            arn,
            name,
            resource,
            policy: Rc::default(),
            has_policy: Rc::default(),
        }
    }

    /// A group that exists already, by its ARN with or without `:*` at the end.
    pub fn from_log_group_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        let arn = without_streams(arn.into());
        let name = Arn::split(&arn).resource_name(ArnFormat::Colon);
        Self::of(scope.child(id), arn.then(":*"), name, None)
    }

    /// A group that exists already, by its name.
    pub fn from_log_group_name(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        let name = without_streams(name.into());
        let arn = scope.arn("logs", Text::from("log-group:").then(&name).then(":*"));
        Self::of(scope.child(id), arn, name, None)
    }

    /// Sets a property of the resource: `("LogGroupClass", "INFREQUENT_ACCESS")`; nothing for an imported group.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its name; CloudFormation makes one unless said.
    pub fn name(self, name: impl Into<Text>) -> Self {
        self.property("LogGroupName", name.into())
    }

    /// How many days logs are kept, one of those that CloudWatch knows; none to keep them forever.
    pub fn retention(self, days: Option<u32>) -> Self {
        if days == Some(0) {
            let problem = Problem::property("retention", "retentionInDays must be positive, got 0");
            self.scope.report(problem);
        }
        let days = days.map(Value::from);
        self.property("RetentionInDays", Lazy::new(move || days.clone()))
    }

    /// The key that logs are encrypted with.
    pub fn encryption_key(self, key: &Key) -> Self {
        self.property("KmsKeyId", key.key_arn())
    }

    /// What happens to it when it leaves the stack; it is kept unless said.
    pub fn removal_policy(self, policy: RemovalPolicy) -> Self {
        if let Some(resource) = &self.resource {
            resource.removal_policy(policy);
        }
        self
    }

    /// Allows to make streams and to write to them.
    pub fn grant_write(&self, grantee: &dyn Grantable) -> Grant {
        self.grant(grantee, &["logs:CreateLogStream", "logs:PutLogEvents"])
    }

    /// Allows actions on it and its streams.
    pub fn grant(&self, grantee: &dyn Grantable, actions: &[&str]) -> Grant {
        Grant::add_to_principal_or_resource(OnResource {
            grantee,
            statement: Statement::allow(actions.iter().copied(), [self.log_group_arn()]),
            resource: self,
            itself: None,
        })
    }

    /// Its ARN, with `:*` at the end for its streams.
    pub fn log_group_arn(&self) -> Text {
        self.arn.clone()
    }

    /// Its name.
    pub fn log_group_name(&self) -> Text {
        self.name.clone()
    }
}

impl ResourceWithPolicy for LogGroup {
    /// CloudWatch has policies of its own, which are no part of the group: they can be made for imported ones as well.
    fn add_to_resource_policy(&self, statement: Statement) -> bool {
        self.policy.add(statement);
        if !self.has_policy.replace(true) {
            let place = self.scope.child("Policy");
            let policy = self.policy.clone();
            let document = Lazy::new(move || policy.document().to_value());
            CfnResource::new(&place, "ResourcePolicy", "AWS::Logs::ResourcePolicy")
                .property("PolicyName", place.unique_name())
                .property("PolicyDocument", Value::JsonText(document));
        }
        true
    }

    fn resource_account(&self) -> Text {
        self.scope.account()
    }
}

fn without_streams(text: Text) -> Text {
    match text.as_literal().and_then(|text| text.strip_suffix(":*")) {
        Some(before) => before.into(),
        None => text,
    }
}
