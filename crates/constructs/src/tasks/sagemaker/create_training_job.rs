//! Trains models.

use super::network::{NETWORK_ACTIONS, Network, VpcConfig};
use super::role::SageMakerRole;
use super::tags;
use super::training_options::{
    AlgorithmSpecification, Channel, OutputDataConfig, ResourceConfig, StoppingCondition,
};
use crate::core::{Duration, Problem, Scope};
use crate::iam::{Grantable, PolicyDocument, Role, Statement};
use crate::resources::{Connectable, Connections, SecurityGroup};
use crate::states::{IntegrationPattern, StateOptions, TaskDefinition, TaskScope, task_state};
use crate::value::{Text, Value};

/// Trains a model.
#[derive(Debug, Clone)]
#[must_use]
pub struct SageMakerCreateTrainingJob {
    scope: Scope,
    options: StateOptions,
    training_job_name: Text,
    algorithm_specification: AlgorithmSpecification,
    output_data_config: OutputDataConfig,
    input_data_config: Option<Vec<Channel>>,
    resource_config: Option<ResourceConfig>,
    stopping_condition: Option<StoppingCondition>,
    hyperparameters: Option<Value>,
    environment: Option<Value>,
    enable_network_isolation: Option<bool>,
    tags: Option<Value>,
    network: Network,
    role: SageMakerRole,
}

impl SageMakerCreateTrainingJob {
    /// Trains a model by an algorithm, on an instance `ml.m4.xlarge` and for an hour at most unless said otherwise.
    pub fn new(
        scope: &Scope,
        id: &str,
        training_job_name: impl Into<Text>,
        algorithm_specification: AlgorithmSpecification,
        output_data_config: OutputDataConfig,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            training_job_name: training_job_name.into(),
            algorithm_specification,
            output_data_config,
            input_data_config: None,
            resource_config: None,
            stopping_condition: None,
            hyperparameters: None,
            environment: None,
            enable_network_isolation: None,
            tags: None,
            network: Network::default(),
            role: SageMakerRole::to_be_made("SagemakerRole"),
        }
    }

    /// The training data.
    pub fn input_data_config(mut self, channels: impl IntoIterator<Item = Channel>) -> Self {
        self.input_data_config = Some(channels.into_iter().collect());
        self
    }

    /// The instances that train; one `ml.m4.xlarge` with 10 gibibytes unless said.
    pub fn resource_config(mut self, config: ResourceConfig) -> Self {
        self.resource_config = Some(config);
        self
    }

    /// When training is stopped; after an hour unless said.
    pub fn stopping_condition(mut self, condition: StoppingCondition) -> Self {
        self.stopping_condition = Some(condition);
        self
    }

    /// Parameters of the algorithm by their names, all texts: `object! {"epochs": "5"}`.
    pub fn hyperparameters(mut self, parameters: impl Into<Value>) -> Self {
        self.hyperparameters = Some(parameters.into());
        self
    }

    /// Environment variables by their names: `object! {"LOG": "debug"}`.
    pub fn environment(mut self, variables: impl Into<Value>) -> Self {
        self.environment = Some(variables.into());
        self
    }

    /// Whether the algorithm cannot reach any network.
    pub fn enable_network_isolation(mut self, enable: bool) -> Self {
        self.enable_network_isolation = Some(enable);
        self
    }

    /// The job's tags by their keys: `object! {"team": "data"}`.
    pub fn tags(mut self, tags: impl Into<Value>) -> Self {
        self.tags = Some(tags.into());
        self
    }

    /// The network that the instances are connected to, with a new security group.
    pub fn vpc_config(mut self, config: VpcConfig) -> Self {
        self.network.config = Some(config);
        self
    }

    /// Puts the instances into a further security group.
    pub fn add_security_group(mut self, group: &SecurityGroup) -> Self {
        self.network.security_groups.push(group.clone());
        self
    }

    /// The role that SageMaker acts with; a new one unless said.
    pub fn role(mut self, role: &Role) -> Self {
        self.role.give(&self.scope, role);
        self
    }

    /// Allows the role what it needs; a role that is made also what is needed whatever the job is about.
    fn allow(&self) {
        if let Some(role) = self.role.made(&self.scope) {
            let always = [
                "cloudwatch:PutMetricData",
                "logs:CreateLogStream",
                "logs:PutLogEvents",
                "logs:CreateLogGroup",
                "logs:DescribeLogStreams",
                "ecr:GetAuthorizationToken",
            ];
            let network = NETWORK_ACTIONS.iter().copied();
            let network = network.filter(|_| self.network.config.is_some());
            let mut document = PolicyDocument::default();
            document.add(Statement::allow(always.into_iter().chain(network), ["*"]));
            role.add_inline_policy("CreateTrainingJob", document);
        }
        if let Some(key) = &self.output_data_config.encryption_key {
            key.grant_encrypt(self);
        }
        let resources = self.resource_config.as_ref();
        if let Some(key) = resources.and_then(|config| config.volume_encryption_key.as_ref()) {
            key.grant(self, &["kms:CreateGrant"]);
        }
    }
}

impl Grantable for SageMakerCreateTrainingJob {
    /// The role that SageMaker acts with; it is made if none was given before.
    fn grant_role(&self) -> Option<Role> {
        Some(self.role.get(&self.scope))
    }
}

impl Connectable for SageMakerCreateTrainingJob {
    /// What the instances may connect to; their security group is added when the task becomes a state.
    fn connections(&self) -> Connections {
        self.network.connections.clone()
    }
}

task_state!(SageMakerCreateTrainingJob, define);

fn define(
    job: SageMakerCreateTrainingJob,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob};

    let pattern = task.pattern(RequestResponse, &[RequestResponse, RunJob])?;
    job.algorithm_specification.check()?;
    job.allow();
    let algorithm = job.algorithm_specification.to_value(&job);
    let channels = job.input_data_config.as_ref().map(|channels| {
        let channels = channels.iter().map(|channel| channel.to_value(&job));
        Value::List(channels.collect())
    });
    let output = job.output_data_config.to_value(&job);
    let network = job.network.to_value(&job.scope, "TrainJobSecurityGroup")?;
    let hour = || StoppingCondition::new().max_runtime(Duration::hours(1));
    let stopping = job.stopping_condition.unwrap_or_else(hour);
    let resources = job.resource_config.unwrap_or_default();
    let role = job.role.get(&job.scope);
    let parameters = Value::object([
        ("TrainingJobName", Some(job.training_job_name.into())),
        (
            "EnableNetworkIsolation",
            job.enable_network_isolation.map(Value::from),
        ),
        ("RoleArn", Some(role.role_arn().into())),
        ("AlgorithmSpecification", Some(algorithm)),
        ("InputDataConfig", channels),
        ("OutputDataConfig", Some(output)),
        ("ResourceConfig", Some(resources.to_value())),
        ("StoppingCondition", Some(stopping.to_value())),
        ("HyperParameters", job.hyperparameters),
        ("Tags", job.tags.as_ref().map(tags)),
        ("VpcConfig", network),
        ("Environment", job.environment),
    ]);
    task.integration("sagemaker", "createTrainingJob", pattern, parameters, &[])
}
