//! EMR: clusters, their steps and instances.

mod capacity;
mod configuration;
mod create_cluster;
mod instances;
mod modify_instances;
mod scaling;
mod step;
mod terminate;

use crate::core::Problem;
use crate::states::{IntegrationPattern, TaskDefinition, TaskScope};
use crate::value::Value;

pub use capacity::{
    EbsBlockDeviceConfigProperty, EbsBlockDeviceVolumeType, EbsConfigurationProperty,
    InstanceFleetConfigProperty, InstanceFleetProvisioningSpecificationsProperty,
    InstanceTypeConfigProperty, OnDemandAllocationStrategy,
    OnDemandProvisioningSpecificationProperty, SpotAllocationStrategy,
    SpotProvisioningSpecificationProperty, SpotTimeoutAction, VolumeSpecificationProperty,
};
pub use configuration::{
    ApplicationConfigProperty, BootstrapActionConfigProperty, ConfigurationProperty,
    KerberosAttributesProperty, ScriptBootstrapActionConfigProperty,
};
pub use create_cluster::{EmrClusterScaleDownBehavior, EmrCreateCluster};
pub use instances::{
    InstanceGroupConfigProperty, InstanceMarket, InstanceRoleType, InstancesConfigProperty,
    PlacementTypeProperty,
};
pub use modify_instances::{
    EmrModifyInstanceFleetByName, EmrModifyInstanceGroupByName, InstanceGroupModifyConfigProperty,
    InstanceResizePolicyProperty, ShrinkPolicyProperty,
};
pub use scaling::{
    AutoScalingPolicyProperty, CloudWatchAlarmComparisonOperator,
    CloudWatchAlarmDefinitionProperty, CloudWatchAlarmStatistic, CloudWatchAlarmUnit,
    ComputeLimitsUnitType, ManagedScalingComputeLimitsProperty, ManagedScalingPolicyProperty,
    MetricDimensionProperty, ScalingActionProperty, ScalingAdjustmentType,
    ScalingConstraintsProperty, ScalingRuleProperty, ScalingTriggerProperty,
    SimpleScalingPolicyConfigurationProperty,
};
pub use step::{ActionOnFailure, EmrAddStep, EmrCancelStep};
pub use terminate::{EmrSetClusterTerminationProtection, EmrTerminateCluster};

const SERVICE: &str = "elasticmapreduce";

/// A task that only waits for the response.
fn request(task: &TaskScope, action: &str, parameters: Value) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::RequestResponse;

    let pattern = task.pattern(RequestResponse, &[RequestResponse])?;
    task.integration(SERVICE, action, pattern, parameters, &[])
}

/// A task that waits for its job unless it is said that it does not.
fn job(task: &TaskScope, action: &str, parameters: Value) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob};

    let pattern = task.pattern(RunJob, &[RequestResponse, RunJob])?;
    task.integration(SERVICE, action, pattern, parameters, &[])
}
