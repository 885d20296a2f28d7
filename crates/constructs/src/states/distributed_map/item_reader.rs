//! Where the items of distributed Maps are read from.

use super::MapResource;
use super::bucket::BucketName;
use crate::core::Scope;
use crate::iam::Statement;
use crate::resources::Bucket;
use crate::states::render::whole_number;
use crate::value::{Object, Text, Value};

/// Where a distributed Map reads its items from. The readers of this module become one.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemReader {
    action: &'static str,
    bucket: BucketName,
    /// What is read of the bucket.
    parameters: Object,
    config: Object,
}

impl ItemReader {
    pub(super) fn resource(&self) -> MapResource {
        let mut parameters = Object::from_iter([("Bucket".to_owned(), self.bucket.name())]);
        parameters.extend(self.parameters.clone());
        MapResource {
            name: self.action,
            parameters: parameters.into(),
            known: self.bucket.known(),
        }
    }

    pub(super) fn config(&self) -> Option<Value> {
        (!self.config.is_empty()).then(|| self.config.clone().into())
    }

    pub(super) fn statements(&self, scope: &Scope) -> Vec<Statement> {
        self.resource().statements(scope)
    }
}

fn members<const N: usize>(members: [(&str, Option<Value>); N]) -> Object {
    let members = members.into_iter();
    members
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// Reads the list of a bucket's objects: each object is an item.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct S3ObjectsItemReader {
    bucket: BucketName,
    prefix: Option<Text>,
    max_items: Option<u32>,
}

impl S3ObjectsItemReader {
    /// The objects of a bucket.
    pub fn new(bucket: &Bucket) -> Self {
        Self::of(BucketName::of(bucket))
    }

    /// The objects of the bucket whose name is at a path, or is what a JSONata expression gives.
    pub fn bucket_name_path(expression: impl Into<Text>) -> Self {
        Self::of(BucketName::at(expression))
    }

    fn of(bucket: BucketName) -> Self {
        Self {
            bucket,
            prefix: None,
            max_items: None,
        }
    }

    /// Only objects whose keys begin with it.
    pub fn prefix(mut self, prefix: impl Into<Text>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// How many items are read at most.
    pub fn max_items(mut self, items: u32) -> Self {
        self.max_items = Some(items);
        self
    }
}

impl From<S3ObjectsItemReader> for ItemReader {
    fn from(reader: S3ObjectsItemReader) -> Self {
        Self {
            action: "s3:listObjectsV2",
            bucket: reader.bucket,
            parameters: members([("Prefix", reader.prefix.map(Value::from))]),
            config: members([("MaxItems", whole_number(reader.max_items))]),
        }
    }
}

/// A file in a bucket.
#[derive(Debug, Clone, PartialEq)]
struct File {
    bucket: BucketName,
    key: Text,
    max_items: Option<u32>,
}

impl File {
    fn of(bucket: BucketName, key: impl Into<Text>) -> Self {
        Self {
            bucket,
            key: key.into(),
            max_items: None,
        }
    }

    fn reader(self, input_type: &str) -> ItemReader {
        ItemReader {
            action: "s3:getObject",
            bucket: self.bucket,
            parameters: members([("Key", Some(self.key.into()))]),
            config: members([
                ("InputType", Some(input_type.into())),
                ("MaxItems", whole_number(self.max_items)),
            ]),
        }
    }
}

/// A reader of a file: what all of them have.
macro_rules! file_reader {
    ($(#[$doc:meta])* $name:ident $($more:ident: $kind:ty),*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        #[must_use]
        pub struct $name {
            file: File,
            $($more: Option<$kind>,)*
        }

        impl $name {
            /// The file under a key in a bucket.
            pub fn new(bucket: &Bucket, key: impl Into<Text>) -> Self {
                Self { file: File::of(BucketName::of(bucket), key), $($more: None,)* }
            }

            /// The file under a key in the bucket whose name is at a path, or is what a JSONata expression gives.
            pub fn bucket_name_path(expression: impl Into<Text>, key: impl Into<Text>) -> Self {
                Self { file: File::of(BucketName::at(expression), key), $($more: None,)* }
            }

            /// How many items are read at most.
            pub fn max_items(mut self, items: u32) -> Self {
                self.file.max_items = Some(items);
                self
            }
        }
    };
}

file_reader! {
    /// Reads a file that is a JSON array.
    S3JsonItemReader
}

file_reader! {
    /// Reads a file with a JSON value on each line.
    S3JsonLItemReader
}

file_reader! {
    /// Reads the objects that an S3 inventory's manifest lists.
    S3ManifestItemReader
}

file_reader! {
    /// Reads a file of comma-separated values: each line is an item.
    S3CsvItemReader csv_headers: CsvHeaders, csv_delimiter: CsvDelimiter
}

impl From<S3JsonItemReader> for ItemReader {
    fn from(reader: S3JsonItemReader) -> Self {
        reader.file.reader("JSON")
    }
}

impl From<S3JsonLItemReader> for ItemReader {
    fn from(reader: S3JsonLItemReader) -> Self {
        reader.file.reader("JSONL")
    }
}

impl From<S3ManifestItemReader> for ItemReader {
    fn from(reader: S3ManifestItemReader) -> Self {
        reader.file.reader("MANIFEST")
    }
}

impl S3CsvItemReader {
    /// Where the columns' names are; in the first line unless said.
    pub fn csv_headers(mut self, headers: CsvHeaders) -> Self {
        self.csv_headers = Some(headers);
        self
    }

    /// What stands between values; a comma unless said.
    pub fn csv_delimiter(mut self, delimiter: CsvDelimiter) -> Self {
        self.csv_delimiter = Some(delimiter);
        self
    }
}

impl From<S3CsvItemReader> for ItemReader {
    fn from(reader: S3CsvItemReader) -> Self {
        let headers = reader.csv_headers.unwrap_or_else(CsvHeaders::use_first_row);
        let mut item_reader = reader.file.reader("CSV");
        item_reader.config.extend(members([
            (
                "CSVDelimiter",
                reader
                    .csv_delimiter
                    .map(|delimiter| delimiter.name().into()),
            ),
            ("CSVHeaderLocation", Some(headers.location.name().into())),
            ("CSVHeaders", headers.headers.map(Value::from)),
        ]));
        item_reader
    }
}

/// The names of a file's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvHeaders {
    location: CsvHeaderLocation,
    headers: Option<Vec<String>>,
}

impl CsvHeaders {
    /// They are in the file's first line.
    pub fn use_first_row() -> Self {
        Self {
            location: CsvHeaderLocation::FirstRow,
            headers: None,
        }
    }

    /// These.
    pub fn given<T: Into<String>>(headers: impl IntoIterator<Item = T>) -> Self {
        Self {
            location: CsvHeaderLocation::Given,
            headers: Some(headers.into_iter().map(Into::into).collect()),
        }
    }
}

/// Where the names of a file's columns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvHeaderLocation {
    /// In the file's first line.
    FirstRow,
    /// In the definition.
    Given,
}

impl CsvHeaderLocation {
    /// Its name in a definition.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstRow => "FIRST_ROW",
            Self::Given => "GIVEN",
        }
    }
}

/// What stands between the values of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvDelimiter {
    /// `,`
    Comma,
    /// `|`
    Pipe,
    /// `;`
    Semicolon,
    /// A space.
    Space,
    /// A tab.
    Tab,
}

impl CsvDelimiter {
    /// Its name in a definition.
    pub fn name(self) -> &'static str {
        match self {
            Self::Comma => "COMMA",
            Self::Pipe => "PIPE",
            Self::Semicolon => "SEMICOLON",
            Self::Space => "SPACE",
            Self::Tab => "TAB",
        }
    }
}
