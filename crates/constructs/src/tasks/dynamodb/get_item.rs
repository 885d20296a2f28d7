//! Reads an item.

use std::fmt;

use super::attribute_value::{Attributes, DynamoAttributeValue, attributes, names};
use crate::core::{Problem, Scope};
use crate::resources::Table;
use crate::states::{IntegrationPattern, StateOptions, TaskDefinition, TaskScope, task_state};
use crate::value::{Text, Value};

/// Reads an item of a table.
#[derive(Debug, Clone)]
#[must_use]
pub struct DynamoGetItem {
    scope: Scope,
    options: StateOptions,
    key: Attributes,
    table: Table,
    consistent_read: bool,
    expression_attribute_names: Option<Value>,
    projection_expression: Vec<DynamoProjectionExpression>,
    return_consumed_capacity: Option<DynamoConsumedCapacity>,
}

/// What a response tells of the capacity that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DynamoConsumedCapacity {
    /// That of the table and of each index.
    Indexes,
    /// The sum.
    Total,
    /// Nothing.
    None,
}

/// The path of an attribute within an item: `Messages[1].Tags`.
///
/// It begins with an attribute, so that there is no expression which begins with an index.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct DynamoProjectionExpression(String);

impl DynamoConsumedCapacity {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Indexes => "INDEXES",
            Self::Total => "TOTAL",
            Self::None => "NONE",
        }
    }
}

impl DynamoProjectionExpression {
    /// An attribute of the item.
    pub fn new(attribute: impl Into<String>) -> Self {
        Self(attribute.into())
    }

    /// An attribute of the map that the path leads to.
    pub fn with_attribute(mut self, attribute: &str) -> Self {
        self.0.push('.');
        self.0.push_str(attribute);
        self
    }

    /// An element of the list that the path leads to, counted from 0.
    pub fn at_index(self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }
}

impl fmt::Display for DynamoProjectionExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl DynamoGetItem {
    /// Reads the item with a primary key.
    pub fn new<N: Into<String>>(
        scope: &Scope,
        id: &str,
        key: impl IntoIterator<Item = (N, DynamoAttributeValue)>,
        table: &Table,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            key: attributes(key),
            table: table.clone(),
            consistent_read: false,
            expression_attribute_names: None,
            projection_expression: Vec::new(),
            return_consumed_capacity: None,
        }
    }

    /// Whether the latest change must be seen; off unless said.
    pub fn consistent_read(mut self, consistent: bool) -> Self {
        self.consistent_read = consistent;
        self
    }

    /// Names that stand for attributes in expressions: `("#id", "MessageId")`.
    pub fn expression_attribute_names<N: Into<String>, T: Into<Text>>(
        mut self,
        given: impl IntoIterator<Item = (N, T)>,
    ) -> Self {
        self.expression_attribute_names = Some(names(given));
        self
    }

    /// The attributes to read; all unless said.
    pub fn projection_expression(
        mut self,
        paths: impl IntoIterator<Item = DynamoProjectionExpression>,
    ) -> Self {
        self.projection_expression = paths.into_iter().collect();
        self
    }

    /// What the response tells of the capacity that was used; nothing unless said.
    pub fn return_consumed_capacity(mut self, what: DynamoConsumedCapacity) -> Self {
        self.return_consumed_capacity = Some(what);
        self
    }
}

task_state!(DynamoGetItem, define);

fn define(get: DynamoGetItem, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    let pattern = task.pattern(
        IntegrationPattern::RequestResponse,
        &[IntegrationPattern::RequestResponse],
    )?;
    let paths = get.projection_expression.iter().map(ToString::to_string);
    let paths = paths.collect::<Vec<_>>().join(",");
    let parameters = Value::object([
        ("Key", Some(DynamoAttributeValue::members(get.key)?)),
        ("TableName", Some(get.table.table_name().into())),
        ("ConsistentRead", Some(get.consistent_read.into())),
        ("ExpressionAttributeNames", get.expression_attribute_names),
        (
            "ProjectionExpression",
            (!paths.is_empty()).then(|| paths.into()),
        ),
        (
            "ReturnConsumedCapacity",
            get.return_consumed_capacity.map(|what| what.name().into()),
        ),
    ]);
    task.integration("dynamodb", "getItem", pattern, parameters, &[])
}
