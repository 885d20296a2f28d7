//! Where the results of distributed Maps are written to.

use super::MapResource;
use super::bucket::BucketName;
use crate::core::{Problem, Scope};
use crate::iam::Statement;
use crate::object;
use crate::resources::Bucket;
use crate::value::{Text, Value};

/// Writes the results to a bucket.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct ResultWriter {
    bucket: BucketName,
    prefix: Option<Text>,
}

impl ResultWriter {
    /// Writes to a bucket.
    pub fn new(bucket: &Bucket) -> Self {
        Self {
            bucket: BucketName::of(bucket),
            prefix: None,
        }
    }

    /// What the keys of the results begin with.
    pub fn prefix(mut self, prefix: impl Into<Text>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }
}

/// Writes the results to a bucket, or to the state's result, in a form of one's choice. A bucket or a configuration must be
/// given.
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
pub struct ResultWriterV2 {
    bucket: Option<BucketName>,
    bucket_name_path: Option<BucketName>,
    prefix: Option<Text>,
    writer_config: Option<WriterConfig>,
}

impl ResultWriterV2 {
    /// A writer of which nothing is said yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes to a bucket.
    pub fn bucket(mut self, bucket: &Bucket) -> Self {
        self.bucket = Some(BucketName::of(bucket));
        self
    }

    /// Writes to the bucket whose name is at a path, or is what a JSONata expression gives.
    pub fn bucket_name_path(mut self, expression: impl Into<Text>) -> Self {
        self.bucket_name_path = Some(BucketName::at(expression));
        self
    }

    /// What the keys of the results begin with.
    pub fn prefix(mut self, prefix: impl Into<Text>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// In which form the results are written.
    pub fn writer_config(mut self, config: WriterConfig) -> Self {
        self.writer_config = Some(config);
        self
    }

    pub(super) fn problems(&self) -> Vec<Problem> {
        let has_bucket = self.bucket.is_some() || self.bucket_name_path.is_some();
        let rules = [
            (
                self.bucket.is_some() && self.bucket_name_path.is_some(),
                "Provide either `bucket` or `bucketNamePath`, but not both",
            ),
            (
                self.prefix.is_some() && !has_bucket,
                "A `prefix` needs a `bucket` or a `bucketNamePath`",
            ),
            (
                !has_bucket && self.writer_config.is_none(),
                "ResultWriter should specify at least the WriterConfig or the Bucket and Prefix",
            ),
        ];
        let broken = rules.into_iter().filter(|(broken, _)| *broken);
        broken
            .map(|(_, message)| Problem::property("result_writer_v2", message))
            .collect()
    }
}

/// In which form results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriterConfig {
    /// In which format.
    pub output_type: OutputType,
    /// How they are changed before.
    pub transformation: Transformation,
}

/// In which format results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputType {
    /// A JSON array.
    Json,
    /// A JSON value on each line.
    Jsonl,
}

impl OutputType {
    /// Its name in a definition.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Jsonl => "JSONL",
        }
    }
}

/// How results are changed before they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transformation {
    /// Not at all: with what is known of each execution.
    None,
    /// Only the outputs.
    Compact,
    /// Only the outputs, and of those that are arrays their elements.
    Flatten,
}

impl Transformation {
    /// Its name in a definition.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Compact => "COMPACT",
            Self::Flatten => "FLATTEN",
        }
    }
}

/// A result writer of either kind.
#[derive(Debug)]
pub(super) struct Writer {
    bucket: Option<BucketName>,
    prefix: Option<Text>,
    config: Option<WriterConfig>,
}

impl From<ResultWriter> for Writer {
    fn from(writer: ResultWriter) -> Self {
        Self {
            bucket: Some(writer.bucket),
            prefix: writer.prefix,
            config: None,
        }
    }
}

impl From<ResultWriterV2> for Writer {
    fn from(writer: ResultWriterV2) -> Self {
        Self {
            bucket: writer.bucket.or(writer.bucket_name_path),
            prefix: writer.prefix,
            config: writer.writer_config,
        }
    }
}

impl Writer {
    pub(super) fn resource(&self) -> Option<MapResource> {
        let bucket = self.bucket.as_ref()?;
        Some(MapResource {
            name: "s3:putObject",
            parameters: Value::object([
                ("Bucket", Some(bucket.name())),
                ("Prefix", self.prefix.as_ref().map(Value::from)),
            ]),
            known: bucket.known(),
        })
    }

    pub(super) fn config(&self) -> Option<Value> {
        let config = self.config?;
        Some(object! {
            "OutputType": config.output_type.name(),
            "Transformation": config.transformation.name(),
        })
    }

    pub(super) fn statements(&self, scope: &Scope) -> Vec<Statement> {
        let resource = self.resource();
        resource
            .map(|resource| resource.statements(scope))
            .unwrap_or_default()
    }
}
