//! Batch: submits jobs.

use indexmap::IndexMap;

use crate::core::{Duration, Problem, Scope, Size};
use crate::resources::InstanceType;
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskInput, TaskScope, task_state,
};
use crate::value::{Text, Value};

const MAX_DEPENDENCIES: usize = 20;
const MAX_TAGS: usize = 50;
const MIN_TIMEOUT_SECONDS: u64 = 60;

/// Submits a job to a queue and, unless another pattern is chosen, waits for it to end.
///
/// A timeout is one of each attempt of the job, not of the task.
#[derive(Debug, Clone)]
#[must_use]
pub struct BatchSubmitJob {
    scope: Scope,
    options: StateOptions,
    job_definition_arn: Text,
    job_name: Text,
    job_queue_arn: Text,
    array_size: Option<Value>,
    attempts: Option<Value>,
    container_overrides: Option<BatchContainerOverrides>,
    depends_on: Vec<BatchJobDependency>,
    payload: Option<TaskInput>,
    tags: Option<IndexMap<String, Text>>,
}

/// What a job's container has instead of what the job definition says.
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct BatchContainerOverrides {
    command: Option<Value>,
    environment: IndexMap<String, Text>,
    gpu_count: Option<Value>,
    instance_type: Option<InstanceType>,
    memory: Option<Size>,
    vcpus: Option<Value>,
}

/// What a job waits for before it starts.
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct BatchJobDependency {
    job_id: Option<Text>,
    kind: Option<Text>,
}

impl BatchContainerOverrides {
    /// Nothing is overridden.
    pub fn new() -> Self {
        Self::default()
    }

    /// The command: texts, or a path to a list of them.
    pub fn command(mut self, command: impl Into<Value>) -> Self {
        self.command = Some(command.into());
        self
    }

    /// A variable of the environment; its name must not begin with `AWS_BATCH`.
    pub fn environment(mut self, name: impl Into<String>, value: impl Into<Text>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// The number of GPUs.
    pub fn gpu_count(mut self, count: impl Into<Value>) -> Self {
        self.gpu_count = Some(count.into());
        self
    }

    /// The type of instance of a multi-node parallel job: `p3.2xlarge`.
    pub fn instance_type(mut self, kind: impl Into<InstanceType>) -> Self {
        self.instance_type = Some(kind.into());
        self
    }

    /// The memory, in whole mebibytes.
    pub fn memory(mut self, memory: Size) -> Self {
        self.memory = Some(memory);
        self
    }

    /// The number of virtual CPUs.
    pub fn vcpus(mut self, count: impl Into<Value>) -> Self {
        self.vcpus = Some(count.into());
        self
    }

    fn into_value(self) -> Value {
        let variable =
            |(name, value): (String, Text)| crate::object! {"Name": name, "Value": value};
        let environment: Vec<Value> = self.environment.into_iter().map(variable).collect();
        let memory = self.memory.map(|memory| memory.to_mebibytes().into());
        let requirements = [
            ("GPU", self.gpu_count),
            ("MEMORY", memory),
            ("VCPU", self.vcpus),
        ];
        let requirements = requirements.into_iter().filter_map(|(kind, amount)| {
            // Amounts are texts.
            let amount = match amount? {
                Value::Number(number) => number.to_string().into(),
                other => other,
            };
            Some(crate::object! {"Type": kind, "Value": amount})
        });
        let requirements: Vec<Value> = requirements.collect();
        Value::object([
            ("Command", self.command),
            ("Environment", some_list(environment)),
            (
                "InstanceType",
                self.instance_type.map(|kind| kind.name().into()),
            ),
            ("ResourceRequirements", some_list(requirements)),
        ])
    }
}

impl BatchJobDependency {
    /// A dependency, to be described.
    pub fn new() -> Self {
        Self::default()
    }

    /// The job that is waited for.
    pub fn job_id(mut self, id: impl Into<Text>) -> Self {
        self.job_id = Some(id.into());
        self
    }

    /// Between array jobs: `SEQUENTIAL` or `N_TO_N`.
    pub fn kind(mut self, kind: impl Into<Text>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    fn into_value(self) -> Value {
        Value::object([
            ("JobId", self.job_id.map(Value::from)),
            ("Type", self.kind.map(Value::from)),
        ])
    }
}

impl BatchSubmitJob {
    /// Submits a job with a name, after a job definition, to a queue.
    pub fn new(
        scope: &Scope,
        id: &str,
        job_definition_arn: impl Into<Text>,
        job_name: impl Into<Text>,
        job_queue_arn: impl Into<Text>,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            job_definition_arn: job_definition_arn.into(),
            job_name: job_name.into(),
            job_queue_arn: job_queue_arn.into(),
            array_size: None,
            attempts: None,
            container_overrides: None,
            depends_on: Vec::new(),
            payload: None,
            tags: None,
        }
    }

    /// How many jobs an array job has, 2 to 10 000; not an array job unless said.
    pub fn array_size(mut self, size: impl Into<Value>) -> Self {
        self.array_size = Some(size.into());
        self
    }

    /// How often the job is tried, 1 to 10 times; as the job definition says unless said.
    pub fn attempts(mut self, attempts: impl Into<Value>) -> Self {
        self.attempts = Some(attempts.into());
        self
    }

    /// What the container has instead of what the job definition says.
    pub fn container_overrides(mut self, overrides: BatchContainerOverrides) -> Self {
        self.container_overrides = Some(overrides);
        self
    }

    /// What the job waits for before it starts, at most 20 jobs.
    pub fn depends_on(mut self, jobs: impl IntoIterator<Item = BatchJobDependency>) -> Self {
        self.depends_on.extend(jobs);
        self
    }

    /// Values of the job definition's parameters.
    pub fn payload(mut self, payload: TaskInput) -> Self {
        self.payload = Some(payload);
        self
    }

    /// The job's tags, at most 50.
    pub fn tags<N: Into<String>, V: Into<Text>>(
        mut self,
        tags: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let tags = tags
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()));
        self.tags.get_or_insert_default().extend(tags);
        self
    }
}

task_state!(BatchSubmitJob, define);

fn define(job: BatchSubmitJob, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob};

    let pattern = task.pattern(RunJob, &[RequestResponse, RunJob])?;
    check(&job)?;
    let timeout = task.timeout_parameter(Duration::to_seconds);
    if let Some(Value::Number(seconds)) = &timeout
        && seconds.as_u64() < Some(MIN_TIMEOUT_SECONDS)
    {
        let message = format!(
            "attempt duration must be greater than 60 seconds. Received {seconds} seconds."
        );
        return Err(Problem::property("timeout", message));
    }
    let within =
        |name: &str, value: Option<Value>| value.map(|value| Value::object([(name, Some(value))]));
    let depends_on = job.depends_on.into_iter();
    let depends_on = depends_on.map(BatchJobDependency::into_value).collect();
    let tags = |tags: IndexMap<String, Text>| {
        Value::Object(
            tags.into_iter()
                .map(|(key, value)| (key, value.into()))
                .collect(),
        )
    };
    let parameters = Value::object([
        ("JobDefinition", Some(job.job_definition_arn.into())),
        ("JobName", Some(job.job_name.into())),
        ("JobQueue", Some(job.job_queue_arn.into())),
        ("Parameters", job.payload.map(TaskInput::into_value)),
        ("ArrayProperties", within("Size", job.array_size)),
        (
            "ContainerOverrides",
            job.container_overrides
                .map(BatchContainerOverrides::into_value),
        ),
        ("DependsOn", some_list(depends_on)),
        ("RetryStrategy", within("Attempts", job.attempts)),
        ("Tags", job.tags.map(tags)),
        ("Timeout", within("AttemptDurationSeconds", timeout)),
    ]);
    task.integration("batch", "submitJob", pattern, parameters, &[])
}

fn check(job: &BatchSubmitJob) -> Result<(), Problem> {
    let outside = |value: &Option<Value>, least: u64, most: u64| match value {
        Some(Value::Number(number)) => {
            let inside = number
                .as_u64()
                .is_some_and(|number| (least..=most).contains(&number));
            (!inside).then(|| number.clone())
        }
        _ => None,
    };
    if let Some(size) = outside(&job.array_size, 2, 10_000) {
        let message = format!("arraySize must be between 2 and 10,000. Received {size}.");
        return Err(Problem::property("array_size", message));
    }
    let dependencies = job.depends_on.len();
    if dependencies > MAX_DEPENDENCIES {
        let message = format!("dependencies must be 20 or less. Received {dependencies}.");
        return Err(Problem::property("depends_on", message));
    }
    if let Some(attempts) = outside(&job.attempts, 1, 10) {
        let message = format!("attempts must be between 1 and 10. Received {attempts}.");
        return Err(Problem::property("attempts", message));
    }
    let mut variables = job
        .container_overrides
        .iter()
        .flat_map(|overrides| overrides.environment.keys());
    if let Some(name) = variables.find(|name| name.starts_with("AWS_BATCH")) {
        let message = format!(
            "Invalid environment variable name: {name}. Environment variable names starting with 'AWS_BATCH' are reserved."
        );
        return Err(Problem::property("container_overrides", message));
    }
    job.tags.as_ref().map_or(Ok(()), check_tags)
}

fn check_tags(tags: &IndexMap<String, Text>) -> Result<(), Problem> {
    let wrong = |message: String| Err(Problem::property("tags", message));
    if tags.len() > MAX_TAGS {
        let count = tags.len();
        return wrong(format!(
            "Maximum tag number of entries is 50. Received {count}."
        ));
    }
    for (key, value) in tags {
        let length = key.chars().count();
        if !(1..=128).contains(&length) {
            return wrong(format!(
                "Tag key size must be between 1 and 128, but got {length}."
            ));
        }
        let length = value.as_literal().map_or(0, |value| value.chars().count());
        if length > 256 {
            return wrong(format!("Tag value maximum size is 256, but got {length}."));
        }
    }
    Ok(())
}

fn some_list(items: Vec<Value>) -> Option<Value> {
    (!items.is_empty()).then_some(Value::List(items))
}
