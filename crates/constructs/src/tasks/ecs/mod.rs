//! ECS: runs tasks.

mod container_override;
mod launch_target;
mod run_task;

pub use container_override::{ContainerOverride, TaskEnvironmentVariable};
pub use launch_target::{
    CapacityProviderOptions, EcsEc2LaunchTarget, EcsFargateLaunchTarget, EcsLaunchTarget,
    EcsLaunchTargetConfig, LaunchTargetBindOptions,
};
pub use run_task::EcsRunTask;
