//! Glue DataBrew

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let task = GlueDataBrewStartJobRun::new(stack, "Task", "databrew-job");

    vec![task.build()]
}
