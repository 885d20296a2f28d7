//! What a run changes of its containers.

use crate::resources::ecs::ContainerDefinition;
use crate::value::{Object, Text, Value};

/// What a run changes of a container. Numbers and lists may be paths.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct ContainerOverride {
    pub(super) container_name: Text,
    pub(super) environment: Option<Vec<TaskEnvironmentVariable>>,
    properties: Object,
}

/// An environment variable of a container.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskEnvironmentVariable {
    /// Its name.
    pub name: Text,
    /// Its value.
    pub value: Text,
}

impl TaskEnvironmentVariable {
    /// A variable.
    pub fn new(name: impl Into<Text>, value: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }

    pub(super) fn to_value(&self) -> Value {
        crate::object! {"Name": self.name.clone(), "Value": self.value.clone()}
    }
}

impl ContainerOverride {
    /// Changes of a container.
    pub fn new(container_definition: &ContainerDefinition) -> Self {
        Self {
            container_name: container_definition.container_name(),
            environment: None,
            properties: Object::new(),
        }
    }

    fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.properties.insert(name.to_owned(), value.into());
        self
    }

    /// The command that is run: `["process", "--all"]`.
    pub fn command(self, command: impl Into<Value>) -> Self {
        self.set("Command", command)
    }

    /// Environment variables, besides or instead of those that the container has.
    pub fn environment(
        mut self,
        variables: impl IntoIterator<Item = TaskEnvironmentVariable>,
    ) -> Self {
        self.environment.get_or_insert_default().extend(variables);
        self
    }

    /// The processor time that is kept free, in 1024ths of a processor.
    pub fn cpu(self, units: impl Into<Value>) -> Self {
        self.set("Cpu", units)
    }

    /// The most memory, in MiB.
    pub fn memory_limit(self, limit: impl Into<Value>) -> Self {
        self.set("Memory", limit)
    }

    /// The memory that is kept free, in MiB.
    pub fn memory_reservation(self, reservation: impl Into<Value>) -> Self {
        self.set("MemoryReservation", reservation)
    }

    pub(super) fn to_value(&self) -> Value {
        let mut members = Object::new();
        members.insert("Name".to_owned(), self.container_name.clone().into());
        members.extend(self.properties.clone());
        if let Some(environment) = &self.environment {
            let variables = environment.iter().map(TaskEnvironmentVariable::to_value);
            members.insert("Environment".to_owned(), Value::List(variables.collect()));
        }
        Value::Object(members)
    }
}
