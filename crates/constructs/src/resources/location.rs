//! Objects in S3 buckets.

use crate::value::Text;

/// An object in a bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    /// The bucket's name.
    pub bucket_name: Text,
    /// The object's key, or what the keys of several begin with.
    pub object_key: Text,
    /// Which version of the object; the latest unless said.
    pub object_version: Option<Text>,
}

impl Location {
    /// The latest version of an object.
    pub fn new(bucket_name: impl Into<Text>, object_key: impl Into<Text>) -> Self {
        Self {
            bucket_name: bucket_name.into(),
            object_key: object_key.into(),
            object_version: None,
        }
    }

    /// `s3://bucket/key`.
    pub(crate) fn url(&self) -> Text {
        Text::concat([
            &"s3://".into(),
            &self.bucket_name,
            &"/".into(),
            &self.object_key,
        ])
    }
}
