//! SageMaker AI: trains models, serves them and transforms data with them.

mod accelerator;
mod container;
mod create_endpoint;
mod create_endpoint_config;
mod create_model;
mod create_training_job;
mod create_transform_job;
mod docker_image;
mod network;
mod role;
mod s3_location;
mod training_options;
mod transform_options;
mod update_endpoint;

pub use accelerator::{AcceleratorClass, AcceleratorType};
pub use container::{
    ContainerDefinition, ContainerDefinitionConfig, ContainerDefinitionOptions, Mode,
    SageMakerContainerDefinition,
};
pub use create_endpoint::SageMakerCreateEndpoint;
pub use create_endpoint_config::{ProductionVariant, SageMakerCreateEndpointConfig};
pub use create_model::SageMakerCreateModel;
pub use create_training_job::SageMakerCreateTrainingJob;
pub use create_transform_job::SageMakerCreateTransformJob;
pub use docker_image::{DockerImage, DockerImageConfig};
pub use network::VpcConfig;
pub use s3_location::{S3Location, S3LocationBindOptions, S3LocationConfig};
pub use training_options::{
    AlgorithmSpecification, Channel, CompressionType, DataSource, InputMode, MetricDefinition,
    OutputDataConfig, RecordWrapperType, ResourceConfig, S3DataDistributionType, S3DataSource,
    S3DataType, ShuffleConfig, StoppingCondition,
};
pub use transform_options::{
    AssembleWith, BatchStrategy, ModelClientOptions, SplitType, TransformDataSource,
    TransformInput, TransformOutput, TransformResources, TransformS3DataSource,
};
pub use update_endpoint::SageMakerUpdateEndpoint;

use crate::resources::InstanceType;
use crate::value::{JsonPath, Text, Value};

/// A type of instances as SageMaker calls it: `ml.m5.xlarge`. What the workflow's data has is taken as it is.
fn machine_learning(instance_type: &InstanceType) -> Text {
    let name = instance_type.name();
    let expression = name.as_path().is_some() || name.as_literal().is_some_and(is_jsonata);
    match expression {
        true => name.clone(),
        false => Text::from("ml.").then(name),
    }
}

/// A path, or in JSONata an expression, as a text.
fn expression(path: impl Into<JsonPath>) -> Text {
    let path = path.into();
    match is_jsonata(path.expression()) {
        true => path.expression().into(),
        false => path.into(),
    }
}

fn is_jsonata(text: &str) -> bool {
    text.starts_with("{%")
}

/// Tags by their keys as a list of objects; what is no object, such as a path, stands for the list.
fn tags(tags: &Value) -> Value {
    match tags {
        Value::Object(tags) => super::property::key_values(tags.clone()),
        list => list.clone(),
    }
}
