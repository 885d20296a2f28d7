//! Evaluate Expression

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let convert_to_seconds = EvaluateExpression::new(stack, "Convert to seconds", "$.waitMilliseconds / 1000")
        .result_path("$.waitSeconds");

    // Note: this is a string inside a string.
    let create_message = EvaluateExpression::new(stack, "Create message", "`Now waiting ${$.waitSeconds} seconds...`")
        .runtime(Runtime::NODEJS_14_X)
        .result_path("$.message");

    let topic = Topic::new(stack, "cool-topic");
    let publish_message = SnsPublish::new(stack, "Publish message", &topic, TaskInput::from_json_path_at("$.message"))
        .result_path("$.sns");

    let wait = Wait::new(stack, "Wait", WaitTime::seconds_path("$.waitSeconds"));

    let definition = convert_to_seconds.next(create_message).next(publish_message).next(wait);
    StateMachine::new(stack, "StateMachine", definition);

    vec![]
}
