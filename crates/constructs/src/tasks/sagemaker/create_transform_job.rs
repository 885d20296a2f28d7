//! Transforms data with models.

use super::role::SageMakerRole;
use super::tags;
use super::transform_options::{
    BatchStrategy, ModelClientOptions, TransformInput, TransformOutput, TransformResources,
};
use crate::core::{Problem, Scope, Size};
use crate::iam::{Grantable, Role};
use crate::states::{IntegrationPattern, StateOptions, TaskDefinition, TaskScope, task_state};
use crate::value::{Text, Value};

/// Transforms data with a model.
#[derive(Debug, Clone)]
#[must_use]
pub struct SageMakerCreateTransformJob {
    scope: Scope,
    options: StateOptions,
    transform_job_name: Text,
    model_name: Text,
    transform_input: TransformInput,
    transform_output: TransformOutput,
    transform_resources: Option<TransformResources>,
    batch_strategy: Option<BatchStrategy>,
    environment: Option<Value>,
    max_concurrent_transforms: Option<Value>,
    max_payload: Option<Size>,
    model_client_options: Option<ModelClientOptions>,
    tags: Option<Value>,
    role: SageMakerRole,
}

impl SageMakerCreateTransformJob {
    /// Transforms data with a model, on an instance `ml.m4.xlarge` unless said otherwise.
    pub fn new(
        scope: &Scope,
        id: &str,
        transform_job_name: impl Into<Text>,
        model_name: impl Into<Text>,
        transform_input: TransformInput,
        transform_output: TransformOutput,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            transform_job_name: transform_job_name.into(),
            model_name: model_name.into(),
            transform_input,
            transform_output,
            transform_resources: None,
            batch_strategy: None,
            environment: None,
            max_concurrent_transforms: None,
            max_payload: None,
            model_client_options: None,
            tags: None,
            role: SageMakerRole::to_be_made("SagemakerTransformRole"),
        }
    }

    /// The instances that transform; one `ml.m4.xlarge` unless said.
    pub fn transform_resources(mut self, resources: TransformResources) -> Self {
        self.transform_resources = Some(resources);
        self
    }

    /// How many records a request has.
    pub fn batch_strategy(mut self, strategy: BatchStrategy) -> Self {
        self.batch_strategy = Some(strategy);
        self
    }

    /// Environment variables by their names: `object! {"LOG": "debug"}`.
    pub fn environment(mut self, variables: impl Into<Value>) -> Self {
        self.environment = Some(variables.into());
        self
    }

    /// The most requests that an instance gets at once.
    pub fn max_concurrent_transforms(mut self, count: impl Into<Value>) -> Self {
        self.max_concurrent_transforms = Some(count.into());
        self
    }

    /// The most data that a request has, in whole mebibytes.
    pub fn max_payload(mut self, size: Size) -> Self {
        self.max_payload = Some(size);
        self
    }

    /// How the model is called.
    pub fn model_client_options(mut self, options: ModelClientOptions) -> Self {
        self.model_client_options = Some(options);
        self
    }

    /// The job's tags by their keys: `object! {"team": "data"}`.
    pub fn tags(mut self, tags: impl Into<Value>) -> Self {
        self.tags = Some(tags.into());
        self
    }

    /// The role that SageMaker acts with; a new one unless said.
    pub fn role(mut self, role: &Role) -> Self {
        self.role.give(&self.scope, role);
        self
    }
}

impl Grantable for SageMakerCreateTransformJob {
    /// The role that SageMaker acts with; it is made if none was given before.
    fn grant_role(&self) -> Option<Role> {
        Some(self.role.get(&self.scope))
    }
}

task_state!(SageMakerCreateTransformJob, define);

fn define(
    job: SageMakerCreateTransformJob,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob};

    let pattern = task.pattern(RequestResponse, &[RequestResponse, RunJob])?;
    if let Some(role) = job.role.made(&job.scope) {
        role.add_aws_managed_policy("AmazonSageMakerFullAccess");
    }
    let role_arn = job.role.get(&job.scope).role_arn();
    let client = job
        .model_client_options
        .as_ref()
        .map(ModelClientOptions::to_value);
    let resources = job.transform_resources.unwrap_or_default();
    let parameters = Value::object([
        ("BatchStrategy", job.batch_strategy.map(Value::from)),
        ("Environment", job.environment),
        ("MaxConcurrentTransforms", job.max_concurrent_transforms),
        (
            "MaxPayloadInMB",
            job.max_payload.map(|size| size.to_mebibytes().into()),
        ),
        ("ModelClientConfig", client.transpose()?),
        ("ModelName", Some(job.model_name.into())),
        ("Tags", job.tags.as_ref().map(tags)),
        ("TransformInput", Some(job.transform_input.to_value())),
        ("TransformJobName", Some(job.transform_job_name.into())),
        ("TransformOutput", Some(job.transform_output.to_value())),
        ("TransformResources", Some(resources.to_value())),
    ]);
    let mut definition =
        task.integration("sagemaker", "createTransformJob", pattern, parameters, &[])?;
    definition.narrow("iam:PassRole", [role_arn]);
    Ok(definition)
}
