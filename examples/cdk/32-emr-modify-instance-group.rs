//! EMR: Modify Instance Group

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let name = JsonPath::string_at("$.InstanceGroupName");
    let group = InstanceGroupModifyConfigProperty::new().instance_count(1);
    let task = EmrModifyInstanceGroupByName::new(stack, "Task", "ClusterId", name, group);

    vec![task.build()]
}
