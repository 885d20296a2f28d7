//! EventBridge: Put Events

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let my_event_bus = EventBus::new(stack, "EventBus").name("MyEventBus1");

    let detail = TaskInput::from_object(object! { "Message": "Hello from Step Functions!" });
    let entry = EventBridgePutEventsEntry::new(detail, "MessageFromStepFunctions", "step.functions")
        .event_bus(&my_event_bus);
    let task = EventBridgePutEvents::new(stack, "Send an event to EventBridge", [entry]);

    vec![task.build()]
}
