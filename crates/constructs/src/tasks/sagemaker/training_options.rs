//! What can be said of training jobs.

use super::docker_image::DockerImage;
use super::machine_learning;
use super::s3_location::{S3Location, S3LocationBindOptions};
use crate::core::{Duration, Problem, Size};
use crate::iam::Grantable;
use crate::resources::{InstanceClass, InstanceSize, InstanceType, Key};
use crate::tasks::property::{names, options};
use crate::value::{Text, Value};

/// The longest name of an algorithm.
const MAX_ALGORITHM_NAME: usize = 170;
/// The longest name of an algorithm without an ARN before it.
const MAX_PLAIN_NAME: usize = 63;

names! {
    /// How training data gets to an algorithm.
    pub enum InputMode {
        /// It is streamed through a pipe.
        Pipe = "Pipe",
        /// It is copied to the instance before.
        File = "File",
        /// It is read as files that are streamed when they are opened.
        FastFile = "FastFile",
    }
}

names! {
    /// How data is compressed.
    pub enum CompressionType {
        /// Not at all.
        None = "None",
        /// By gzip.
        Gzip = "Gzip",
    }
}

names! {
    /// What records are wrapped in.
    pub enum RecordWrapperType {
        /// In nothing.
        None = "None",
        /// In RecordIO.
        RecordIo = "RecordIO",
    }
}

names! {
    /// What a place in S3 names.
    pub enum S3DataType {
        /// A manifest that lists objects.
        ManifestFile = "ManifestFile",
        /// All objects whose keys begin so.
        S3Prefix = "S3Prefix",
        /// A manifest that has data as well.
        AugmentedManifestFile = "AugmentedManifestFile",
    }
}

names! {
    /// Which data each instance gets.
    pub enum S3DataDistributionType {
        /// All.
        FullyReplicated = "FullyReplicated",
        /// A share.
        ShardedByS3Key = "ShardedByS3Key",
    }
}

options! {
    /// A metric that is read from an algorithm's log.
    pub struct MetricDefinition(name: Text, regex: Text) {}
}

options! {
    /// The algorithm of a training job: one of SageMaker's by its name, or an image.
    pub struct AlgorithmSpecification() {
        /// The algorithm's name or ARN.
        algorithm_name: Text,
        /// The image that has the algorithm.
        training_image: DockerImage,
        /// How training data gets to it; as files unless said.
        training_input_mode: InputMode,
        /// Metrics that are read from its log.
        metric_definitions: [MetricDefinition],
    }
}

options! {
    /// How often data is shuffled, from a seed.
    pub struct ShuffleConfig(seed: Value) {}
}

options! {
    /// Training data in S3.
    pub struct S3DataSource(s3_location: S3Location) {
        /// The attributes of an augmented manifest that are used.
        attribute_names: [Text],
        /// Which data each instance gets; all unless said.
        s3_data_distribution_type: S3DataDistributionType,
        /// What the place names; a prefix of keys unless said.
        s3_data_type: S3DataType,
    }
}

options! {
    /// Where training data is.
    pub struct DataSource(s3_data_source: S3DataSource) {}
}

options! {
    /// Training data under a name.
    pub struct Channel(channel_name: Text, data_source: DataSource) {
        /// How it is compressed.
        compression_type: CompressionType,
        /// Its MIME type.
        content_type: Text,
        /// How it gets to the algorithm, if not as the other channels' does.
        input_mode: InputMode,
        /// What its records are wrapped in.
        record_wrapper_type: RecordWrapperType,
        /// How it is shuffled.
        shuffle_config: ShuffleConfig,
    }
}

options! {
    /// Where the model is written.
    pub struct OutputDataConfig(s3_output_location: S3Location) {
        /// The key that it is encrypted with.
        encryption_key: {Key},
    }
}

options! {
    /// The instances that train, each with a volume of whole gibibytes.
    pub struct ResourceConfig(instance_count: Value, instance_type: InstanceType, volume_size: Size) {
        /// The key that the volumes are encrypted with.
        volume_encryption_key: {Key},
    }
}

options! {
    /// When training is stopped.
    pub struct StoppingCondition() {
        /// After which time, in whole seconds.
        max_runtime: Duration,
    }
}

impl AlgorithmSpecification {
    pub(super) fn check(&self) -> Result<(), Problem> {
        let problem = |message: String| Err(Problem::property("algorithm_specification", message));
        match (&self.algorithm_name, &self.training_image) {
            (None, None) => problem(
                "Must define either an algorithm name or training image URI in the algorithm specification"
                    .to_owned(),
            ),
            (Some(_), Some(_)) => problem(
                "Cannot define both an algorithm name and training image URI in the algorithm specification"
                    .to_owned(),
            ),
            (Some(name), None) => match name.as_literal().and_then(wrong_algorithm_name) {
                Some(message) => problem(message),
                None => Ok(()),
            },
            (None, Some(_)) => Ok(()),
        }
    }

    pub(super) fn to_value(&self, task: &dyn Grantable) -> Value {
        let image = self.training_image.as_ref().map(|image| image.bind(task));
        let metrics = self.metric_definitions.as_ref().map(|metrics| {
            let metrics = metrics.iter();
            Value::List(metrics.map(MetricDefinition::to_value).collect())
        });
        let mode = self.training_input_mode.unwrap_or(InputMode::File);
        Value::object([
            ("TrainingInputMode", Some(mode.into())),
            ("TrainingImage", image.map(|image| image.image_uri.into())),
            (
                "AlgorithmName",
                self.algorithm_name.clone().map(Value::from),
            ),
            ("MetricDefinitions", metrics),
        ])
    }
}

impl MetricDefinition {
    fn to_value(&self) -> Value {
        crate::object! {"Name": self.name.clone(), "Regex": self.regex.clone()}
    }
}

impl Channel {
    pub(super) fn to_value(&self, task: &dyn Grantable) -> Value {
        let source = &self.data_source.s3_data_source;
        let location = source
            .s3_location
            .bind(task, S3LocationBindOptions::READING);
        let kind = source.s3_data_type.unwrap_or(S3DataType::S3Prefix);
        let source = Value::object([
            ("S3Uri", Some(location.uri.into())),
            ("S3DataType", Some(kind.into())),
            (
                "S3DataDistributionType",
                source.s3_data_distribution_type.map(Value::from),
            ),
            (
                "AttributeNames",
                source.attribute_names.clone().map(Value::from),
            ),
        ]);
        let shuffle = self.shuffle_config.as_ref();
        Value::object([
            ("ChannelName", Some(self.channel_name.clone().into())),
            ("DataSource", Some(crate::object! {"S3DataSource": source})),
            ("CompressionType", self.compression_type.map(Value::from)),
            ("ContentType", self.content_type.clone().map(Value::from)),
            ("InputMode", self.input_mode.map(Value::from)),
            (
                "RecordWrapperType",
                self.record_wrapper_type.map(Value::from),
            ),
            (
                "ShuffleConfig",
                shuffle.map(|shuffle| crate::object! {"Seed": shuffle.seed.clone()}),
            ),
        ])
    }
}

impl OutputDataConfig {
    pub(super) fn to_value(&self, task: &dyn Grantable) -> Value {
        let location = &self.s3_output_location;
        let location = location.bind(task, S3LocationBindOptions::WRITING);
        let key = self.encryption_key.as_ref();
        Value::object([
            ("S3OutputPath", Some(location.uri.into())),
            ("KmsKeyId", key.map(|key| key.key_arn().into())),
        ])
    }
}

impl Default for ResourceConfig {
    /// One instance `ml.m4.xlarge` with 10 gibibytes.
    fn default() -> Self {
        let instance_type = InstanceType::of(&InstanceClass::M4, &InstanceSize::XLARGE);
        Self::new(1, instance_type, Size::gibibytes(10))
    }
}

impl ResourceConfig {
    pub(super) fn to_value(&self) -> Value {
        let key = self.volume_encryption_key.as_ref();
        Value::object([
            ("InstanceCount", Some(self.instance_count.clone())),
            (
                "InstanceType",
                Some(machine_learning(&self.instance_type).into()),
            ),
            (
                "VolumeSizeInGB",
                Some(self.volume_size.to_gibibytes().into()),
            ),
            ("VolumeKmsKeyId", key.map(|key| key.key_arn().into())),
        ])
    }
}

impl StoppingCondition {
    pub(super) fn to_value(&self) -> Value {
        let seconds = self.max_runtime.map(|time| time.to_seconds().into());
        Value::object([("MaxRuntimeInSeconds", seconds)])
    }
}

/// What is wrong with an algorithm's name or ARN.
fn wrong_algorithm_name(name: &str) -> Option<String> {
    if name.starts_with("{%") {
        return None;
    }
    if name.is_empty() || name.len() > MAX_ALGORITHM_NAME {
        let length = name.len();
        return Some(format!(
            "Algorithm name length must be between 1 and 170, but got {length}"
        ));
    }
    let plain = match name.split_once('/') {
        Some((arn, plain)) if is_start_of_arn(arn) => plain,
        Some(_) => "",
        None => name,
    };
    let of = |text: &str, allowed: fn(char) -> bool| text.chars().all(allowed);
    let good = of(plain, |c| c.is_ascii_alphanumeric() || c == '-')
        && !plain.is_empty()
        && plain.len() <= MAX_PLAIN_NAME
        && !plain.starts_with('-')
        && !plain.ends_with('-');
    let pattern = r"^(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z\-]*\/)?([a-zA-Z0-9]([a-zA-Z0-9-]){0,62})(?<!-)$";
    (!good).then(|| format!("Expected algorithm name to match pattern {pattern}, but got {name}"))
}

/// What stands before the `/` of an algorithm's ARN.
fn is_start_of_arn(text: &str) -> bool {
    let lower = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    match text.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", partition, "sagemaker", region, account, kind] => {
            partition.strip_prefix("aws").is_some_and(lower)
                && region
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                && account.len() == 12
                && account.chars().all(|c| c.is_ascii_digit())
                && lower(kind)
        }
        _ => false,
    }
}
