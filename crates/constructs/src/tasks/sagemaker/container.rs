//! Containers of models.

use super::docker_image::DockerImage;
use super::s3_location::{S3Location, S3LocationBindOptions};
use crate::iam::Grantable;
use crate::states::TaskInput;
use crate::tasks::property::{names, options};
use crate::value::{Object, Text, Value};

names! {
    /// How many models a container has.
    pub enum Mode {
        /// One.
        SingleModel = "SingleModel",
        /// Several.
        MultiModel = "MultiModel",
    }
}

options! {
    /// What can be said of a container of a model.
    pub struct ContainerDefinitionOptions() {
        /// Its name among the model's containers.
        container_host_name: Text,
        /// Its environment variables.
        environment_variables: TaskInput,
        /// What runs in it.
        image: DockerImage,
        /// How many models it has; one unless said.
        mode: Mode,
        /// The model package of which the model is made.
        model_package_name: Text,
        /// Where the model is.
        model_s3_location: S3Location,
    }
}

/// A container of a model: a [`ContainerDefinition`].
pub trait SageMakerContainerDefinition {
    /// Its parameters; the task's role is allowed what it needs.
    fn bind(&self, task: &dyn Grantable) -> ContainerDefinitionConfig;
}

/// A container as a task needs it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ContainerDefinitionConfig {
    /// Its members in the parameters of `CreateModel`.
    pub parameters: Object,
}

/// A container of a model.
#[derive(Debug, Clone)]
pub struct ContainerDefinition {
    options: ContainerDefinitionOptions,
}

impl ContainerDefinition {
    /// A container as options say.
    pub fn new(options: ContainerDefinitionOptions) -> Self {
        Self { options }
    }
}

impl SageMakerContainerDefinition for ContainerDefinition {
    fn bind(&self, task: &dyn Grantable) -> ContainerDefinitionConfig {
        let options = &self.options;
        let image = options.image.as_ref().map(|image| image.bind(task));
        let model = options.model_s3_location.as_ref();
        let model = model.map(|location| location.bind(task, S3LocationBindOptions::READING));
        let environment = options.environment_variables.clone();
        let members = [
            (
                "ContainerHostname",
                options.container_host_name.clone().map(Value::from),
            ),
            ("Image", image.map(|image| image.image_uri.into())),
            ("Mode", options.mode.map(Value::from)),
            ("ModelDataUrl", model.map(|model| model.uri.into())),
            (
                "ModelPackageName",
                options.model_package_name.clone().map(Value::from),
            ),
            ("Environment", environment.map(TaskInput::into_value)),
        ];
        let members = members.into_iter();
        ContainerDefinitionConfig {
            parameters: members
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect(),
        }
    }
}
