//! DynamoDB: DeleteItem

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let my_table = Table::new(stack, "MyTable", "MessageId", AttributeType::String);

    let key = [("MessageId", DynamoAttributeValue::from_string("message-007"))];
    let delete_item =
        DynamoDeleteItem::new(stack, "DeleteItem", key, &my_table).result_path(JsonPath::DISCARD);

    vec![delete_item.build()]
}
