//! EventBridge event buses.

use crate::core::{Arn, ArnFormat, CfnResource, Problem, Scope};
use crate::iam::{Grant, Grantable};
use crate::value::{Text, Value};

/// An event bus, made in the stack or imported.
///
/// It is a handle: clones are the same bus.
#[derive(Clone, Debug)]
pub struct EventBus {
    scope: Scope,
    arn: Text,
    name: Text,
    resource: Option<CfnResource>,
}

impl EventBus {
    /// A bus, named after its place in the app unless said.
    pub fn new(scope: &Scope, id: &str) -> Self {
        let place = scope.child(id);
        let resource = CfnResource::new(&place, "Resource", "AWS::Events::EventBus")
            .property("Name", place.unique_name());
        Self {
            scope: place,
            arn: resource.attribute("Arn"),
            name: resource.reference(),
            resource: Some(resource),
        }
    }

    /// A bus that exists already, by its ARN.
    pub fn from_event_bus_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        let arn = arn.into();
        Self {
            scope: scope.child(id),
            name: Arn::split(&arn).resource_name(ArnFormat::Slash),
            arn,
            resource: None,
        }
    }

    /// A bus that exists already, by its name.
    pub fn from_event_bus_name(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        let name = name.into();
        Self {
            scope: scope.child(id),
            arn: scope.arn("events", Text::from("event-bus/").then(&name)),
            name,
            resource: None,
        }
    }

    /// Sets a property of the resource: `("Description", "orders")`; nothing for an imported bus.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its name: up to 256 letters, digits and `.-_`.
    pub fn name(self, name: impl Into<Text>) -> Self {
        let name = name.into();
        if let Some(message) = name.as_literal().and_then(wrong_name) {
            self.scope.report(Problem::property("name", message));
        }
        self.property("Name", name)
    }

    /// Allows to put events on it.
    pub fn grant_put_events_to(&self, grantee: &dyn Grantable) -> Grant {
        Grant::add_to_principal(grantee, ["events:PutEvents"], [self.event_bus_arn()])
    }

    /// Allows to put events on any bus.
    pub fn grant_all_put_events(grantee: &dyn Grantable) -> Grant {
        Grant::add_to_principal(grantee, ["events:PutEvents"], ["*"])
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
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/.-_".contains(c);
    if name == "default" {
        Some("'eventBusName' must not be 'default'".to_owned())
    } else if name.contains('/') {
        Some("'eventBusName' must not contain '/'".to_owned())
    } else if !(1..=256).contains(&name.len()) || !name.chars().all(allowed) {
        Some(r"'eventBusName' must satisfy: /^[\/\.\-_A-Za-z0-9]{1,256}$/".to_owned())
    } else {
        None
    }
}
