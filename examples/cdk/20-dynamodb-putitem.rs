//! DynamoDB: PutItem

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let my_table = Table::new(stack, "MyTable", "MessageId", AttributeType::String);

    let item = [
        ("MessageId", DynamoAttributeValue::from_string("message-007")),
        ("Text", DynamoAttributeValue::from_string(JsonPath::string_at("$.bar"))),
        ("TotalCount", DynamoAttributeValue::from_number(10)),
    ];
    let put_item = DynamoPutItem::new(stack, "PutItem", item, &my_table);

    vec![put_item.build()]
}
