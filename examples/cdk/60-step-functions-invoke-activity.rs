//! Step Functions: Invoke Activity

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let submit_job_activity = Activity::new(stack, "SubmitJob");

    let task = StepFunctionsInvokeActivity::new(stack, "Submit Job", &submit_job_activity);

    vec![task.build()]
}
