//! Places in S3 that SageMaker reads and writes.

use super::expression;
use crate::iam::{Grantable, Statement};
use crate::resources::Bucket;
use crate::value::{JsonPath, Text};

/// A place in S3; the role that SageMaker acts with is allowed to use it.
#[derive(Debug, Clone)]
pub struct S3Location {
    uri: Text,
    bucket: Option<(Bucket, String)>,
}

/// What is done with a place in S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct S3LocationBindOptions {
    /// It is read.
    pub for_reading: bool,
    /// It is written.
    pub for_writing: bool,
}

impl S3LocationBindOptions {
    pub(super) const READING: Self = Self {
        for_reading: true,
        for_writing: false,
    };
    pub(super) const WRITING: Self = Self {
        for_reading: false,
        for_writing: true,
    };
}

/// A place in S3 as a task needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct S3LocationConfig {
    /// Its URI.
    pub uri: Text,
}

impl S3Location {
    /// Where keys of a bucket begin with a text.
    pub fn from_bucket(bucket: &Bucket, key_prefix: &str) -> Self {
        Self {
            uri: bucket.url_for_object(key_prefix),
            bucket: Some((bucket.clone(), format!("{key_prefix}*"))),
        }
    }

    /// A place whose URI the workflow's data has: all buckets may be used.
    pub fn from_json_expression(path: impl Into<JsonPath>) -> Self {
        Self {
            uri: expression(path),
            bucket: None,
        }
    }

    /// Allows a task's role to use the place.
    pub fn bind(&self, task: &dyn Grantable, options: S3LocationBindOptions) -> S3LocationConfig {
        let Some((bucket, keys)) = &self.bucket else {
            let read = ["s3:GetObject", "s3:ListBucket"];
            let read = read.into_iter().filter(|_| options.for_reading);
            let write = options.for_writing.then_some("s3:PutObject");
            task.add_to_principal_policy(Statement::allow(read.chain(write), ["*"]));
            return self.config();
        };
        if options.for_reading {
            bucket.grant_read(task, keys);
        }
        if options.for_writing {
            bucket.grant_write(task, keys);
        }
        self.config()
    }

    fn config(&self) -> S3LocationConfig {
        S3LocationConfig {
            uri: self.uri.clone(),
        }
    }
}
