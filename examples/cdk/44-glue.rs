//! Glue

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let task = GlueStartJobRun::new(stack, "Task", "my-glue-job")
        .arguments(TaskInput::from_object(object! { "key": "value" }))
        .timeout(Duration::minutes(30))
        .notify_delay_after(Duration::minutes(5));

    vec![task.build()]
}
