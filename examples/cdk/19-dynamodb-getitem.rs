//! DynamoDB: GetItem

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let my_table = Table::new(stack, "MyTable", "message_id", AttributeType::String);

    let key = [("message_id", DynamoAttributeValue::from_string("message-007"))];
    let get_item = DynamoGetItem::new(stack, "Get Item", key, &my_table);

    vec![get_item.build()]
}
