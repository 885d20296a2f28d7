//! Task definitions: what runs together, and with how much of everything.

use std::cell::RefCell;
use std::rc::Rc;

use super::container::{Container, ContainerDefinition, ContainerOptions};
use super::placement::PlacementConstraint;
use crate::core::{CfnResource, Problem, Scope};
use crate::iam::{Principal, Role, Statement};
use crate::value::{Fn, Text, Value};

/// On what tasks can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compatibility {
    /// On instances of the cluster.
    Ec2,
    /// On Fargate.
    Fargate,
    /// On either.
    Ec2AndFargate,
    /// On instances outside of AWS.
    External,
}

impl Compatibility {
    fn names(self) -> Vec<&'static str> {
        match self {
            Self::Ec2 => vec!["EC2"],
            Self::Fargate => vec!["FARGATE"],
            Self::Ec2AndFargate => vec!["EC2", "FARGATE"],
            Self::External => vec!["EXTERNAL"],
        }
    }

    fn ec2(self) -> bool {
        matches!(self, Self::Ec2 | Self::Ec2AndFargate)
    }

    fn fargate(self) -> bool {
        matches!(self, Self::Fargate | Self::Ec2AndFargate)
    }
}

/// How containers are connected to the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkMode {
    /// Not at all.
    None,
    /// Through Docker's virtual network on their instance.
    Bridge,
    /// With a network interface of the task's own.
    AwsVpc,
    /// As their instance is.
    Host,
    /// Through Docker's network on Windows.
    Nat,
}

impl NetworkMode {
    /// Its name in a template.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bridge => "bridge",
            Self::AwsVpc => "awsvpc",
            Self::Host => "host",
            Self::Nat => "nat",
        }
    }
}

/// A version of the Fargate platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FargatePlatformVersion {
    /// The latest.
    Latest,
    /// 1.4.0.
    Version1_4,
    /// 1.3.0.
    Version1_3,
    /// 1.2.0.
    Version1_2,
    /// 1.1.0.
    Version1_1,
    /// 1.0.0.
    Version1_0,
}

impl FargatePlatformVersion {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Latest => "LATEST",
            Self::Version1_4 => "1.4.0",
            Self::Version1_3 => "1.3.0",
            Self::Version1_2 => "1.2.0",
            Self::Version1_1 => "1.1.0",
            Self::Version1_0 => "1.0.0",
        }
    }
}

/// From what tasks get their tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropagatedTagSource {
    /// From their service.
    Service,
    /// From their task definition.
    TaskDefinition,
    /// From nothing.
    None,
}

impl PropagatedTagSource {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "SERVICE",
            Self::TaskDefinition => "TASK_DEFINITION",
            Self::None => "NONE",
        }
    }
}

/// What can be said of a task definition.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct TaskDefinitionOptions {
    family: Option<Text>,
    cpu: Option<Text>,
    memory_mib: Option<Text>,
    network_mode: Option<NetworkMode>,
    task_role: Option<Role>,
    execution_role: Option<Role>,
    placement_constraints: Vec<PlacementConstraint>,
    ephemeral_storage_gib: Option<u32>,
}

impl TaskDefinitionOptions {
    /// The name that its revisions share; made of its path unless said.
    pub fn family(mut self, family: impl Into<Text>) -> Self {
        self.family = Some(family.into());
        self
    }

    /// The processor time of a task, in 1024ths of a processor; required for Fargate.
    pub fn cpu(mut self, units: impl Into<Text>) -> Self {
        self.cpu = Some(units.into());
        self
    }

    /// The memory of a task, in MiB; required for Fargate.
    pub fn memory_mib(mut self, memory: impl Into<Text>) -> Self {
        self.memory_mib = Some(memory.into());
        self
    }

    /// How its containers are connected; by an interface of their own on Fargate, else through Docker's network, unless said.
    pub fn network_mode(mut self, mode: NetworkMode) -> Self {
        self.network_mode = Some(mode);
        self
    }

    /// What its containers act with; a role of its own unless said.
    pub fn task_role(mut self, role: &Role) -> Self {
        self.task_role = Some(role.clone());
        self
    }

    /// With what images are pulled and logs are written; a role of its own, if there is need for one, unless said.
    pub fn execution_role(mut self, role: &Role) -> Self {
        self.execution_role = Some(role.clone());
        self
    }

    /// On which instances its tasks may be placed; not for Fargate.
    pub fn placement_constraint(mut self, constraint: PlacementConstraint) -> Self {
        self.placement_constraints.push(constraint);
        self
    }

    /// The storage of a task, in GiB; 20 unless said. Only for Fargate.
    pub fn ephemeral_storage_gib(mut self, storage: u32) -> Self {
        self.ephemeral_storage_gib = Some(storage);
        self
    }

    fn check(&self, compatibility: Compatibility, mode: NetworkMode) -> Result<(), Problem> {
        let problem = |property, message: String| Err(Problem::property(property, message));
        let mode = mode.name();
        if compatibility.fargate() {
            if mode != NetworkMode::AwsVpc.name() {
                let message =
                    format!("Fargate tasks can only have AwsVpc network mode, got: {mode}");
                return problem("network_mode", message);
            }
            if !self.placement_constraints.is_empty() {
                let message = "Cannot set placement constraints on tasks that run on Fargate";
                return problem("placement_constraint", message.to_owned());
            }
            if self.cpu.is_none() || self.memory_mib.is_none() {
                let shown = |text: &Option<Text>| match text {
                    Some(text) => text.as_literal().unwrap_or("${Token}").to_owned(),
                    None => "undefined".to_owned(),
                };
                let message = format!(
                    "Fargate-compatible tasks require both CPU ({}) and memory ({}) specifications",
                    shown(&self.cpu),
                    shown(&self.memory_mib)
                );
                let missing = if self.cpu.is_none() {
                    "cpu"
                } else {
                    "memory_mib"
                };
                return problem(missing, message);
            }
        }
        if compatibility == Compatibility::External && mode != NetworkMode::Bridge.name() {
            let message = format!("External tasks can only have Bridge network mode, got: {mode}");
            return problem("network_mode", message);
        }
        Ok(())
    }
}

/// A task definition, made in the stack or imported.
///
/// It is a handle: clones are the same task definition.
#[derive(Debug, Clone)]
pub struct TaskDefinition {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    scope: Scope,
    compatibility: Compatibility,
    network_mode: Option<NetworkMode>,
    arn: Text,
    family: Text,
    task_role: Option<Role>,
    execution_role: RefCell<Option<Role>>,
    /// None if it was imported.
    content: Option<Rc<Content>>,
    containers: RefCell<Vec<ContainerDefinition>>,
}

/// What the resource is written from. It knows no place, so that the resource can own it.
#[derive(Debug, Default)]
struct Content {
    containers: RefCell<Vec<Rc<Container>>>,
    execution_role_arn: RefCell<Option<Text>>,
}

/// What is known of a task definition that exists already.
#[derive(Debug, Clone, Default)]
pub struct TaskDefinitionAttributes {
    /// Its ARN, with or without a revision.
    pub task_definition_arn: Text,
    /// On what its tasks can run; on EC2 and Fargate unless said.
    pub compatibility: Option<Compatibility>,
    /// How its containers are connected to the network.
    pub network_mode: Option<NetworkMode>,
    /// What its containers act with.
    pub task_role: Option<Role>,
    /// With what images are pulled and logs are written.
    pub execution_role: Option<Role>,
}

impl TaskDefinition {
    /// A task definition; containers are added to it.
    pub fn new(
        scope: &Scope,
        id: &str,
        compatibility: Compatibility,
        options: TaskDefinitionOptions,
    ) -> Self {
        let scope = scope.child(id);
        let network_mode = options
            .network_mode
            .unwrap_or(match compatibility.fargate() {
                true => NetworkMode::AwsVpc,
                false => NetworkMode::Bridge,
            });
        if let Err(problem) = options.check(compatibility, network_mode) {
            scope.report(problem);
        }
        let task_role = options
            .task_role
            .unwrap_or_else(|| Role::new(&scope, "TaskRole", tasks_principal()));
        let family = options.family.unwrap_or_else(|| scope.unique_name().into());
        let content = Rc::new(Content::default());
        let (containers, execution) = (content.clone(), content.clone());
        let constraints: Vec<Value> = options
            .placement_constraints
            .iter()
            .flat_map(PlacementConstraint::to_values)
            .collect();
        let storage = options.ephemeral_storage_gib;
        let resource = CfnResource::new(&scope, "Resource", "AWS::ECS::TaskDefinition")
            .lazy_property("ContainerDefinitions", move || containers.containers())
            .optional("Cpu", options.cpu)
            .optional(
                "EphemeralStorage",
                storage.map(|size| crate::object! {"SizeInGiB": size}),
            )
            .lazy_property("ExecutionRoleArn", move || {
                execution
                    .execution_role_arn
                    .borrow()
                    .clone()
                    .map(Value::from)
            })
            .property("Family", family.clone())
            .optional("Memory", options.memory_mib)
            .optional(
                "NetworkMode",
                (network_mode != NetworkMode::Nat).then(|| network_mode.name()),
            )
            .optional(
                "PlacementConstraints",
                (!constraints.is_empty()).then_some(constraints),
            )
            .property("RequiresCompatibilities", compatibility.names())
            .property("TaskRoleArn", task_role.role_arn());
        let made = Self {
            inner: Rc::new(Inner {
                arn: resource.reference(),
                compatibility,
                network_mode: Some(network_mode),
                family,
                task_role: Some(task_role),
                execution_role: RefCell::default(),
                content: Some(content),
                containers: RefCell::default(),
                scope,
            }),
        };
        if let Some(role) = options.execution_role {
            made.use_execution_role(role);
        }
        made
    }

    /// A task definition that exists already.
    pub fn from_task_definition_attributes(
        scope: &Scope,
        id: &str,
        attributes: TaskDefinitionAttributes,
    ) -> Self {
        let arn = attributes.task_definition_arn;
        let family = match arn.split_once("task-definition/") {
            Some((_, name)) => name.split_once(":").map_or(name, |(family, _)| family),
            None => after_slash(&arn),
        };
        Self {
            inner: Rc::new(Inner {
                scope: scope.child(id),
                compatibility: attributes
                    .compatibility
                    .unwrap_or(Compatibility::Ec2AndFargate),
                network_mode: attributes.network_mode,
                family,
                arn,
                task_role: attributes.task_role,
                execution_role: RefCell::new(attributes.execution_role),
                content: None,
                containers: RefCell::default(),
            }),
        }
    }

    /// Adds a container under an id, which is its name unless its options say another.
    pub fn add_container(&self, id: &str, options: ContainerOptions) -> ContainerDefinition {
        let scope = self.inner.scope.child(id);
        if let Some(problem) = options.problem() {
            scope.report(Problem::property("add_container", problem));
        }
        if self.is_ec2_compatible() && options.memory == [None, None] {
            let message = format!(
                "ECS Container {id} must have at least one of 'memoryLimitMiB' or 'memoryReservationMiB' specified"
            );
            scope.report(Problem::property("memory_limit_mib", message));
        }
        if let Some(repository) = &options.image.repository {
            repository.grant_pull(&self.obtain_execution_role());
        }
        let logging = options.logging.as_ref();
        let logging = logging.map(|driver| driver.bind(&scope, &self.obtain_execution_role()));
        let container = ContainerDefinition::new(id, options, logging);
        self.inner.containers.borrow_mut().push(container.clone());
        match &self.inner.content {
            Some(content) => content.containers.borrow_mut().push(container.inner()),
            None => scope.report(Problem::property(
                "add_container",
                "A task definition that was imported cannot be given containers",
            )),
        }
        container
    }

    /// The name that its revisions share.
    pub fn family(&self) -> Text {
        self.inner.family.clone()
    }

    /// The ARN of its newest revision, or the ARN by which it was imported.
    pub fn task_definition_arn(&self) -> Text {
        self.inner.arn.clone()
    }

    /// Its ARN without a revision.
    pub(crate) fn family_arn(&self) -> Text {
        let arn = &self.inner.arn;
        if let Some((before, _)) = arn.split_once("task-definition/") {
            return before.then("task-definition/").then(&self.inner.family);
        }
        let part = |index| Fn::select(index, Fn::split(":", arn));
        let service = Text::join(":", ["arn".into(), part(1), part(2), part(3), part(4)]);
        let resource = Fn::select(0, Fn::split("/", part(5)));
        Text::join(":", [service, resource.then("/").then(after_slash(arn))])
    }

    /// How its containers are connected to the network.
    pub fn network_mode(&self) -> Result<NetworkMode, Problem> {
        self.inner
            .network_mode
            .ok_or_else(|| missing("network_mode", "networkMode"))
    }

    /// What its containers act with.
    pub fn task_role(&self) -> Result<Role, Problem> {
        let role = self.inner.task_role.clone();
        role.ok_or_else(|| missing("task_role", "taskRole"))
    }

    /// With what images are pulled and logs are written, if there is need for it.
    pub fn execution_role(&self) -> Option<Role> {
        self.inner.execution_role.borrow().clone()
    }

    /// Allows its containers more.
    pub fn add_to_task_role_policy(&self, statement: Statement) {
        match self.task_role() {
            Ok(role) => {
                role.add_to_policy(statement);
            }
            Err(problem) => self.inner.scope.report(problem),
        }
    }

    /// Allows more of that with which images are pulled and logs are written.
    pub fn add_to_execution_role_policy(&self, statement: Statement) {
        self.obtain_execution_role().add_to_policy(statement);
    }

    /// With what images are pulled and logs are written; it is made if there is none yet.
    pub fn obtain_execution_role(&self) -> Role {
        self.execution_role().unwrap_or_else(|| {
            let role = Role::new(&self.inner.scope, "ExecutionRole", tasks_principal());
            self.use_execution_role(role.clone());
            role
        })
    }

    fn use_execution_role(&self, role: Role) {
        if let Some(content) = &self.inner.content {
            *content.execution_role_arn.borrow_mut() = Some(role.role_arn());
        }
        *self.inner.execution_role.borrow_mut() = Some(role);
    }

    /// Whether its tasks can run on instances of a cluster.
    pub fn is_ec2_compatible(&self) -> bool {
        self.inner.compatibility.ec2()
    }

    /// Whether its tasks can run on Fargate.
    pub fn is_fargate_compatible(&self) -> bool {
        self.inner.compatibility.fargate()
    }

    /// The first of its containers without which a task ends.
    pub fn default_container(&self) -> Option<ContainerDefinition> {
        let containers = self.inner.containers.borrow();
        containers
            .iter()
            .find(|container| container.essential())
            .cloned()
    }

    /// The container of a name.
    pub fn find_container(&self, name: &str) -> Option<ContainerDefinition> {
        let containers = self.inner.containers.borrow();
        let mut named = containers
            .iter()
            .filter(|container| container.container_name().as_literal() == Some(name));
        named.next().cloned()
    }

    /// Whether its containers are known: it was not imported.
    pub(crate) fn knows_containers(&self) -> bool {
        self.inner.content.is_some()
    }
}

impl Content {
    fn containers(&self) -> Option<Value> {
        let containers = self.containers.borrow();
        let values = containers.iter().map(|container| container.to_value());
        (!containers.is_empty()).then(|| Value::List(values.collect()))
    }
}

fn tasks_principal() -> Principal {
    Principal::service("ecs-tasks.amazonaws.com")
}

/// What is not known of an imported task definition.
fn missing(property: &'static str, name: &str) -> Problem {
    let message = format!(
        "This operation requires the {name} in ImportedTaskDefinition to be defined. Add the '{name}' in \
         ImportedTaskDefinitionProps to instantiate ImportedTaskDefinition"
    );
    Problem::property(property, message)
}

/// The name in an ARN that is only known at deployment.
fn after_slash(arn: &Text) -> Text {
    Fn::select(1, Fn::split("/", Fn::select(5, Fn::split(":", arn))))
}
