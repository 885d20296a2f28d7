//! What can be said of batch transform jobs.

use super::machine_learning;
use super::training_options::{CompressionType, S3DataType};
use crate::core::{Duration, Problem};
use crate::resources::{InstanceClass, InstanceSize, InstanceType, Key};
use crate::tasks::property::{names, options};
use crate::value::{Text, Value};

/// How often a call of a model may be tried again at most.
const MAX_RETRIES: f64 = 3.0;
/// How long a call of a model may take at most, in seconds.
const MAX_TIMEOUT_SECONDS: u64 = 3600;

names! {
    /// How many records a request has.
    pub enum BatchStrategy {
        /// As many as fit.
        MultiRecord = "MultiRecord",
        /// One.
        SingleRecord = "SingleRecord",
    }
}

names! {
    /// How input is split into records.
    pub enum SplitType {
        /// Not at all.
        None = "None",
        /// At the ends of lines.
        Line = "Line",
        /// As RecordIO.
        RecordIo = "RecordIO",
        /// As TFRecord.
        TfRecord = "TFRecord",
    }
}

names! {
    /// How output is put together.
    pub enum AssembleWith {
        /// One after the other.
        None = "None",
        /// As lines.
        Line = "Line",
    }
}

options! {
    /// How a model is called.
    pub struct ModelClientOptions() {
        /// How often a call is tried again, 0 to 3; never unless said.
        invocations_max_retries: Value,
        /// How long a call may take, 1 to 3600 whole seconds; 60 unless said.
        invocations_timeout: Duration,
    }
}

options! {
    /// Data in S3 to be transformed.
    pub struct TransformS3DataSource(s3_uri: Text) {
        /// What the URI names; a prefix of keys unless said.
        s3_data_type: S3DataType,
    }
}

options! {
    /// Where data to be transformed is.
    pub struct TransformDataSource(s3_data_source: TransformS3DataSource) {}
}

options! {
    /// Data to be transformed.
    pub struct TransformInput(transform_data_source: TransformDataSource) {
        /// How it is compressed.
        compression_type: CompressionType,
        /// Its MIME type.
        content_type: Text,
        /// How it is split into records.
        split_type: SplitType,
    }
}

options! {
    /// What becomes of transformed data.
    pub struct TransformOutput(s3_output_path: Text) {
        /// Its MIME type.
        accept: Text,
        /// How it is put together.
        assemble_with: AssembleWith,
        /// The key that it is encrypted with.
        encryption_key: {Key},
    }
}

options! {
    /// The instances that transform.
    pub struct TransformResources(instance_count: Value, instance_type: InstanceType) {
        /// The key that their volumes are encrypted with.
        volume_encryption_key: {Key},
    }
}

impl ModelClientOptions {
    pub(super) fn to_value(&self) -> Result<Value, Problem> {
        if let Some(Value::Number(retries)) = &self.invocations_max_retries
            && !retries
                .as_f64()
                .is_some_and(|count| (0.0..=MAX_RETRIES).contains(&count))
        {
            let message =
                format!("invocationsMaxRetries should be between 0 and 3. Received: {retries}.");
            return Err(Problem::property("invocations_max_retries", message));
        }
        let timeout = self.invocations_timeout.map(Duration::to_seconds);
        if let Some(timeout) = timeout
            && !(1..=MAX_TIMEOUT_SECONDS).contains(&timeout)
        {
            let message = format!(
                "invocationsTimeout should be between 1 and 3600 seconds. Received: {timeout}."
            );
            return Err(Problem::property("invocations_timeout", message));
        }
        let retries = self.invocations_max_retries.clone();
        Ok(crate::object! {
            "InvocationsMaxRetries": retries.unwrap_or_else(|| 0.into()),
            "InvocationsTimeoutInSeconds": timeout.unwrap_or(60),
        })
    }
}

impl TransformInput {
    pub(super) fn to_value(&self) -> Value {
        let source = &self.transform_data_source.s3_data_source;
        let kind = source.s3_data_type.unwrap_or(S3DataType::S3Prefix);
        let source = crate::object! {"S3Uri": source.s3_uri.clone(), "S3DataType": kind};
        Value::object([
            ("CompressionType", self.compression_type.map(Value::from)),
            ("ContentType", self.content_type.clone().map(Value::from)),
            ("DataSource", Some(crate::object! {"S3DataSource": source})),
            ("SplitType", self.split_type.map(Value::from)),
        ])
    }
}

impl TransformOutput {
    pub(super) fn to_value(&self) -> Value {
        let key = self.encryption_key.as_ref();
        Value::object([
            ("S3OutputPath", Some(self.s3_output_path.clone().into())),
            ("KmsKeyId", key.map(|key| key.key_arn().into())),
            ("Accept", self.accept.clone().map(Value::from)),
            ("AssembleWith", self.assemble_with.map(Value::from)),
        ])
    }
}

impl Default for TransformResources {
    /// One instance `ml.m4.xlarge`.
    fn default() -> Self {
        Self::new(
            1,
            InstanceType::of(&InstanceClass::M4, &InstanceSize::XLARGE),
        )
    }
}

impl TransformResources {
    pub(super) fn to_value(&self) -> Value {
        let key = self.volume_encryption_key.as_ref();
        Value::object([
            ("InstanceCount", Some(self.instance_count.clone())),
            (
                "InstanceType",
                Some(machine_learning(&self.instance_type).into()),
            ),
            ("VolumeKmsKeyId", key.map(|key| key.key_arn().into())),
        ])
    }
}
