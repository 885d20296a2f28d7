//! EMR: Modify Instance Fleet

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let (on_demand, spot) = (2, 0);
    let task =
        EmrModifyInstanceFleetByName::new(stack, "Task", "ClusterId", "InstanceFleetName", on_demand, spot);

    vec![task.build()]
}
