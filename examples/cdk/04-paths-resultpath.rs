//! Paths: ResultPath

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let my_table = Table::new(stack, "MyTable", "MessageId", AttributeType::String);

    let item = [("MessageId", DynamoAttributeValue::from_string("message-id"))];
    let put_item = DynamoPutItem::new(stack, "PutItem", item, &my_table).result_path("$.Item");

    vec![put_item.build()]
}
