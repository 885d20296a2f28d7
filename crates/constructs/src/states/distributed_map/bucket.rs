//! The buckets that distributed Maps read from and write to.

use crate::resources::Bucket;
use crate::value::{JsonPath, Text, Value};

/// A bucket, or where in the workflow's data its name is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum BucketName {
    Bucket { name: Text, arn: Text },
    AtRunTime(Text),
}

impl BucketName {
    pub(super) fn of(bucket: &Bucket) -> Self {
        Self::Bucket {
            name: bucket.bucket_name(),
            arn: bucket.bucket_arn(),
        }
    }

    /// The bucket whose name is at a path, or is what a JSONata expression gives.
    pub(super) fn at(expression: impl Into<Text>) -> Self {
        let expression = expression.into();
        let path = expression.as_literal().filter(|text| text.starts_with('$'));
        let path = path.map(|path| JsonPath::string_at(path).into());
        Self::AtRunTime(path.unwrap_or(expression))
    }

    pub(super) fn name(&self) -> Value {
        match self {
            Self::Bucket { name, .. } | Self::AtRunTime(name) => name.into(),
        }
    }

    /// The ARN by the name.
    pub(super) fn known(&self) -> Vec<(Text, Text)> {
        match self {
            Self::Bucket { name, arn } => vec![(name.clone(), arn.clone())],
            Self::AtRunTime(_) => Vec::new(),
        }
    }
}
