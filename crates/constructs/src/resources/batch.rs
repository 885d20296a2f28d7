//! Batch: job definitions, job queues and compute environments.

use indexmap::IndexMap;

use crate::core::{Arn, ArnFormat, CfnResource, Duration, Problem, Scope};
use crate::iam::{Principal, Role};
use crate::value::{Object, Text, Value};

/// A job definition, made in the stack or imported.
#[derive(Clone, Debug)]
pub struct JobDefinition {
    resource: Option<CfnResource>,
    arn: Text,
}

/// The container of a job on EC2.
#[derive(Clone, Debug)]
#[must_use]
pub struct JobDefinitionContainer {
    image: Text,
    command: Option<Value>,
    environment: IndexMap<String, Text>,
    gpu_count: Option<u32>,
    job_role: Option<Role>,
    memory_limit_mib: u32,
    privileged: bool,
    read_only: bool,
    user: Option<String>,
    vcpus: u32,
}

/// A queue of jobs, made in the stack or imported.
#[derive(Clone, Debug)]
pub struct JobQueue {
    resource: Option<CfnResource>,
    arn: Text,
}

/// Where jobs run, made in the stack or imported.
#[derive(Clone, Debug)]
pub struct ComputeEnvironment {
    resource: Option<CfnResource>,
    arn: Text,
}

impl JobDefinitionContainer {
    /// A container of an image: `public.ecr.aws/amazonlinux/amazonlinux:2023`. It has one virtual CPU and 4 MiB of memory unless said.
    pub fn new(image: impl Into<Text>) -> Self {
        Self {
            image: image.into(),
            command: None,
            environment: IndexMap::new(),
            gpu_count: None,
            job_role: None,
            memory_limit_mib: 4,
            privileged: false,
            read_only: false,
            user: None,
            vcpus: 1,
        }
    }

    /// The command, instead of that of the image.
    pub fn command<T: Into<Value>>(mut self, command: impl IntoIterator<Item = T>) -> Self {
        self.command = Some(Value::List(command.into_iter().map(Into::into).collect()));
        self
    }

    /// A variable of the environment.
    pub fn environment(mut self, name: impl Into<String>, value: impl Into<Text>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// The number of GPUs.
    pub fn gpu_count(mut self, count: u32) -> Self {
        self.gpu_count = Some(count);
        self
    }

    /// The role with whose permissions the job runs.
    pub fn job_role(mut self, role: &Role) -> Self {
        self.job_role = Some(role.clone());
        self
    }

    /// The memory in MiB.
    pub fn memory_limit_mib(mut self, amount: u32) -> Self {
        self.memory_limit_mib = amount;
        self
    }

    /// Whether the container may do what root of the host may.
    pub fn privileged(mut self, privileged: bool) -> Self {
        self.privileged = privileged;
        self
    }

    /// Whether the root file system cannot be written to.
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// The user within the container.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// The number of virtual CPUs.
    pub fn vcpus(mut self, count: u32) -> Self {
        self.vcpus = count;
        self
    }

    fn into_value(self) -> Value {
        let variable =
            |(name, value): (String, Text)| crate::object! {"Name": name, "Value": value};
        let environment: Vec<Value> = self.environment.into_iter().map(variable).collect();
        let requirements = [
            ("VCPU", Some(self.vcpus)),
            ("MEMORY", Some(self.memory_limit_mib)),
            ("GPU", self.gpu_count),
        ];
        let requirements = requirements.into_iter().filter_map(|(kind, amount)| {
            Some(crate::object! {"Type": kind, "Value": amount?.to_string()})
        });
        Value::object([
            ("Command", self.command),
            (
                "Environment",
                (!environment.is_empty()).then_some(Value::List(environment)),
            ),
            ("Image", Some(self.image.into())),
            (
                "JobRoleArn",
                self.job_role.map(|role| role.role_arn().into()),
            ),
            ("Privileged", Some(self.privileged.into())),
            ("ReadonlyRootFilesystem", Some(self.read_only.into())),
            ("User", self.user.map(Value::from)),
            (
                "ResourceRequirements",
                Some(Value::List(requirements.collect())),
            ),
        ])
    }
}

impl JobDefinition {
    /// A job that runs a container on EC2, tried once.
    pub fn new(scope: &Scope, id: &str, container: JobDefinitionContainer) -> Self {
        let resource = CfnResource::new(&scope.child(id), "Resource", "AWS::Batch::JobDefinition")
            .property("Type", "container")
            .property("ContainerProperties", container.into_value())
            .property("PlatformCapabilities", ["EC2"])
            .property("RetryStrategy", crate::object! {"Attempts": 1})
            .property("Timeout", Value::Object(Object::new()));
        Self {
            arn: resource.reference(),
            resource: Some(resource),
        }
    }

    /// A job definition that exists already.
    pub fn from_job_definition_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        scope.child(id);
        Self {
            resource: None,
            arn: arn.into(),
        }
    }

    /// A job definition that exists already, by its name with or without a revision; without one it is the latest.
    pub fn from_job_definition_name(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        let arn = scope
            .child(id)
            .arn("batch", Text::from("job-definition/").then(name));
        Self {
            resource: None,
            arn,
        }
    }

    /// How often a job is tried, 1 to 10 times.
    pub fn retry_attempts(self, attempts: u8) -> Self {
        self.property("RetryStrategy", crate::object! {"Attempts": attempts})
    }

    /// How long an attempt may take, in whole seconds.
    pub fn timeout(self, timeout: Duration) -> Self {
        let seconds = timeout.to_seconds();
        self.property(
            "Timeout",
            crate::object! {"AttemptDurationSeconds": seconds},
        )
    }

    /// Its name; CloudFormation makes one unless said.
    pub fn name(self, name: impl Into<Text>) -> Self {
        self.property("JobDefinitionName", name.into())
    }

    /// Sets a property of the resource: `("Tags", object! {"team": "orders"})`; nothing for an imported one.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its ARN.
    pub fn job_definition_arn(&self) -> Text {
        self.arn.clone()
    }
}

impl JobQueue {
    /// A queue whose jobs run in compute environments, in the order of numbers: the least is tried first.
    pub fn new<'a>(
        scope: &Scope,
        id: &str,
        compute_environments: impl IntoIterator<Item = (u32, &'a ComputeEnvironment)>,
    ) -> Self {
        let place = scope.child(id);
        let environments = compute_environments.into_iter();
        let environments = environments.map(|(order, environment)| {
            crate::object! {"ComputeEnvironment": environment.compute_environment_arn(), "Order": order}
        });
        let environments: Vec<Value> = environments.collect();
        if environments.is_empty() {
            let message = "computeEnvironments must be non-empty";
            place.report(Problem::property("compute_environments", message));
        }
        let resource = CfnResource::new(&place, "Resource", "AWS::Batch::JobQueue")
            .property("ComputeEnvironmentOrder", environments)
            .property("Priority", 1)
            .property("State", "ENABLED");
        Self {
            arn: resource.reference(),
            resource: Some(resource),
        }
    }

    /// A queue that exists already.
    pub fn from_job_queue_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        scope.child(id);
        Self {
            resource: None,
            arn: arn.into(),
        }
    }

    /// Whose jobs run first where queues share an environment: those of the greatest number; 1 unless said.
    pub fn priority(self, priority: u32) -> Self {
        self.property("Priority", priority)
    }

    /// Whether it takes jobs; on unless said.
    pub fn enabled(self, enabled: bool) -> Self {
        self.property("State", state(enabled))
    }

    /// Its name; CloudFormation makes one unless said.
    pub fn name(self, name: impl Into<Text>) -> Self {
        self.property("JobQueueName", name.into())
    }

    /// Sets a property of the resource: `("Tags", object! {"team": "orders"})`; nothing for an imported queue.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its ARN.
    pub fn job_queue_arn(&self) -> Text {
        self.arn.clone()
    }

    /// Its name.
    pub fn job_queue_name(&self) -> Text {
        Arn::split(&self.arn).resource_name(ArnFormat::Slash)
    }
}

impl ComputeEnvironment {
    /// An environment whose machines are somebody else's to look after.
    pub fn unmanaged(scope: &Scope, id: &str) -> Self {
        Self::made(&scope.child(id), "UNMANAGED")
    }

    /// An environment whose machines Batch looks after, with the properties of CloudFormation's `ComputeResources`:
    /// `{"Type": "FARGATE", "MaxvCpus": 16, "Subnets": […], "SecurityGroupIds": […]}`.
    pub fn managed(scope: &Scope, id: &str, compute_resources: impl Into<Value>) -> Self {
        Self::made(&scope.child(id), "MANAGED").property("ComputeResources", compute_resources)
    }

    fn made(place: &Scope, kind: &str) -> Self {
        let role = Role::new(
            place,
            "Resource-Service-Instance-Role",
            Principal::service("batch.amazonaws.com"),
        );
        role.add_aws_managed_policy("service-role/AWSBatchServiceRole");
        let resource = CfnResource::new(place, "Resource", "AWS::Batch::ComputeEnvironment")
            .property("Type", kind)
            .property("ServiceRole", role.role_arn())
            .property("State", state(true));
        Self {
            arn: resource.reference(),
            resource: Some(resource),
        }
    }

    /// An environment that exists already.
    pub fn from_compute_environment_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        scope.child(id);
        Self {
            resource: None,
            arn: arn.into(),
        }
    }

    /// Whether it takes jobs; on unless said.
    pub fn enabled(self, enabled: bool) -> Self {
        self.property("State", state(enabled))
    }

    /// Its name; CloudFormation makes one unless said.
    pub fn name(self, name: impl Into<Text>) -> Self {
        self.property("ComputeEnvironmentName", name.into())
    }

    /// Sets a property of the resource: `("Tags", object! {"team": "orders"})`; nothing for an imported one.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its ARN.
    pub fn compute_environment_arn(&self) -> Text {
        self.arn.clone()
    }
}

fn state(enabled: bool) -> &'static str {
    match enabled {
        true => "ENABLED",
        false => "DISABLED",
    }
}
