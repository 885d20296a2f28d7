//! SNS

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let topic = Topic::new(stack, "Topic");

    // Use a field from the execution data as message.
    let task1 = SnsPublish::new(stack, "Publish1", &topic, TaskInput::from_json_path_at("$.state.message"))
        .integration_pattern(IntegrationPattern::RequestResponse)
        .message_attributes([
            ("place", MessageAttribute::new(JsonPath::string_at("$.place"))),
            (
                "pic",
                // Binary must be explicitly set
                MessageAttribute::new(JsonPath::string_at("$.pic"))
                    .data_type(MessageAttributeDataType::Binary),
            ),
            ("people", MessageAttribute::new(4)),
            (
                "handles",
                MessageAttribute::new([Value::from("@kslater"), "@jjf".into(), Value::Null, "@mfanning".into()]),
            ),
        ]);

    // Combine a field from the execution data with a literal object.
    let message = object! {
        "field1": "somedata",
        "field2": JsonPath::string_at("$.field2"),
    };
    let task2 = SnsPublish::new(stack, "Publish2", &topic, TaskInput::from_object(message));

    vec![task1.build(), task2.build()]
}
