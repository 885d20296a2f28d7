//! Containers of task definitions.

use std::cell::RefCell;
use std::rc::Rc;

use super::log_driver::AwsLogDriver;
use crate::core::Duration;
use crate::resources::{DockerImageAsset, Repository};
use crate::value::{Object, Text, Value};

/// A container of a task definition.
///
/// It is a handle: clones are the same container.
#[derive(Debug, Clone)]
pub struct ContainerDefinition {
    inner: Rc<Container>,
}

/// A container. It knows no place, so that the resource of its task definition can own it.
#[derive(Debug)]
pub(super) struct Container {
    name: Text,
    essential: bool,
    properties: Object,
    environment: RefCell<Object>,
}

/// What runs in a container.
#[derive(Debug, Clone)]
pub struct ContainerImage {
    name: Text,
    pub(super) repository: Option<Repository>,
}

impl ContainerImage {
    /// An image by its name in a registry: `foo/bar:1.2`.
    pub fn from_registry(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            repository: None,
        }
    }

    /// An image that is built and published together with the stack.
    pub fn from_docker_image_asset(asset: &DockerImageAsset) -> Self {
        Self {
            name: asset.image_uri(),
            repository: Some(asset.repository().clone()),
        }
    }

    /// An image of an ECR repository, by its tag or digest; the container's execution role is allowed to pull it.
    pub fn from_ecr_repository(repository: &Repository, tag_or_digest: &str) -> Self {
        Self {
            name: repository.repository_uri_for_tag_or_digest(tag_or_digest),
            repository: Some(repository.clone()),
        }
    }
}

/// What can be said of a container.
#[derive(Debug, Clone)]
#[must_use]
pub struct ContainerOptions {
    pub(super) image: ContainerImage,
    pub(super) logging: Option<AwsLogDriver>,
    pub(super) memory: [Option<u32>; 2],
    container_name: Option<Text>,
    essential: bool,
    environment: Object,
    properties: Object,
}

impl ContainerOptions {
    /// A container that runs an image.
    pub fn new(image: ContainerImage) -> Self {
        Self {
            image,
            logging: None,
            memory: [None; 2],
            container_name: None,
            essential: true,
            environment: Object::new(),
            properties: Object::new(),
        }
    }

    fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.properties.insert(name.to_owned(), value.into());
        self
    }

    fn texts<T: Into<Text>>(self, name: &str, texts: impl IntoIterator<Item = T>) -> Self {
        let texts: Vec<Text> = texts.into_iter().map(Into::into).collect();
        self.set(name, texts)
    }

    /// Any property of `AWS::ECS::TaskDefinition ContainerDefinition`: `("Ulimits", ...)`.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value)
    }

    /// Its name; the id under which it is added unless said.
    pub fn container_name(mut self, name: impl Into<Text>) -> Self {
        self.container_name = Some(name.into());
        self
    }

    /// Whether the task ends when the container does; so unless said.
    pub fn essential(mut self, essential: bool) -> Self {
        self.essential = essential;
        self
    }

    /// The most memory that it may use, in MiB; then it is killed.
    pub fn memory_limit_mib(mut self, limit: u32) -> Self {
        self.memory[0] = Some(limit);
        self.set("Memory", limit)
    }

    /// The memory that is kept free for it, in MiB.
    pub fn memory_reservation_mib(mut self, reservation: u32) -> Self {
        self.memory[1] = Some(reservation);
        self.set("MemoryReservation", reservation)
    }

    /// The processor time that is kept free for it, in 1024ths of a processor.
    pub fn cpu(self, units: u32) -> Self {
        self.set("Cpu", units)
    }

    /// What is run, instead of the image's command.
    pub fn command<T: Into<Text>>(self, command: impl IntoIterator<Item = T>) -> Self {
        self.texts("Command", command)
    }

    /// What the command is given to, instead of the image's entry point.
    pub fn entry_point<T: Into<Text>>(self, entry_point: impl IntoIterator<Item = T>) -> Self {
        self.texts("EntryPoint", entry_point)
    }

    /// An environment variable.
    pub fn environment(mut self, name: &str, value: impl Into<Text>) -> Self {
        self.environment
            .insert(name.to_owned(), Value::Text(value.into()));
        self
    }

    /// The directory in which the command runs.
    pub fn working_directory(self, directory: impl Into<Text>) -> Self {
        self.set("WorkingDirectory", directory.into())
    }

    /// The user as whom the command runs.
    pub fn user(self, user: impl Into<Text>) -> Self {
        self.set("User", user.into())
    }

    /// Whether the container has all rights on its host.
    pub fn privileged(self, privileged: bool) -> Self {
        self.set("Privileged", privileged)
    }

    /// Whether its file system cannot be written.
    pub fn readonly_root_filesystem(self, readonly: bool) -> Self {
        self.set("ReadonlyRootFilesystem", readonly)
    }

    /// How many graphics processors it has.
    pub fn gpu_count(self, count: u32) -> Self {
        let gpus = crate::object! {"Type": "GPU", "Value": count.to_string()};
        self.set("ResourceRequirements", [gpus])
    }

    /// How long what it depends on may take to start, in whole seconds.
    pub fn start_timeout(self, timeout: Duration) -> Self {
        self.set("StartTimeout", timeout.to_seconds())
    }

    /// How long it may take to stop before it is killed, in whole seconds.
    pub fn stop_timeout(self, timeout: Duration) -> Self {
        self.set("StopTimeout", timeout.to_seconds())
    }

    /// Where its output is written.
    pub fn logging(mut self, driver: AwsLogDriver) -> Self {
        self.logging = Some(driver);
        self
    }

    /// What is wrong with it.
    pub(super) fn problem(&self) -> Option<String> {
        if let [Some(limit), Some(reservation)] = self.memory
            && limit < reservation
        {
            return Some("MemoryLimitMiB should not be less than MemoryReservationMiB.".to_owned());
        }
        self.logging.as_ref()?.problem().map(str::to_owned)
    }
}

impl ContainerDefinition {
    pub(super) fn new(id: &str, options: ContainerOptions, logging: Option<Value>) -> Self {
        let mut properties = options.properties;
        properties.insert("Essential".to_owned(), options.essential.into());
        properties.insert("Image".to_owned(), options.image.name.into());
        if let Some(logging) = logging {
            properties.insert("LogConfiguration".to_owned(), logging);
        }
        Self {
            inner: Rc::new(Container {
                name: options.container_name.unwrap_or_else(|| id.into()),
                essential: options.essential,
                properties,
                environment: RefCell::new(options.environment),
            }),
        }
    }

    /// A container of an imported task definition, by its name.
    pub fn named(name: &str) -> Self {
        let image = ContainerImage::from_registry(Text::default());
        Self::new(name, ContainerOptions::new(image), None)
    }

    /// Its name within its task.
    pub fn container_name(&self) -> Text {
        self.inner.name.clone()
    }

    /// Whether the task ends when it does.
    pub fn essential(&self) -> bool {
        self.inner.essential
    }

    /// Sets an environment variable.
    pub fn add_environment(&self, name: &str, value: impl Into<Text>) {
        let mut environment = self.inner.environment.borrow_mut();
        environment.insert(name.to_owned(), Value::Text(value.into()));
    }

    pub(super) fn inner(&self) -> Rc<Container> {
        self.inner.clone()
    }
}

impl Container {
    /// It as it stands in a template.
    pub(super) fn to_value(&self) -> Value {
        let mut members = self.properties.clone();
        members.insert("Name".to_owned(), self.name.clone().into());
        let environment = self.environment.borrow();
        if !environment.is_empty() {
            let variables = environment.iter();
            let variables = variables.map(|(name, value)| {
                crate::object! {"Name": name.as_str(), "Value": value.clone()}
            });
            members.insert("Environment".to_owned(), Value::List(variables.collect()));
        }
        Value::Object(members)
    }
}
