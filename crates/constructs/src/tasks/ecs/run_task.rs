//! Runs tasks on clusters.

use std::fmt;
use std::rc::Rc;

use super::container_override::ContainerOverride;
use super::launch_target::{EcsLaunchTarget, LaunchTargetBindOptions};
use crate::core::{Feature, Problem, Scope};
use crate::resources::ecs::{Cluster, NetworkMode, PropagatedTagSource, TaskDefinition};
use crate::resources::{Connectable, Connections, SecurityGroup, SubnetSelection, SubnetType};
use crate::states::{IntegrationPattern, StateOptions, TaskScope, task_state};
use crate::value::{Text, Value};

/// Runs a task on a cluster.
#[derive(Clone)]
#[must_use]
pub struct EcsRunTask {
    scope: Scope,
    options: StateOptions,
    cluster: Cluster,
    task_definition: TaskDefinition,
    launch_target: Rc<dyn EcsLaunchTarget>,
    connections: Connections,
    container_overrides: Vec<ContainerOverride>,
    assign_public_ip: Option<bool>,
    subnets: Option<SubnetSelection>,
    security_groups: Option<Vec<SecurityGroup>>,
    cpu: Option<Text>,
    memory_mib: Option<Text>,
    revision_number: Option<u32>,
    propagated_tag_source: Option<PropagatedTagSource>,
    enable_execute_command: Option<bool>,
}

impl EcsRunTask {
    /// Runs the newest revision of a task definition on a cluster.
    pub fn new(
        scope: &Scope,
        id: &str,
        cluster: &Cluster,
        task_definition: &TaskDefinition,
        launch_target: impl EcsLaunchTarget + 'static,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            cluster: cluster.clone(),
            task_definition: task_definition.clone(),
            launch_target: Rc::new(launch_target),
            connections: Connections::default(),
            container_overrides: Vec::new(),
            assign_public_ip: None,
            subnets: None,
            security_groups: None,
            cpu: None,
            memory_mib: None,
            revision_number: None,
            propagated_tag_source: None,
            enable_execute_command: None,
        }
    }

    /// What the run changes of its containers.
    pub fn container_overrides(
        mut self,
        overrides: impl IntoIterator<Item = ContainerOverride>,
    ) -> Self {
        self.container_overrides.extend(overrides);
        self
    }

    /// Whether the task's network interface has a public address; not unless said. Only in the network mode `awsvpc`.
    pub fn assign_public_ip(mut self, assign: bool) -> Self {
        self.assign_public_ip = Some(assign);
        self
    }

    /// The subnets of the task's network interface; public ones if it has a public address, else private ones, unless said.
    pub fn subnets(mut self, subnets: impl Into<SubnetSelection>) -> Self {
        self.subnets = Some(subnets.into());
        self
    }

    /// The security groups of the task's network interface; a new one unless said.
    pub fn security_groups<'a>(
        mut self,
        groups: impl IntoIterator<Item = &'a SecurityGroup>,
    ) -> Self {
        let groups = groups.into_iter().cloned();
        self.security_groups.get_or_insert_default().extend(groups);
        self
    }

    /// The processor time of the task, in 1024ths of a processor or as `1 vCPU`.
    pub fn cpu(mut self, units: impl Into<Text>) -> Self {
        self.cpu = Some(units.into());
        self
    }

    /// The memory of the task, in MiB or as `1 GB`.
    pub fn memory_mib(mut self, memory: impl Into<Text>) -> Self {
        self.memory_mib = Some(memory.into());
        self
    }

    /// The revision of the task definition that is run; the newest unless said.
    pub fn revision_number(mut self, revision: u32) -> Self {
        self.revision_number = Some(revision);
        self
    }

    /// From what the task gets its tags.
    pub fn propagated_tag_source(mut self, source: PropagatedTagSource) -> Self {
        self.propagated_tag_source = Some(source);
        self
    }

    /// Whether commands can be run in the task's containers by ECS Exec.
    pub fn enable_execute_command(mut self, enable: bool) -> Self {
        self.enable_execute_command = Some(enable);
        self
    }

    fn check(&self, task: &TaskScope, pattern: IntegrationPattern) -> Result<(), Problem> {
        let environment = self
            .container_overrides
            .iter()
            .flat_map(|changed| &changed.environment);
        let values = environment
            .flatten()
            .map(super::TaskEnvironmentVariable::to_value);
        let missing = "Task Token is required in at least one `containerOverrides.environment` for callback. \
                       Use JsonPath.taskToken to set the token.";
        let values = Value::List(values.collect());
        task.needs_token(pattern, "container_overrides", Some(&values), missing)?;
        let known = self.task_definition.knows_containers();
        if known && self.task_definition.default_container().is_none() {
            let message = "A TaskDefinition must have at least one essential container";
            return Err(Problem::property("task_definition", message));
        }
        Ok(())
    }

    /// That only containers of the task definition are changed.
    fn check_overrides(&self) -> Result<(), Problem> {
        let names = self
            .container_overrides
            .iter()
            .map(|changed| &changed.container_name);
        let unknown = names.filter_map(Text::as_literal).find(|name| {
            self.task_definition.knows_containers()
                && self.task_definition.find_container(name).is_none()
        });
        match unknown {
            None => Ok(()),
            Some(name) => Err(Problem::property(
                "container_overrides",
                format!(
                    "Overrides mention container with name '{name}', but no such container in task definition"
                ),
            )),
        }
    }

    /// The task's network interface, if it has one of its own; else it is in the security groups of its instance.
    fn network(&self) -> Result<Option<Value>, Problem> {
        let mode = self.task_definition.network_mode()?;
        if mode != NetworkMode::AwsVpc {
            if self.subnets.is_some() || self.security_groups.is_some() {
                let message = format!(
                    "Supplied TaskDefinition must have 'networkMode' of 'AWS_VPC' to use 'vpcSubnets' and \
                     'securityGroup'. Received: {}",
                    mode.name()
                );
                return Err(Problem::property("subnets", message));
            }
            self.connect(&self.cluster.connections().security_groups());
            return Ok(None);
        }
        let vpc = self.cluster.vpc()?;
        let public = self.assign_public_ip == Some(true);
        let subnets = self.subnets.clone().unwrap_or_else(|| match public {
            true => SubnetType::Public.into(),
            false => SubnetType::PrivateWithEgress.into(),
        });
        let subnets = vpc.select_subnets(&subnets)?;
        let groups = match &self.security_groups {
            Some(groups) => groups.clone(),
            None => vec![SecurityGroup::new(&self.scope, "SecurityGroup", vpc)],
        };
        self.connect(&groups);
        let group_ids: Vec<Text> = groups
            .iter()
            .map(SecurityGroup::security_group_id)
            .collect();
        let assign = |assign| if assign { "ENABLED" } else { "DISABLED" };
        let configuration = Value::object([
            (
                "AssignPublicIp",
                self.assign_public_ip.map(|said| assign(said).into()),
            ),
            ("Subnets", Some(subnets.subnet_ids().into())),
            ("SecurityGroups", Some(group_ids.into())),
        ]);
        Ok(Some(crate::object! {"AwsvpcConfiguration": configuration}))
    }

    fn connect(&self, groups: &[SecurityGroup]) {
        for group in groups {
            self.connections.add_security_group(group);
        }
    }

    fn overrides(&self) -> Option<Value> {
        let containers = self
            .container_overrides
            .iter()
            .map(ContainerOverride::to_value);
        let containers: Vec<Value> = containers.collect();
        if containers.is_empty() && self.cpu.is_none() && self.memory_mib.is_none() {
            return None;
        }
        Some(Value::object([
            ("Cpu", self.cpu.clone().map(Value::from)),
            ("Memory", self.memory_mib.clone().map(Value::from)),
            (
                "ContainerOverrides",
                (!containers.is_empty()).then_some(Value::List(containers)),
            ),
        ]))
    }

    /// What the machine's role may run: any revision, as each version of the CDK writes it, or only the newest.
    fn runs(&self) -> Text {
        if self.scope.has(Feature::EcsReduceRunTaskPermissions) {
            return self.task_definition.task_definition_arn();
        }
        let family = self.task_definition.family_arn();
        match self.scope.has(Feature::Version2) {
            true => family.then(":*"),
            false => family,
        }
    }
}

impl Connectable for EcsRunTask {
    /// What the task may connect to; its security groups are added when the task becomes a state.
    fn connections(&self) -> Connections {
        self.connections.clone()
    }
}

impl fmt::Debug for EcsRunTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EcsRunTask({})", self.scope.path_text())
    }
}

task_state!(EcsRunTask, define);

fn define(run: EcsRunTask, task: &mut TaskScope) -> Result<crate::states::TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob, WaitForTaskToken};

    let supported = [RequestResponse, RunJob, WaitForTaskToken];
    let pattern = task.pattern(RequestResponse, &supported)?;
    run.check(task, pattern)?;
    let network = run.network()?;
    run.check_overrides()?;
    let family = run.task_definition.family();
    let named = match run.revision_number {
        Some(revision) => family.then(format!(":{revision}")),
        None => family,
    };
    let mut parameters = crate::value::Object::new();
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            parameters.insert(name.to_owned(), value);
        }
    };
    add("Cluster", Some(run.cluster.cluster_arn().into()));
    add("TaskDefinition", Some(named.clone().into()));
    add("NetworkConfiguration", network);
    add("Overrides", run.overrides());
    add(
        "PropagateTags",
        run.propagated_tag_source.map(|source| source.name().into()),
    );
    let known = [(named, run.runs())];
    let roles = [
        Some(run.task_definition.task_role()?),
        run.task_definition.execution_role(),
    ];
    let launch = run.launch_target.bind(&LaunchTargetBindOptions {
        task_definition: run.task_definition,
        cluster: Some(run.cluster),
    })?;
    for (name, value) in launch.parameters {
        add(&name, Some(value));
    }
    add(
        "EnableExecuteCommand",
        run.enable_execute_command.map(Value::from),
    );
    let parameters = Value::Object(parameters);
    let mut definition = task.integration("ecs", "runTask", pattern, parameters, &known)?;
    let roles = roles.iter().flatten().map(crate::iam::Role::role_arn);
    definition.narrow("iam:PassRole", roles);
    Ok(definition)
}
