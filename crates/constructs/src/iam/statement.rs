//! Statements of policies.

use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use super::principal::{Conditions, Principal};
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

/// A statement of a policy. Clones share what it says, until one of them is changed.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Statement(Rc<Said>);

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

/// What a statement says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Said {
    pub(super) effect: Effect,
    pub(super) sid: Option<String>,
    pub(super) principals: Vec<Principal>,
    pub(super) not_principals: Vec<Principal>,
    pub(super) actions: Vec<Text>,
    pub(super) not_actions: Vec<Text>,
    pub(super) resources: Vec<Text>,
    pub(super) not_resources: Vec<Text>,
    pub(super) conditions: Conditions,
    /// What is wrong with it, as it was found.
    mistakes: Vec<String>,
}

impl Deref for Statement {
    type Target = Said;

    fn deref(&self) -> &Said {
        &self.0
    }
}

impl DerefMut for Statement {
    fn deref_mut(&mut self) -> &mut Said {
        Rc::make_mut(&mut self.0)
    }
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
        self.either("Actions", "NotActions")
    }

    /// Notes that it is about something and about all but something at once.
    fn either(mut self, added: &str, other: &str) -> Self {
        let both = |a: &[Text], b: &[Text]| !a.is_empty() && !b.is_empty();
        if both(&self.actions, &self.not_actions) || both(&self.resources, &self.not_resources) {
            self.mistakes.push(format!(
                "Cannot add '{added}' to policy statement if '{other}' have been added"
            ));
        }
        self
    }

    /// Adds actions that it is not about.
    pub fn not_actions<T: Into<Text>>(mut self, actions: impl IntoIterator<Item = T>) -> Self {
        add(&mut self.not_actions, actions);
        self.either("NotActions", "Actions")
    }

    /// Adds resources.
    pub fn resources<T: Into<Text>>(mut self, resources: impl IntoIterator<Item = T>) -> Self {
        add(&mut self.resources, resources);
        self.either("Resources", "NotResources")
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
        self.either("NotResources", "Resources")
    }

    /// Adds one to whom it applies, for policies of resources and trust.
    pub fn principal(mut self, principal: Principal) -> Self {
        self.conditions_of(&principal);
        self.principals.push(principal);
        self
    }

    /// Adds one to whom it does not apply.
    pub fn not_principal(mut self, principal: Principal) -> Self {
        self.conditions_of(&principal);
        self.not_principals.push(principal);
        self
    }

    /// A principal's conditions become the statement's; all its principals must have the same.
    fn conditions_of(&mut self, principal: &Principal) {
        self.mistakes.extend(principal.mistake());
        let mut others = self.principals.iter().chain(&self.not_principals);
        if others.any(|other| other.conditions() != principal.conditions()) {
            self.mistakes.push("All principals in a PolicyStatement must have the same Conditions. Use multiple statements instead.".to_owned());
        }
        for (operator, keys) in principal.conditions() {
            self.conditions
                .entry(operator.clone())
                .or_default()
                .extend(keys.clone());
        }
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
                members.insert(name, value);
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
        add("NotPrincipal", Principal::together(&self.not_principals));
        add("Resource", one_or_many(&self.resources));
        add("NotResource", one_or_many(&self.not_resources));
        add("Sid", self.sid.as_deref().map(Value::from));
        Value::Object(members)
    }

    /// What is wrong with it in whatever policy.
    fn problems(&self) -> Vec<String> {
        let mut problems = self.mistakes.clone();
        for action in self.actions.iter().chain(&self.not_actions) {
            if let Some(action) = action.as_literal().filter(|action| !is_action(action)) {
                problems.push(format!(
                    "Action '{action}' is invalid. An action string consists of a service namespace, a colon, and the name of an action. Action names can include wildcards."
                ));
            }
        }
        if self.actions.is_empty() && self.not_actions.is_empty() {
            problems.push(
                "A PolicyStatement must specify at least one 'action' or 'notAction'.".to_owned(),
            );
        }
        problems
    }

    /// What is wrong with it in a policy of a role.
    pub(super) fn problems_of_identity(&self) -> Vec<String> {
        let mut problems = self.problems();
        if !self.principals.is_empty() || !self.not_principals.is_empty() {
            problems.push("A PolicyStatement used in an identity-based policy cannot specify any IAM principals.".to_owned());
        }
        if self.resources.is_empty() && self.not_resources.is_empty() {
            problems.push("A PolicyStatement used in an identity-based policy must specify at least one resource.".to_owned());
        }
        problems
    }

    /// What is wrong with it in a policy of a resource, or as a role's trust.
    pub(super) fn problems_of_resource(&self) -> Vec<String> {
        let mut problems = self.problems();
        if self.principals.is_empty() && self.not_principals.is_empty() {
            problems.push("A PolicyStatement used in a resource-based policy must specify at least one IAM principal.".to_owned());
        }
        problems
    }
}

fn add<T: Into<Text>>(to: &mut Vec<Text>, texts: impl IntoIterator<Item = T>) {
    let texts = texts.into_iter();
    // Most statements have one action, and many of them one resource.
    to.reserve_exact(texts.size_hint().0);
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

/// `*`, or a service's prefix, a colon, and a name that may have wildcards in it.
fn is_action(action: &str) -> bool {
    let letters = |text: &str, more: char| {
        !text.is_empty()
            && text
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == more)
    };
    action == "*"
        || action
            .split_once(':')
            .is_some_and(|(service, name)| letters(service, '-') && letters(name, '*'))
}
