//! Changes items.

use super::attribute_value::{Attributes, DynamoAttributeValue, attributes, names};
use super::get_item::DynamoConsumedCapacity;
use crate::core::{Problem, Scope};
use crate::resources::Table;
use crate::states::{IntegrationPattern, StateOptions, TaskDefinition, TaskScope, task_state};
use crate::value::{Object, Text, Value};

/// Puts an item into a table, instead of one with the same primary key.
#[derive(Debug, Clone)]
#[must_use]
pub struct DynamoPutItem {
    scope: Scope,
    options: StateOptions,
    item: Attributes,
    change: Change,
}

/// Deletes an item of a table.
#[derive(Debug, Clone)]
#[must_use]
pub struct DynamoDeleteItem {
    scope: Scope,
    options: StateOptions,
    key: Attributes,
    change: Change,
}

/// Changes attributes of an item of a table, or puts it there.
#[derive(Debug, Clone)]
#[must_use]
pub struct DynamoUpdateItem {
    scope: Scope,
    options: StateOptions,
    key: Attributes,
    update_expression: Option<Text>,
    change: Change,
}

/// What all changes have in common.
#[derive(Debug, Clone)]
struct Change {
    table: Table,
    condition_expression: Option<Text>,
    expression_attribute_names: Option<Value>,
    expression_attribute_values: Option<Attributes>,
    return_consumed_capacity: Option<DynamoConsumedCapacity>,
    return_item_collection_metrics: Option<DynamoItemCollectionMetrics>,
    return_values: Option<DynamoReturnValues>,
}

/// Whether a response tells of the item collections that were changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DynamoItemCollectionMetrics {
    /// Their sizes.
    Size,
    /// Nothing.
    None,
}

/// Which attributes of the changed item the response has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DynamoReturnValues {
    /// None.
    None,
    /// All, as they were before.
    AllOld,
    /// Those that were updated, as they were before.
    UpdatedOld,
    /// All, as they are now.
    AllNew,
    /// Those that were updated, as they are now.
    UpdatedNew,
}

impl DynamoItemCollectionMetrics {
    fn name(self) -> &'static str {
        match self {
            Self::Size => "SIZE",
            Self::None => "NONE",
        }
    }
}

impl DynamoReturnValues {
    fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::AllOld => "ALL_OLD",
            Self::UpdatedOld => "UPDATED_OLD",
            Self::AllNew => "ALL_NEW",
            Self::UpdatedNew => "UPDATED_NEW",
        }
    }
}

impl DynamoPutItem {
    /// Puts an item with its attributes into a table.
    pub fn new<N: Into<String>>(
        scope: &Scope,
        id: &str,
        item: impl IntoIterator<Item = (N, DynamoAttributeValue)>,
        table: &Table,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            item: attributes(item),
            change: Change::of(table),
        }
    }
}

impl DynamoDeleteItem {
    /// Deletes the item with a primary key.
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
            change: Change::of(table),
        }
    }
}

impl DynamoUpdateItem {
    /// Changes the item with a primary key.
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
            update_expression: None,
            change: Change::of(table),
        }
    }

    /// What is changed: `SET TotalCount = :val`.
    pub fn update_expression(mut self, expression: impl Into<Text>) -> Self {
        self.update_expression = Some(expression.into());
        self
    }
}

/// What can be said of every change.
macro_rules! change {
    ($task:ident) => {
        impl $task {
            /// The condition without which nothing is changed.
            pub fn condition_expression(mut self, expression: impl Into<Text>) -> Self {
                self.change.condition_expression = Some(expression.into());
                self
            }

            /// Names that stand for attributes in expressions: `("#id", "MessageId")`.
            pub fn expression_attribute_names<N: Into<String>, T: Into<Text>>(
                mut self,
                given: impl IntoIterator<Item = (N, T)>,
            ) -> Self {
                self.change.expression_attribute_names = Some(names(given));
                self
            }

            /// Names that stand for values in expressions: `(":count", DynamoAttributeValue::from_number(1))`.
            pub fn expression_attribute_values<N: Into<String>>(
                mut self,
                values: impl IntoIterator<Item = (N, DynamoAttributeValue)>,
            ) -> Self {
                self.change.expression_attribute_values = Some(attributes(values));
                self
            }

            /// What the response tells of the capacity that was used; nothing unless said.
            pub fn return_consumed_capacity(mut self, what: DynamoConsumedCapacity) -> Self {
                self.change.return_consumed_capacity = Some(what);
                self
            }

            /// Whether the response tells of the item collections that were changed; not unless said.
            pub fn return_item_collection_metrics(
                mut self,
                what: DynamoItemCollectionMetrics,
            ) -> Self {
                self.change.return_item_collection_metrics = Some(what);
                self
            }

            /// Which attributes of the item the response has; none unless said.
            pub fn return_values(mut self, which: DynamoReturnValues) -> Self {
                self.change.return_values = Some(which);
                self
            }
        }
    };
}

change!(DynamoPutItem);
change!(DynamoDeleteItem);
change!(DynamoUpdateItem);

task_state!(DynamoPutItem, |put: DynamoPutItem, task| {
    define("putItem", ("Item", put.item), put.change, None, task)
});

task_state!(DynamoDeleteItem, |delete: DynamoDeleteItem, task| {
    define("deleteItem", ("Key", delete.key), delete.change, None, task)
});

task_state!(DynamoUpdateItem, |update: DynamoUpdateItem, task| {
    let expression = update.update_expression;
    define(
        "updateItem",
        ("Key", update.key),
        update.change,
        expression,
        task,
    )
});

fn define(
    action: &str,
    (what, attributes): (&str, Attributes),
    change: Change,
    update_expression: Option<Text>,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    let pattern = task.pattern(
        IntegrationPattern::RequestResponse,
        &[IntegrationPattern::RequestResponse],
    )?;
    let mut members = Object::new();
    members.insert(what.to_owned(), DynamoAttributeValue::members(attributes)?);
    members.extend(change.members()?);
    if let Some(expression) = update_expression {
        members.insert("UpdateExpression".to_owned(), expression.into());
    }
    let parameters = Value::Object(members);
    task.integration("dynamodb", action, pattern, parameters, &[])
}

impl Change {
    fn of(table: &Table) -> Self {
        Self {
            table: table.clone(),
            condition_expression: None,
            expression_attribute_names: None,
            expression_attribute_values: None,
            return_consumed_capacity: None,
            return_item_collection_metrics: None,
            return_values: None,
        }
    }

    fn members(self) -> Result<Object, Problem> {
        let values = self.expression_attribute_values;
        let values = values.map(DynamoAttributeValue::members).transpose()?;
        let capacity = self.return_consumed_capacity;
        let metrics = self.return_item_collection_metrics;
        let members = [
            ("TableName", Some(self.table.table_name().into())),
            (
                "ConditionExpression",
                self.condition_expression.map(Value::from),
            ),
            ("ExpressionAttributeNames", self.expression_attribute_names),
            ("ExpressionAttributeValues", values),
            (
                "ReturnConsumedCapacity",
                capacity.map(|what| what.name().into()),
            ),
            (
                "ReturnItemCollectionMetrics",
                metrics.map(|what| what.name().into()),
            ),
            (
                "ReturnValues",
                self.return_values.map(|which| which.name().into()),
            ),
        ];
        let members = members.into_iter();
        Ok(members
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect())
    }
}
