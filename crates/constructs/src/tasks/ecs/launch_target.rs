//! On what tasks are run.

use crate::core::Problem;
use crate::resources::ecs::{
    CapacityProviderStrategy, Cluster, FargatePlatformVersion, PlacementConstraint,
    PlacementStrategy, TaskDefinition,
};
use crate::value::{Object, Value};

/// The most capacity providers that share a task's runs.
const MAX_PROVIDERS: usize = 20;

/// On what tasks are run: [`EcsFargateLaunchTarget`] or [`EcsEc2LaunchTarget`].
pub trait EcsLaunchTarget {
    /// What it adds to a task's parameters.
    fn bind(&self, options: &LaunchTargetBindOptions) -> Result<EcsLaunchTargetConfig, Problem>;
}

/// What is to be run.
#[derive(Debug, Clone)]
pub struct LaunchTargetBindOptions {
    /// What is run.
    pub task_definition: TaskDefinition,
    /// Where it is run.
    pub cluster: Option<Cluster>,
}

/// What a launch target adds to a task.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EcsLaunchTargetConfig {
    /// Parameters of `RunTask`.
    pub parameters: Object,
}

/// Which capacity providers run a task, instead of a launch type; the cluster's own unless they are named.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CapacityProviderOptions {
    strategy: Option<Vec<CapacityProviderStrategy>>,
}

impl CapacityProviderOptions {
    /// These, 1 to 20.
    pub fn custom(strategy: impl IntoIterator<Item = CapacityProviderStrategy>) -> Self {
        Self {
            strategy: Some(strategy.into_iter().collect()),
        }
    }

    fn to_value(&self) -> Result<Option<Value>, Problem> {
        let Some(strategy) = &self.strategy else {
            return Ok(None);
        };
        if strategy.is_empty() || strategy.len() > MAX_PROVIDERS {
            let message = format!(
                "Capacity provider strategy must contain between 1 and 20 capacity providers, got {}",
                strategy.len()
            );
            return Err(Problem::property("capacity_provider_options", message));
        }
        let providers = strategy.iter().map(CapacityProviderStrategy::to_value);
        Ok(Some(Value::List(providers.collect())))
    }
}

/// Runs tasks on Fargate.
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
pub struct EcsFargateLaunchTarget {
    platform_version: Option<FargatePlatformVersion>,
    capacity_provider_options: Option<CapacityProviderOptions>,
}

impl EcsFargateLaunchTarget {
    /// On the latest version of the platform.
    pub fn new() -> Self {
        Self::default()
    }

    /// On a version of the platform.
    pub fn platform_version(mut self, version: FargatePlatformVersion) -> Self {
        self.platform_version = Some(version);
        self
    }

    /// By capacity providers instead of the launch type `FARGATE`.
    pub fn capacity_provider_options(mut self, options: CapacityProviderOptions) -> Self {
        self.capacity_provider_options = Some(options);
        self
    }
}

impl EcsLaunchTarget for EcsFargateLaunchTarget {
    fn bind(&self, options: &LaunchTargetBindOptions) -> Result<EcsLaunchTargetConfig, Problem> {
        if !options.task_definition.is_fargate_compatible() {
            let message = "Supplied TaskDefinition is not compatible with Fargate";
            return Err(Problem::property("task_definition", message));
        }
        let mut parameters = launch("FARGATE", self.capacity_provider_options.as_ref())?;
        if let Some(version) = self.platform_version {
            parameters.insert("PlatformVersion".to_owned(), version.name().into());
        }
        Ok(EcsLaunchTargetConfig { parameters })
    }
}

/// Runs tasks on the instances of a cluster.
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
pub struct EcsEc2LaunchTarget {
    placement_constraints: Vec<PlacementConstraint>,
    placement_strategies: Vec<PlacementStrategy>,
    capacity_provider_options: Option<CapacityProviderOptions>,
}

impl EcsEc2LaunchTarget {
    /// On any instance.
    pub fn new() -> Self {
        Self::default()
    }

    /// On which instances.
    pub fn placement_constraints(
        mut self,
        constraints: impl IntoIterator<Item = PlacementConstraint>,
    ) -> Self {
        self.placement_constraints.extend(constraints);
        self
    }

    /// How they are spread over instances, the first strategy before the others.
    pub fn placement_strategies(
        mut self,
        strategies: impl IntoIterator<Item = PlacementStrategy>,
    ) -> Self {
        self.placement_strategies.extend(strategies);
        self
    }

    /// By capacity providers instead of the launch type `EC2`.
    pub fn capacity_provider_options(mut self, options: CapacityProviderOptions) -> Self {
        self.capacity_provider_options = Some(options);
        self
    }
}

impl EcsLaunchTarget for EcsEc2LaunchTarget {
    fn bind(&self, options: &LaunchTargetBindOptions) -> Result<EcsLaunchTargetConfig, Problem> {
        if !options.task_definition.is_ec2_compatible() {
            let message = "Supplied TaskDefinition is not compatible with EC2";
            return Err(Problem::property("task_definition", message));
        }
        let has_instances = match &options.cluster {
            Some(cluster) => cluster.has_ec2_capacity()?,
            None => false,
        };
        if !has_instances {
            let message =
                "Cluster for this service needs Ec2 capacity. Call addCapacity() on the cluster.";
            return Err(Problem::property("cluster", message));
        }
        let mut parameters = launch("EC2", self.capacity_provider_options.as_ref())?;
        let constraints = self.placement_constraints.iter();
        let constraints: Vec<Value> = constraints
            .flat_map(PlacementConstraint::to_values)
            .collect();
        let mut strategies = Vec::new();
        for strategy in &self.placement_strategies {
            strategies.extend(strategy.to_values()?);
        }
        for (name, values) in [
            ("PlacementConstraints", constraints),
            ("PlacementStrategy", strategies),
        ] {
            if !values.is_empty() {
                parameters.insert(name.to_owned(), Value::List(values));
            }
        }
        Ok(EcsLaunchTargetConfig { parameters })
    }
}

/// By a launch type, or by capacity providers.
fn launch(
    launch_type: &str,
    providers: Option<&CapacityProviderOptions>,
) -> Result<Object, Problem> {
    let mut parameters = Object::new();
    match providers {
        None => {
            parameters.insert("LaunchType".to_owned(), launch_type.into());
        }
        Some(providers) => {
            if let Some(strategy) = providers.to_value()? {
                parameters.insert("CapacityProviderStrategy".to_owned(), strategy);
            }
        }
    }
    Ok(parameters)
}
