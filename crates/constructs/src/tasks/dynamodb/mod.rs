//! DynamoDB: reads and changes items of tables.

mod attribute_value;
mod change;
mod get_item;

pub use attribute_value::DynamoAttributeValue;
pub use change::{
    DynamoDeleteItem, DynamoItemCollectionMetrics, DynamoPutItem, DynamoReturnValues,
    DynamoUpdateItem,
};
pub use get_item::{DynamoConsumedCapacity, DynamoGetItem, DynamoProjectionExpression};
