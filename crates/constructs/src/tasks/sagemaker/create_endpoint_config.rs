//! Makes endpoint configurations.

use super::accelerator::AcceleratorType;
use super::machine_learning;
use crate::core::{Problem, Scope};
use crate::resources::{InstanceType, Key};
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskInput, TaskScope, task_state,
};
use crate::tasks::property::options;
use crate::value::{Text, Value};

/// The most models that share an endpoint's requests.
const MAX_VARIANTS: usize = 10;

options! {
    /// A model behind an endpoint, and the instances that it is on.
    pub struct ProductionVariant(variant_name: Text, model_name: Text, instance_type: InstanceType) {
        /// The accelerator that is attached to each instance.
        accelerator_type: AcceleratorType,
        /// How many instances there are at the beginning; 1 unless said.
        initial_instance_count: Value,
        /// Its share of the requests, relative to the other variants'; 1 unless said.
        initial_variant_weight: Value,
    }
}

impl ProductionVariant {
    fn check(&self) -> Result<(), Problem> {
        let number = |value: &Option<Value>| match value {
            Some(Value::Number(number)) => number.as_f64(),
            _ => None,
        };
        if number(&self.initial_instance_count).is_some_and(|count| count < 1.0) {
            let message = "Must define at least one instance";
            return Err(Problem::property("initial_instance_count", message));
        }
        if number(&self.initial_variant_weight).is_some_and(|weight| weight < 0.0) {
            let message = "InitialVariantWeight has minimum value of 0";
            return Err(Problem::property("initial_variant_weight", message));
        }
        Ok(())
    }

    fn to_value(&self) -> Value {
        let count = self.initial_instance_count.clone();
        let accelerator = self.accelerator_type.as_ref();
        Value::object([
            (
                "InitialInstanceCount",
                Some(count.unwrap_or_else(|| 1.into())),
            ),
            (
                "InstanceType",
                Some(machine_learning(&self.instance_type).into()),
            ),
            ("ModelName", Some(self.model_name.clone().into())),
            ("VariantName", Some(self.variant_name.clone().into())),
            (
                "AcceleratorType",
                accelerator.map(|kind| kind.name().into()),
            ),
            ("InitialVariantWeight", self.initial_variant_weight.clone()),
        ])
    }
}

/// Makes an endpoint configuration.
#[derive(Debug, Clone)]
#[must_use]
pub struct SageMakerCreateEndpointConfig {
    scope: Scope,
    options: StateOptions,
    endpoint_config_name: Text,
    production_variants: Vec<ProductionVariant>,
    kms_key: Option<Key>,
    tags: Option<TaskInput>,
}

impl SageMakerCreateEndpointConfig {
    /// Makes a configuration for 1 to 10 models.
    pub fn new(
        scope: &Scope,
        id: &str,
        endpoint_config_name: impl Into<Text>,
        production_variants: impl IntoIterator<Item = ProductionVariant>,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            endpoint_config_name: endpoint_config_name.into(),
            production_variants: production_variants.into_iter().collect(),
            kms_key: None,
            tags: None,
        }
    }

    /// The key that the instances' volumes are encrypted with.
    pub fn kms_key(mut self, key: &Key) -> Self {
        self.kms_key = Some(key.clone());
        self
    }

    /// The configuration's tags: a list of objects with `Key` and `Value`.
    pub fn tags(mut self, tags: TaskInput) -> Self {
        self.tags = Some(tags);
        self
    }

    fn check(&self) -> Result<(), Problem> {
        if self.production_variants.is_empty() || self.production_variants.len() > MAX_VARIANTS {
            let message =
                "Must specify from 1 to 10 production variants per endpoint configuration";
            return Err(Problem::property("production_variants", message));
        }
        self.production_variants
            .iter()
            .try_for_each(ProductionVariant::check)
    }
}

task_state!(SageMakerCreateEndpointConfig, define);

fn define(
    config: SageMakerCreateEndpointConfig,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::RequestResponse;

    let pattern = task.pattern(RequestResponse, &[RequestResponse])?;
    config.check()?;
    let variants = config
        .production_variants
        .iter()
        .map(ProductionVariant::to_value);
    let parameters = Value::object([
        (
            "EndpointConfigName",
            Some(config.endpoint_config_name.into()),
        ),
        ("Tags", config.tags.map(TaskInput::into_value)),
        ("KmsKeyId", config.kms_key.map(|key| key.key_id().into())),
        ("ProductionVariants", Some(Value::List(variants.collect()))),
    ]);
    task.integration(
        "sagemaker",
        "createEndpointConfig",
        pattern,
        parameters,
        &[],
    )
}
