//! SQS

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let queue = Queue::new(stack, "Queue");

    // Use a field from the execution data as message.
    let task1 = SqsSendMessage::new(stack, "Send1", &queue, TaskInput::from_json_path_at("$.message"));

    // Combine a field from the execution data with a literal object.
    let message = object! {
        "field1": "somedata",
        "field2": JsonPath::string_at("$.field2"),
    };
    let task2 = SqsSendMessage::new(stack, "Send2", &queue, TaskInput::from_object(message));

    vec![task1.build(), task2.build()]
}
