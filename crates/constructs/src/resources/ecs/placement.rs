//! Where tasks are placed.

use crate::core::Problem;
use crate::value::{Text, Value};

/// How tasks are spread over instances.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacementStrategy(Vec<Value>);

/// What is used up first where tasks are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinPackResource {
    /// Processor time.
    Cpu,
    /// Memory.
    Memory,
}

impl PlacementStrategy {
    /// Evenly over instances.
    pub fn spread_across_instances() -> Self {
        Self::spread_across(["instanceId"])
    }

    /// Evenly over the values of attributes: `attribute:ecs.availability-zone`.
    pub fn spread_across<T: Into<Text>>(fields: impl IntoIterator<Item = T>) -> Self {
        let fields = fields.into_iter().map(|field| -> Text { field.into() });
        Self(
            fields
                .map(|field| crate::object! {"Type": "spread", "Field": field})
                .collect(),
        )
    }

    /// Where the least processor time is left.
    pub fn packed_by_cpu() -> Self {
        Self::packed_by(BinPackResource::Cpu)
    }

    /// Where the least memory is left.
    pub fn packed_by_memory() -> Self {
        Self::packed_by(BinPackResource::Memory)
    }

    /// Where the least of something is left.
    pub fn packed_by(resource: BinPackResource) -> Self {
        let field = match resource {
            BinPackResource::Cpu => "cpu",
            BinPackResource::Memory => "memory",
        };
        Self(vec![crate::object! {"Type": "binpack", "Field": field}])
    }

    /// Anywhere.
    pub fn randomly() -> Self {
        Self(vec![crate::object! {"Type": "random"}])
    }

    /// As parameters of a task.
    pub(crate) fn to_values(&self) -> Result<Vec<Value>, Problem> {
        if self.0.is_empty() {
            let message = "spreadAcross: give at least one field to spread by";
            return Err(Problem::property("placement_strategies", message));
        }
        Ok(self.0.clone())
    }
}

/// On which instances tasks may be placed.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacementConstraint(Vec<Value>);

impl PlacementConstraint {
    /// Each task on another instance.
    pub fn distinct_instances() -> Self {
        Self(vec![crate::object! {"Type": "distinctInstance"}])
    }

    /// On instances for which expressions of ECS's cluster query language hold.
    pub fn member_of<T: Into<Text>>(expressions: impl IntoIterator<Item = T>) -> Self {
        let expressions = expressions.into_iter().map(|text| -> Text { text.into() });
        Self(
            expressions
                .map(|text| crate::object! {"Type": "memberOf", "Expression": text})
                .collect(),
        )
    }

    /// As parameters of a task, and as in a template.
    pub(crate) fn to_values(&self) -> Vec<Value> {
        self.0.clone()
    }
}

/// A share of tasks for a capacity provider.
#[derive(Debug, Clone, PartialEq)]
pub struct CapacityProviderStrategy {
    /// The provider's name: `FARGATE_SPOT`.
    pub capacity_provider: Text,
    /// How many tasks it runs at least, before weights count.
    pub base: Option<u32>,
    /// Its share of the tasks, relative to the others'.
    pub weight: Option<u32>,
}

impl CapacityProviderStrategy {
    /// By a provider.
    pub fn new(capacity_provider: impl Into<Text>) -> Self {
        Self {
            capacity_provider: capacity_provider.into(),
            base: None,
            weight: None,
        }
    }

    /// As parameters of a task.
    pub(crate) fn to_value(&self) -> Value {
        Value::object([
            (
                "CapacityProvider",
                Some(self.capacity_provider.clone().into()),
            ),
            ("Weight", self.weight.map(Value::from)),
            ("Base", self.base.map(Value::from)),
        ])
    }
}
