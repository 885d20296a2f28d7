//! Makes models.

use std::fmt;
use std::rc::Rc;

use super::container::SageMakerContainerDefinition;
use super::network::{NETWORK_ACTIONS, Network, VpcConfig};
use super::role::SageMakerRole;
use crate::core::{Problem, Scope};
use crate::iam::{Grantable, PolicyDocument, Role, Statement};
use crate::resources::{Connectable, Connections, SecurityGroup, SubnetSelection, Vpc};
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskInput, TaskScope, task_state,
};
use crate::value::{Text, Value};

/// Makes a model.
#[derive(Clone)]
#[must_use]
pub struct SageMakerCreateModel {
    scope: Scope,
    options: StateOptions,
    model_name: Text,
    primary_container: Rc<dyn SageMakerContainerDefinition>,
    containers: Option<Vec<Rc<dyn SageMakerContainerDefinition>>>,
    enable_network_isolation: Option<bool>,
    tags: Option<TaskInput>,
    vpc: Option<Vpc>,
    subnet_selection: SubnetSelection,
    network: Network,
    role: SageMakerRole,
}

impl SageMakerCreateModel {
    /// Makes a model of a container.
    pub fn new(
        scope: &Scope,
        id: &str,
        model_name: impl Into<Text>,
        primary_container: impl SageMakerContainerDefinition + 'static,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            model_name: model_name.into(),
            primary_container: Rc::new(primary_container),
            containers: None,
            enable_network_isolation: None,
            tags: None,
            vpc: None,
            subnet_selection: SubnetSelection::default(),
            network: Network::default(),
            role: SageMakerRole::to_be_made("SagemakerRole"),
        }
    }

    /// The containers of an inference pipeline, in their order.
    pub fn containers<T: SageMakerContainerDefinition + 'static>(
        mut self,
        containers: impl IntoIterator<Item = T>,
    ) -> Self {
        let containers = containers.into_iter();
        let containers = containers.map(|one| Rc::new(one) as Rc<dyn SageMakerContainerDefinition>);
        self.containers.get_or_insert_default().extend(containers);
        self
    }

    /// Whether the model cannot reach any network.
    pub fn enable_network_isolation(mut self, enable: bool) -> Self {
        self.enable_network_isolation = Some(enable);
        self
    }

    /// The model's tags: a list of objects with `Key` and `Value`.
    pub fn tags(mut self, tags: TaskInput) -> Self {
        self.tags = Some(tags);
        self
    }

    /// The network that the model's instances are connected to, with a new security group.
    pub fn vpc(mut self, vpc: &Vpc) -> Self {
        self.vpc = Some(vpc.clone());
        self
    }

    /// The subnets of the network; private ones unless said.
    pub fn subnet_selection(mut self, subnets: impl Into<SubnetSelection>) -> Self {
        self.subnet_selection = subnets.into();
        self
    }

    /// Puts the model's instances into a further security group.
    pub fn add_security_group(mut self, group: &SecurityGroup) -> Self {
        self.network.security_groups.push(group.clone());
        self
    }

    /// The role that SageMaker acts with; a new one unless said.
    pub fn role(mut self, role: &Role) -> Self {
        self.role.give(&self.scope, role);
        self
    }

    /// Allows a role that is made what is needed whatever the model is.
    fn allow(&self) {
        let Some(role) = self.role.made(&self.scope) else {
            return;
        };
        let always = [
            "cloudwatch:PutMetricData",
            "logs:CreateLogStream",
            "logs:CreateLogGroup",
            "logs:PutLogEvents",
            "logs:DescribeLogStreams",
            "ecr:GetAuthorizationToken",
        ];
        let mut document = PolicyDocument::default();
        document.add(Statement::allow(always, ["*"]));
        role.add_inline_policy("CreateModel", document);
        if self.vpc.is_some() {
            role.add_to_policy(Statement::allow(NETWORK_ACTIONS, ["*"]));
        }
    }
}

impl Grantable for SageMakerCreateModel {
    /// The role that SageMaker acts with; it is made if none was given before.
    fn grant_role(&self) -> Option<Role> {
        Some(self.role.get(&self.scope))
    }
}

impl Connectable for SageMakerCreateModel {
    /// What the model's instances may connect to; their security group is added when the task becomes a state.
    fn connections(&self) -> Connections {
        self.network.connections.clone()
    }
}

impl fmt::Debug for SageMakerCreateModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SageMakerCreateModel({})", self.scope.path_text())
    }
}

task_state!(SageMakerCreateModel, define);

fn define(
    mut model: SageMakerCreateModel,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::RequestResponse;

    let pattern = task.pattern(RequestResponse, &[RequestResponse])?;
    model.allow();
    let subnets = model.subnet_selection.clone();
    let vpc = model.vpc.as_ref();
    model.network.config = vpc.map(|vpc| VpcConfig::new(vpc).subnets(subnets));
    let bound = |container: &Rc<dyn SageMakerContainerDefinition>| {
        Value::Object(container.bind(&model).parameters)
    };
    let primary = bound(&model.primary_container);
    let containers = model.containers.as_ref();
    let containers = containers.map(|all| Value::List(all.iter().map(bound).collect()));
    let network = model.network.to_value(&model.scope, "ModelSecurityGroup")?;
    let role = model.role.get(&model.scope);
    let parameters = Value::object([
        (
            "EnableNetworkIsolation",
            model.enable_network_isolation.map(Value::from),
        ),
        ("ExecutionRoleArn", Some(role.role_arn().into())),
        ("ModelName", Some(model.model_name.into())),
        ("Tags", model.tags.map(TaskInput::into_value)),
        ("PrimaryContainer", Some(primary)),
        ("Containers", containers),
        ("VpcConfig", network),
    ]);
    task.integration("sagemaker", "createModel", pattern, parameters, &[])
}
