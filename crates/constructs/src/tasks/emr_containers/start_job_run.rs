//! Starts jobs.

use std::cell::OnceCell;

use super::job_driver::{ApplicationConfiguration, JobDriver, ReleaseLabel};
use super::monitoring::{Monitoring, describe_log_groups};
use super::trust::trust_jobs_of;
use crate::core::{Problem, Scope};
use crate::iam::{Grantable, Principal, Role};
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskInput, TaskScope, task_state,
};
use crate::value::{Object, Text, Value};

/// The virtual cluster that a job runs on.
#[derive(Debug, Clone, PartialEq)]
pub struct VirtualClusterInput {
    id: Value,
}

impl VirtualClusterInput {
    /// A virtual cluster by its id, which may be a path.
    pub fn from_task_input(id: TaskInput) -> Self {
        Self {
            id: id.into_value(),
        }
    }

    /// A virtual cluster by its id.
    pub fn from_virtual_cluster_id(id: impl Into<Text>) -> Self {
        Self {
            id: Value::Text(id.into()),
        }
    }

    /// Its id.
    pub fn id(&self) -> &Value {
        &self.id
    }
}

/// Starts a job on a virtual cluster and, unless another pattern is said, waits for it to end.
///
/// Permissions granted to the task are granted to the job's role.
#[derive(Debug, Clone)]
#[must_use]
pub struct EmrContainersStartJobRun {
    scope: Scope,
    options: StateOptions,
    virtual_cluster: VirtualClusterInput,
    release_label: ReleaseLabel,
    job_driver: JobDriver,
    application_config: Option<Vec<ApplicationConfiguration>>,
    /// What was given, or was made when it was first asked for.
    role: OnceCell<Role>,
    role_is_given: bool,
    job_name: Option<Text>,
    monitoring: Monitoring,
    tags: Option<Object>,
}

impl EmrContainersStartJobRun {
    /// Starts a job on a virtual cluster, with a release of EMR.
    pub fn new(
        scope: &Scope,
        id: &str,
        virtual_cluster: VirtualClusterInput,
        release_label: ReleaseLabel,
        job_driver: JobDriver,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            virtual_cluster,
            release_label,
            job_driver,
            application_config: None,
            role: OnceCell::new(),
            role_is_given: false,
            job_name: None,
            monitoring: Monitoring::default(),
            tags: None,
        }
    }

    /// Settings of the application.
    pub fn application_config(
        mut self,
        settings: impl IntoIterator<Item = ApplicationConfiguration>,
    ) -> Self {
        self.application_config = Some(settings.into_iter().collect());
        self
    }

    /// The role with which the job runs. Unless given, one is made that the virtual cluster's jobs can take on: then
    /// the virtual cluster's id must be known. Say it before granting the task anything.
    pub fn execution_role(mut self, role: &Role) -> Self {
        self.role = OnceCell::from(role.clone());
        self.role_is_given = true;
        self
    }

    /// The job's name.
    pub fn job_name(mut self, name: impl Into<Text>) -> Self {
        self.job_name = Some(name.into());
        self
    }

    /// Where the job's logs go.
    pub fn monitoring(mut self, monitoring: Monitoring) -> Self {
        self.monitoring = monitoring;
        self
    }

    /// Tags of the job.
    pub fn tags<K: Into<String>, V: Into<Text>>(
        mut self,
        tags: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let tags = tags.into_iter();
        let tags = tags.map(|(key, value)| (key.into(), Value::Text(value.into())));
        self.tags = Some(tags.collect());
        self
    }

    /// The job's role: the one that was given, or one of its own.
    fn role(&self) -> &Role {
        self.role.get_or_init(|| {
            let services = [
                Principal::service("emr-containers.amazonaws.com"),
                Principal::service("states.amazonaws.com"),
            ];
            let role = Role::new(
                &self.scope,
                "Job-Execution-Role",
                Principal::composite(services),
            );
            if let Value::Text(id) = self.virtual_cluster.id() {
                trust_jobs_of(&self.scope, id, &role);
            }
            role
        })
    }
}

impl Grantable for EmrContainersStartJobRun {
    fn grant_role(&self) -> Option<Role> {
        Some(self.role().clone())
    }
}

task_state!(EmrContainersStartJobRun, define);

fn define(
    mut job: EmrContainersStartJobRun,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob};

    let pattern = task.pattern(RunJob, &[RequestResponse, RunJob])?;
    ApplicationConfiguration::check(job.application_config.as_deref().unwrap_or_default())?;
    job.job_driver.check()?;
    let concrete = matches!(job.virtual_cluster.id(), Value::Text(id) if !id.is_at_run_time());
    if !job.role_is_given && !concrete {
        let message = "Execution role cannot be undefined when the virtual cluster ID is not a concrete value. Provide an execution role with the correct trust policy";
        return Err(Problem::property("execution_role", message));
    }
    job.monitoring = std::mem::take(&mut job.monitoring).made_in(&task.scope);
    let role = job.role().clone();
    job.monitoring.grant(&role);
    role.add_to_policy(describe_log_groups(&task.scope));
    let overrides = Value::object([
        (
            "ApplicationConfiguration",
            job.application_config.map(Value::from),
        ),
        ("MonitoringConfiguration", Some(job.monitoring.to_value())),
    ]);
    let parameters = Value::object([
        ("VirtualClusterId", Some(job.virtual_cluster.id)),
        ("Name", job.job_name.map(Value::from)),
        ("ExecutionRoleArn", Some(role.role_arn().into())),
        ("ReleaseLabel", Some(job.release_label.label().into())),
        ("JobDriver", Some(job.job_driver.into())),
        ("ConfigurationOverrides", Some(overrides)),
        ("Tags", job.tags.map(Value::from)),
    ]);
    task.integration("emr-containers", "startJobRun", pattern, parameters, &[])
}
