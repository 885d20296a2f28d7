//! ECS: clusters, task definitions and their containers.

mod capacity;
mod cluster;
mod container;
mod log_driver;
mod placement;
mod task_definition;

pub use capacity::{AddCapacityOptions, AutoScalingGroup};
pub use cluster::{Cluster, ClusterAttributes};
pub use container::{ContainerDefinition, ContainerImage, ContainerOptions};
pub use log_driver::AwsLogDriver;
pub use placement::{
    BinPackResource, CapacityProviderStrategy, PlacementConstraint, PlacementStrategy,
};
pub use task_definition::{
    Compatibility, FargatePlatformVersion, NetworkMode, PropagatedTagSource, TaskDefinition,
    TaskDefinitionAttributes, TaskDefinitionOptions,
};
