//! Customization of models.

use super::customization_role;
use super::limits::{self, JOB_NAME, MODEL_NAME, TOKEN};
use crate::core::{Problem, Scope};
use crate::iam::{Principal, ResourceWithPolicy, Role, Statement};
use crate::resources::{BedrockModel, Bucket, Key, SecurityGroup, Subnet};
use crate::states::{IntegrationPattern, StateOptions, TaskDefinition, TaskScope, task_state};
use crate::tasks::property::names;
use crate::value::{Object, Text, Value};

/// Customizes a model with data.
#[derive(Debug, Clone)]
#[must_use]
pub struct BedrockCreateModelCustomizationJob {
    scope: Scope,
    options: StateOptions,
    base_model: BedrockModel,
    custom_model_name: Text,
    job_name: Text,
    pub(super) output_data: DataBucketConfiguration,
    pub(super) training_data: DataBucketConfiguration,
    pub(super) validation_data: Option<Vec<DataBucketConfiguration>>,
    client_request_token: Option<Text>,
    customization_type: Option<CustomizationType>,
    custom_model_kms_key: Option<Key>,
    custom_model_tags: Option<Vec<CustomModelTag>>,
    hyper_parameters: Option<Object>,
    job_tags: Option<Vec<CustomModelTag>>,
    role: Option<Role>,
    pub(super) vpc_config: Option<BedrockCreateModelCustomizationJobVpcConfig>,
}

names! {
    /// How a model is customized.
    pub enum CustomizationType {
        /// With examples of questions and answers.
        FineTuning = "FINE_TUNING",
        /// With texts.
        ContinuedPreTraining = "CONTINUED_PRE_TRAINING",
        /// With the answers of a larger model.
        Distillation = "DISTILLATION",
    }
}

/// A tag of a customized model, or of the job that makes it.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomModelTag {
    /// The tag's name.
    pub key: Text,
    /// Its value.
    pub value: Text,
}

impl CustomModelTag {
    /// A tag.
    pub fn new(key: impl Into<Text>, value: impl Into<Text>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

/// Where in a bucket data are.
#[derive(Debug, Clone)]
#[must_use]
pub struct DataBucketConfiguration {
    pub(super) bucket: Bucket,
    path: Text,
}

impl DataBucketConfiguration {
    /// The whole bucket.
    pub fn new(bucket: &Bucket) -> Self {
        Self {
            bucket: bucket.clone(),
            path: Text::default(),
        }
    }

    /// A file or a folder in the bucket.
    pub fn path(mut self, path: impl Into<Text>) -> Self {
        self.path = path.into();
        self
    }

    fn in_s3(&self) -> Value {
        crate::object! {"S3Uri": self.bucket.s3_url_for_object(&self.path)}
    }
}

/// The network within which a model is customized.
#[derive(Debug, Clone)]
pub struct BedrockCreateModelCustomizationJobVpcConfig {
    /// Its security groups, 1 to 5.
    pub security_groups: Vec<SecurityGroup>,
    /// Its subnets, 1 to 16.
    pub subnets: Vec<Subnet>,
}

impl BedrockCreateModelCustomizationJob {
    /// Customizes a model with data from a bucket; metrics go to another. Validation data, or the hyperparameter
    /// `Evaluation percentage`, must be said.
    pub fn new(
        scope: &Scope,
        id: &str,
        base_model: &BedrockModel,
        custom_model_name: impl Into<Text>,
        job_name: impl Into<Text>,
        training_data: DataBucketConfiguration,
        output_data: DataBucketConfiguration,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            base_model: base_model.clone(),
            custom_model_name: custom_model_name.into(),
            job_name: job_name.into(),
            output_data,
            training_data,
            validation_data: None,
            client_request_token: None,
            customization_type: None,
            custom_model_kms_key: None,
            custom_model_tags: None,
            hyper_parameters: None,
            job_tags: None,
            role: None,
            vpc_config: None,
        }
    }

    /// Up to ten places with data to validate with.
    pub fn validation_data(
        mut self,
        data: impl IntoIterator<Item = DataBucketConfiguration>,
    ) -> Self {
        self.validation_data = Some(data.into_iter().collect());
        self
    }

    /// A text by which Bedrock knows that a request is a repetition, up to 256 characters.
    pub fn client_request_token(mut self, token: impl Into<Text>) -> Self {
        self.client_request_token = Some(token.into());
        self
    }

    /// How the model is customized; by fine-tuning unless said.
    pub fn customization_type(mut self, kind: CustomizationType) -> Self {
        self.customization_type = Some(kind);
        self
    }

    /// The key to encrypt the customized model with, made in the app; the key's policy lets the job's role use it.
    pub fn custom_model_kms_key(mut self, key: &Key) -> Self {
        self.custom_model_kms_key = Some(key.clone());
        self
    }

    /// Up to 200 tags of the customized model.
    pub fn custom_model_tags(mut self, tags: impl IntoIterator<Item = CustomModelTag>) -> Self {
        self.custom_model_tags = Some(tags.into_iter().collect());
        self
    }

    /// What is particular to the model: `[("epochCount", "2")]`.
    pub fn hyper_parameters<'a, T: Into<Text>>(
        mut self,
        parameters: impl IntoIterator<Item = (&'a str, T)>,
    ) -> Self {
        let parameters = parameters.into_iter();
        let parameters =
            parameters.map(|(name, value)| (name.to_owned(), Value::from(value.into())));
        self.hyper_parameters = Some(parameters.collect());
        self
    }

    /// Up to 200 tags of the job.
    pub fn job_tags(mut self, tags: impl IntoIterator<Item = CustomModelTag>) -> Self {
        self.job_tags = Some(tags.into_iter().collect());
        self
    }

    /// The role with which Bedrock reads the data and writes the results; one is made unless said.
    pub fn role(mut self, role: &Role) -> Self {
        self.role = Some(role.clone());
        self
    }

    /// The network within which the model is customized.
    pub fn vpc_config(mut self, config: BedrockCreateModelCustomizationJobVpcConfig) -> Self {
        self.vpc_config = Some(config);
        self
    }
}

task_state!(BedrockCreateModelCustomizationJob, define);

fn define(
    job: BedrockCreateModelCustomizationJob,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob};

    check(&job)?;
    let pattern = task.pattern(RequestResponse, &[RequestResponse, RunJob])?;
    let percentage = |parameters: &Object| parameters.contains_key("Evaluation percentage");
    if job.validation_data.is_none() && !job.hyper_parameters.as_ref().is_some_and(percentage) {
        let message = "validationData or Evaluation percentage hyperparameter must be provided.";
        return Err(Problem::property("validation_data", message));
    }
    let role = match &job.role {
        Some(role) => role.clone(),
        None => customization_role::role(&task.scope, &job),
    };
    if let Some(key) = &job.custom_model_kms_key {
        let service = Text::from("bedrock.")
            .then(task.scope.region())
            .then(".amazonaws.com");
        let actions = [
            "kms:Decrypt",
            "kms:GenerateDataKey",
            "kms:DescribeKey",
            "kms:CreateGrant",
        ];
        let statement = Statement::allow(actions, ["*"])
            .principal(Principal::arn(role.role_arn()))
            .condition("StringEquals", "kms:ViaService", [service]);
        if !key.add_to_resource_policy(statement) {
            let message = "Imported KMS key is not used as the `customModelKmsKey`.";
            return Err(Problem::property("custom_model_kms_key", message));
        }
    }
    let parameters = parameters(job, &role);
    let action = "createModelCustomizationJob";
    task.integration("bedrock", action, pattern, parameters, &[])
}

fn parameters(job: BedrockCreateModelCustomizationJob, role: &Role) -> Value {
    let tags = |tags: Vec<CustomModelTag>| {
        let tags = tags.into_iter();
        Value::List(
            tags.map(|tag| crate::object! {"Key": tag.key, "Value": tag.value})
                .collect(),
        )
    };
    let validators = job.validation_data.map(|data| {
        let data: Vec<Value> = data.iter().map(DataBucketConfiguration::in_s3).collect();
        crate::object! {"Validators": data}
    });
    let network = job.vpc_config.map(|vpc| {
        let groups = vpc
            .security_groups
            .iter()
            .map(SecurityGroup::security_group_id);
        let subnets = vpc.subnets.iter().map(Subnet::subnet_id);
        crate::object! {
            "SecurityGroupIds": groups.collect::<Vec<_>>(),
            "SubnetIds": subnets.collect::<Vec<_>>(),
        }
    });
    let key = job.custom_model_kms_key.as_ref().map(Key::key_arn);
    Value::object([
        (
            "BaseModelIdentifier",
            Some(job.base_model.model_arn().into()),
        ),
        (
            "ClientRequestToken",
            job.client_request_token.map(Value::from),
        ),
        ("CustomizationType", job.customization_type.map(Value::from)),
        ("CustomModelKmsKeyId", key.map(Value::from)),
        ("CustomModelName", Some(job.custom_model_name.into())),
        ("CustomModelTags", job.custom_model_tags.map(tags)),
        ("HyperParameters", job.hyper_parameters.map(Value::from)),
        ("JobName", Some(job.job_name.into())),
        ("JobTags", job.job_tags.map(tags)),
        ("OutputDataConfig", Some(job.output_data.in_s3())),
        ("RoleArn", Some(role.role_arn().into())),
        ("TrainingDataConfig", Some(job.training_data.in_s3())),
        ("ValidationDataConfig", validators),
        ("VpcConfig", network),
    ])
}

/// The limits, in the order in which the CDK checks them.
fn check(job: &BedrockCreateModelCustomizationJob) -> Result<(), Problem> {
    let count = |items: Option<usize>, property, name, lengths| {
        items.map_or(Ok(()), |count| limits::list(property, name, lengths, count))
    };
    if let Some(token) = &job.client_request_token {
        let name = "clientRequestToken";
        limits::text("client_request_token", name, 1..=256, &TOKEN, token)?;
    }
    let (name, form) = ("customModelName", &MODEL_NAME);
    limits::text(
        "custom_model_name",
        name,
        1..=63,
        form,
        &job.custom_model_name,
    )?;
    let tags = job.custom_model_tags.as_ref().map(Vec::len);
    count(tags, "custom_model_tags", "customModelTags", 0..=200)?;
    limits::text("job_name", "jobName", 1..=63, &JOB_NAME, &job.job_name)?;
    let tags = job.job_tags.as_ref().map(Vec::len);
    count(tags, "job_tags", "jobTags", 0..=200)?;
    let data = job.validation_data.as_ref().map(Vec::len);
    count(data, "validation_data", "validationData", 1..=10)?;
    let vpc = job.vpc_config.as_ref();
    let groups = vpc.map(|vpc| vpc.security_groups.len());
    count(groups, "vpc_config", "securityGroups", 1..=5)?;
    let subnets = vpc.map(|vpc| vpc.subnets.len());
    count(subnets, "vpc_config", "subnets", 1..=16)
}
