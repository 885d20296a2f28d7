//! Event buses.

use crate::core::{CfnResource, Problem, Scope};
use crate::value::{Text, Value};

const MAX_NAME: usize = 256;

/// An event bus, made in the stack or imported.
#[derive(Clone, Debug)]
pub struct EventBus {
    resource: Option<CfnResource>,
    arn: Text,
    name: Text,
}

impl EventBus {
    /// A bus with a name of its own.
    pub fn new(scope: &Scope, id: &str) -> Self {
        let place = scope.child(id);
        let name = place.unique_name();
        Self::made(&place, name)
    }

    /// A bus with a name: letters, digits and `.-_`, but not `default`.
    pub fn with_name(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        let place = scope.child(id);
        let name = name.into();
        if let Some(message) = name.as_literal().and_then(wrong_name) {
            place.report(Problem::property("event_bus_name", message));
        }
        Self::made(&place, name)
    }

    /// The bus of a partner's event source: `aws.partner/PartnerName/account/name`.
    pub fn with_event_source(scope: &Scope, id: &str, source: &str) -> Self {
        let place = scope.child(id);
        if let Some(message) = wrong_source(source) {
            place.report(Problem::property("event_source_name", message));
        }
        Self::made(&place, source).property("EventSourceName", source)
    }

    fn made(place: &Scope, name: impl Into<Text>) -> Self {
        let resource = CfnResource::new(place, "Resource", "AWS::Events::EventBus")
            .property("Name", name.into());
        Self {
            arn: resource.attribute("Arn"),
            name: resource.reference(),
            resource: Some(resource),
        }
    }

    /// A bus that exists already in the stack's account and region, by its name.
    pub fn from_event_bus_name(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        let name = name.into();
        let arn = scope
            .child(id)
            .arn("events", Text::from("event-bus/").then(&name));
        Self {
            resource: None,
            arn,
            name,
        }
    }

    /// Sets a property of the resource: `("Description", "orders")`; nothing for an imported bus.
    #[must_use]
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its ARN.
    pub fn event_bus_arn(&self) -> Text {
        self.arn.clone()
    }

    /// Its name.
    pub fn event_bus_name(&self) -> Text {
        self.name.clone()
    }
}

fn wrong_name(name: &str) -> Option<String> {
    if name == "default" {
        return Some("'eventBusName' must not be 'default'".to_owned());
    }
    if name.contains('/') {
        return Some("'eventBusName' must not contain '/'".to_owned());
    }
    (!well_formed(name))
        .then(|| r"'eventBusName' must satisfy: /^[\/\.\-_A-Za-z0-9]{1,256}$/".to_owned())
}

fn wrong_source(source: &str) -> Option<String> {
    let parts = source
        .strip_prefix("aws.partner/")
        .map(|rest| rest.split('/'));
    let of_partner = parts.is_some_and(|mut parts| {
        let count = parts.clone().count();
        count >= 2 && parts.all(|part| !part.is_empty())
    });
    if !of_partner || !source.chars().all(allowed) {
        let rule = r"/^aws\.partner(\/[\.\-_A-Za-z0-9]+){2,}$/";
        return Some(format!("'eventSourceName' must satisfy: {rule}"));
    }
    (!well_formed(source))
        .then(|| r"'eventSourceName' must satisfy: /^[\/\.\-_A-Za-z0-9]{1,256}$/".to_owned())
}

fn well_formed(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len()) && name.chars().all(allowed)
}

fn allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/.-_".contains(c)
}
