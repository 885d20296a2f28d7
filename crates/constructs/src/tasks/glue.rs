//! Glue: starts runs of jobs.

use std::borrow::Cow;

use crate::core::{Duration, Problem, Scope};
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskInput, TaskMetrics, TaskScope, task_state,
};
use crate::value::{Object, Text, Value};

/// Starts a run of a Glue job.
///
/// A timeout is one of the job run, in whole minutes, not of the task.
#[derive(Debug, Clone)]
#[must_use]
pub struct GlueStartJobRun {
    scope: Scope,
    options: StateOptions,
    glue_job_name: Text,
    arguments: Option<TaskInput>,
    execution_class: Option<ExecutionClass>,
    notify_delay_after: Option<Duration>,
    security_configuration: Option<Text>,
    worker_configuration: Option<WorkerConfigurationProperty>,
}

/// When a job runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutionClass {
    /// When there is capacity to spare.
    Flex,
    /// At once.
    Standard,
}

/// The workers of a job run.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct WorkerConfigurationProperty {
    worker_type: WorkerType,
    number_of_workers: Value,
}

/// The type of a job's workers: one of those that there are, or another by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerType(Cow<'static, str>);

impl ExecutionClass {
    fn name(self) -> &'static str {
        match self {
            Self::Flex => "FLEX",
            Self::Standard => "STANDARD",
        }
    }
}

impl WorkerType {
    /// 4 virtual CPUs and 16 GB of memory.
    pub const STANDARD: Self = Self(Cow::Borrowed("Standard"));
    /// 2 virtual CPUs and 4 GB of memory.
    pub const G_025X: Self = Self(Cow::Borrowed("G.025X"));
    /// 4 virtual CPUs and 16 GB of memory.
    pub const G_1X: Self = Self(Cow::Borrowed("G.1X"));
    /// 8 virtual CPUs and 32 GB of memory.
    pub const G_2X: Self = Self(Cow::Borrowed("G.2X"));
    /// 16 virtual CPUs and 64 GB of memory.
    pub const G_4X: Self = Self(Cow::Borrowed("G.4X"));
    /// 32 virtual CPUs and 128 GB of memory.
    pub const G_8X: Self = Self(Cow::Borrowed("G.8X"));
    /// For Ray: 8 virtual CPUs and 64 GB of memory.
    pub const Z_2X: Self = Self(Cow::Borrowed("Z.2X"));

    /// A type by its name.
    pub fn of(name: impl Into<String>) -> Self {
        Self(name.into().into())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl WorkerConfigurationProperty {
    /// A number of workers of a type.
    pub fn new(worker_type: WorkerType, number_of_workers: impl Into<Value>) -> Self {
        Self {
            worker_type,
            number_of_workers: number_of_workers.into(),
        }
    }
}

impl GlueStartJobRun {
    /// Starts a run of a job by its name.
    pub fn new(scope: &Scope, id: &str, glue_job_name: impl Into<Text>) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            glue_job_name: glue_job_name.into(),
            arguments: None,
            execution_class: None,
            notify_delay_after: None,
            security_configuration: None,
            worker_configuration: None,
        }
    }

    /// The run's arguments, instead of those of the job.
    pub fn arguments(mut self, arguments: TaskInput) -> Self {
        self.arguments = Some(arguments);
        self
    }

    /// When the job runs; as the job says unless said.
    pub fn execution_class(mut self, class: ExecutionClass) -> Self {
        self.execution_class = Some(class);
        self
    }

    /// After how long a delay is told of, in whole minutes.
    pub fn notify_delay_after(mut self, delay: Duration) -> Self {
        self.notify_delay_after = Some(delay);
        self
    }

    /// The name of the security configuration of the run.
    pub fn security_configuration(mut self, name: impl Into<Text>) -> Self {
        self.security_configuration = Some(name.into());
        self
    }

    /// The workers of the run, instead of those of the job.
    pub fn worker_configuration(mut self, workers: WorkerConfigurationProperty) -> Self {
        self.worker_configuration = Some(workers);
        self
    }
}

task_state!(GlueStartJobRun, define);

fn define(run: GlueStartJobRun, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob};

    let pattern = task.pattern(RequestResponse, &[RequestResponse, RunJob])?;
    let notification = |delay: Duration| crate::object! {"NotifyDelayAfter": delay.to_minutes()};
    let (worker_type, workers) = run
        .worker_configuration
        .map(|workers| (workers.worker_type, workers.number_of_workers))
        .unzip();
    let parameters = Value::object([
        ("JobName", Some((&run.glue_job_name).into())),
        ("Arguments", run.arguments.map(TaskInput::into_value)),
        ("Timeout", task.timeout_parameter(Duration::to_minutes)),
        (
            "SecurityConfiguration",
            run.security_configuration.map(Value::from),
        ),
        (
            "NotificationProperty",
            run.notify_delay_after.map(notification),
        ),
        ("WorkerType", worker_type.map(|kind| kind.name().into())),
        ("NumberOfWorkers", workers),
        (
            "ExecutionClass",
            run.execution_class.map(|class| class.name().into()),
        ),
    ]);
    let mut definition = task.integration("glue", "startJobRun", pattern, parameters, &[])?;
    let dimension = ("GlueJobName".to_owned(), run.glue_job_name.into());
    definition.metrics = TaskMetrics {
        singular: Some("GlueJob"),
        plural: Some("GlueJobs"),
        dimensions: Object::from_iter([dimension]),
    };
    Ok(definition)
}
