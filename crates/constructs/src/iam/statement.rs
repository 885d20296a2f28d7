//! Statements of policies.

use indexmap::IndexMap;

use super::principal::Principal;
use crate::value::{Object, Text, Value};

/// Whether a statement allows or denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Effect {
    /// It allows.
    #[default]
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

/// A statement of a policy.
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
pub struct Statement {
    effect: Effect,
    sid: Option<String>,
    principals: Vec<Principal>,
    actions: Vec<Text>,
    not_actions: Vec<Text>,
    resources: Vec<Text>,
    not_resources: Vec<Text>,
    conditions: IndexMap<String, Object>,
}

impl Statement {
    /// Allows actions on resources: `(["sqs:SendMessage"], [queue_arn])`.
    pub fn allow<A: Into<Text>, R: Into<Text>>(
        actions: impl IntoIterator<Item = A>,
        resources: impl IntoIterator<Item = R>,
    ) -> Self {
        let empty = Self::default();
        empty.actions(actions).resources(resources)
    }

    /// Denies instead of allowing.
    pub fn deny(mut self) -> Self {
        self.effect = Effect::Deny;
        self
    }

    /// Its name within the policy.
    pub fn sid(mut self, sid: &str) -> Self {
        self.sid = Some(sid.to_owned());
        self
    }

    /// Adds actions.
    pub fn actions<T: Into<Text>>(mut self, actions: impl IntoIterator<Item = T>) -> Self {
        add(&mut self.actions, actions);
        self
    }

    /// Adds actions that it is not about.
    pub fn not_actions<T: Into<Text>>(mut self, actions: impl IntoIterator<Item = T>) -> Self {
        add(&mut self.not_actions, actions);
        self
    }

    /// Adds resources.
    pub fn resources<T: Into<Text>>(mut self, resources: impl IntoIterator<Item = T>) -> Self {
        add(&mut self.resources, resources);
        self
    }

    /// Whether it is about an action.
    pub(crate) fn is_about(&self, action: &str) -> bool {
        self.actions
            .iter()
            .any(|known| known.as_literal() == Some(action))
    }

    /// Makes it about these resources only.
    pub(crate) fn set_resources(&mut self, resources: &[Text]) {
        self.resources.clear();
        add(&mut self.resources, resources);
    }

    /// Adds resources that it is not about.
    pub fn not_resources<T: Into<Text>>(mut self, resources: impl IntoIterator<Item = T>) -> Self {
        add(&mut self.not_resources, resources);
        self
    }

    /// Adds one to whom it applies, for policies of resources and trust.
    pub fn principal(mut self, principal: Principal) -> Self {
        for (operator, keys) in principal.conditions() {
            self.conditions
                .entry(operator.clone())
                .or_default()
                .extend(keys.clone());
        }
        self.principals.push(principal);
        self
    }

    /// Adds a condition: `("StringEquals", "iam:PassedToService", "glue.amazonaws.com")`.
    pub fn condition(mut self, operator: &str, key: &str, value: impl Into<Value>) -> Self {
        self.conditions
            .entry(operator.to_owned())
            .or_default()
            .insert(key.to_owned(), value.into());
        self
    }

    /// The statement as it stands in a policy; its members in the CDK's order.
    pub fn to_value(&self) -> Value {
        let mut members = Object::new();
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        };
        add("Action", one_or_many(&self.actions));
        add("NotAction", one_or_many(&self.not_actions));
        let conditions = self
            .conditions
            .iter()
            .map(|(key, keys)| (key.clone(), Value::Object(keys.clone())));
        let conditions: Object = conditions.collect();
        add(
            "Condition",
            (!conditions.is_empty()).then_some(Value::Object(conditions)),
        );
        let effect = match self.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        add("Effect", Some(effect.into()));
        add("Principal", Principal::together(&self.principals));
        add("Resource", one_or_many(&self.resources));
        add("NotResource", one_or_many(&self.not_resources));
        add("Sid", self.sid.as_deref().map(Value::from));
        Value::Object(members)
    }
}

fn add<T: Into<Text>>(to: &mut Vec<Text>, texts: impl IntoIterator<Item = T>) {
    for text in texts {
        let text = text.into();
        if !to.contains(&text) {
            to.push(text);
        }
    }
}

/// A list; one element stands alone, as the CDK writes it.
pub(super) fn one_or_many(texts: &[Text]) -> Option<Value> {
    match texts {
        [] => None,
        [one] => Some(one.into()),
        many => Some(Value::List(many.iter().map(Value::from).collect())),
    }
}
