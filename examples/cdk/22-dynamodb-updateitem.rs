//! DynamoDB: UpdateItem

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let my_table = Table::new(stack, "MyTable", "MessageId", AttributeType::String);

    let key = [("MessageId", DynamoAttributeValue::from_string("message-007"))];
    let total = JsonPath::string_at("$.Item.TotalCount.N");
    let update_item = DynamoUpdateItem::new(stack, "UpdateItem", key, &my_table)
        .expression_attribute_values([
            (":val", DynamoAttributeValue::number_from_string(total)),
            (":rand", DynamoAttributeValue::from_number(20)),
        ])
        .update_expression("SET TotalCount = :val + :rand");

    vec![update_item.build()]
}
