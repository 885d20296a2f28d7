//! SageMaker: Create Endpoint Config

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let instance_type = InstanceType::of(&InstanceClass::M5, &InstanceSize::XLARGE);
    let variant = ProductionVariant::new("awesome-variant", "MyModel", instance_type).initial_instance_count(2);
    let task = SageMakerCreateEndpointConfig::new(
        stack,
        "SagemakerEndpointConfig",
        "MyEndpointConfig",
        [variant],
    );

    vec![task.build()]
}
