//! Functions' code.

use std::path::{Path, PathBuf};

use super::runtime::{Handler, Runtime};
use crate::core::{Asset, AssetOptions, EmbeddedFile, Problem, Scope};
use crate::value::{Text, Value};

/// The longest code that can stand in a template, in UTF-16 units.
const MAX_INLINE: usize = 4096;

/// A function's or layer's code.
#[derive(Debug, Clone)]
pub struct Code {
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Inline(String),
    Asset {
        path: PathBuf,
        options: AssetOptions,
    },
    Embedded(&'static [EmbeddedFile]),
    Bucket {
        bucket: Text,
        key: Text,
        version: Option<Text>,
    },
    Image {
        uri: Text,
        options: ImageOptions,
    },
}

/// What of a container image is not taken as the image has it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImageOptions {
    /// What is given to the entry point.
    pub cmd: Option<Vec<String>>,
    /// What is run.
    pub entrypoint: Option<Vec<String>>,
    /// Where it is run.
    pub working_directory: Option<String>,
}

impl Code {
    fn of(kind: Kind) -> Self {
        Self { kind }
    }

    /// The text of a single file, up to 4096 characters.
    pub fn from_inline(text: impl Into<String>) -> Self {
        Self::of(Kind::Inline(text.into()))
    }

    /// A directory, or a ZIP archive, that is published with the stack.
    pub fn from_asset(path: impl AsRef<Path>) -> Self {
        Self::from_asset_with_options(path, AssetOptions::default())
    }

    /// A directory, or a ZIP archive, that is published with the stack, with options.
    pub fn from_asset_with_options(path: impl AsRef<Path>, options: AssetOptions) -> Self {
        let path = path.as_ref().to_owned();
        Self::of(Kind::Asset { path, options })
    }

    /// A ZIP archive in a bucket, by the bucket's name and the archive's key.
    pub fn from_bucket(bucket_name: impl Into<Text>, key: impl Into<Text>) -> Self {
        Self::of(Kind::Bucket {
            bucket: bucket_name.into(),
            key: key.into(),
            version: None,
        })
    }

    /// A version of a ZIP archive in a bucket that keeps versions.
    pub fn from_bucket_version(
        bucket_name: impl Into<Text>,
        key: impl Into<Text>,
        object_version: impl Into<Text>,
    ) -> Self {
        Self::of(Kind::Bucket {
            bucket: bucket_name.into(),
            key: key.into(),
            version: Some(object_version.into()),
        })
    }

    /// A container image in ECR: `111122223333.dkr.ecr.eu-central-1.amazonaws.com/orders:1`.
    pub fn from_image_uri(uri: impl Into<Text>) -> Self {
        Self::from_image_uri_with_options(uri, ImageOptions::default())
    }

    /// A container image in ECR, with options.
    pub fn from_image_uri_with_options(uri: impl Into<Text>, options: ImageOptions) -> Self {
        let uri = uri.into();
        Self::of(Kind::Image { uri, options })
    }

    /// Files that are part of the program.
    pub(crate) fn embedded(files: &'static [EmbeddedFile]) -> Self {
        Self::of(Kind::Embedded(files))
    }

    /// Whether it can be a function's code with a runtime and a handler.
    pub(super) fn check(&self, runtime: &Runtime, handler: &str) -> Result<(), Problem> {
        let image = matches!(self.kind, Kind::Image { .. });
        if image != (handler == Handler::FROM_IMAGE) {
            let message =
                "handler must be `Handler.FROM_IMAGE` when using image asset for Lambda function";
            return Err(Problem::property("handler", message));
        }
        if image != runtime.is_from_image() {
            let message =
                "runtime must be `Runtime.FROM_IMAGE` when using image asset for Lambda function";
            return Err(Problem::property("runtime", message));
        }
        if matches!(self.kind, Kind::Inline(_)) && !runtime.supports_inline_code() {
            let message = format!("Inline source not allowed for {}", runtime.name());
            return Err(Problem::property("code", message));
        }
        Ok(())
    }

    /// A function's properties `Code` and `ImageConfig`.
    pub(super) fn bind(self, scope: &Scope) -> Result<(Value, Option<Value>), Problem> {
        match self.kind {
            Kind::Inline(text) => Ok((inline(text)?, None)),
            Kind::Image { uri, options } => {
                Ok((crate::object! {"ImageUri": uri}, options.into_value()))
            }
            stored => Ok((stored.s3_location(scope)?, None)),
        }
    }

    /// A layer's property `Content`.
    pub(super) fn bind_to_layer(self, scope: &Scope) -> Result<Value, Problem> {
        self.kind.s3_location(scope)
    }
}

impl Kind {
    /// Where it is in S3. Code that stands elsewhere is none that a layer can have.
    fn s3_location(self, scope: &Scope) -> Result<Value, Problem> {
        let asset = match self {
            Self::Inline(_) => {
                let message = "Inline code is not supported for AWS Lambda layers";
                return Err(Problem::property("code", message));
            }
            Self::Image { .. } => {
                return Err(Problem::property("code", "Code must define an S3 location"));
            }
            Self::Bucket {
                bucket,
                key,
                version,
            } => {
                return Ok(Value::object([
                    ("S3Bucket", Some(bucket.into())),
                    ("S3Key", Some(key.into())),
                    ("S3ObjectVersion", version.map(Value::from)),
                ]));
            }
            Self::Embedded(files) => Asset::embedded(scope, "Code", files),
            Self::Asset { path, options } => {
                let asset = Asset::with_options(scope, "Code", &path, &options);
                if !asset.is_zip_archive() {
                    let path = path.display();
                    let message = format!("Asset must be a .zip file or a directory ({path})");
                    return Err(Problem::property("code", message));
                }
                asset
            }
        };
        Ok(crate::object! {
            "S3Bucket": asset.s3_bucket_name(),
            "S3Key": asset.s3_object_key(),
        })
    }
}

fn inline(text: String) -> Result<Value, Problem> {
    let length = text.encode_utf16().count();
    if length == 0 {
        return Err(Problem::property(
            "code",
            "Lambda inline code cannot be empty",
        ));
    }
    if length > MAX_INLINE {
        let message =
            format!("Lambda source is too large, must be <= {MAX_INLINE} but is {length}");
        return Err(Problem::property("code", message));
    }
    Ok(crate::object! {"ZipFile": text})
}

impl ImageOptions {
    fn into_value(self) -> Option<Value> {
        let members = [
            ("Command", self.cmd.map(Value::from)),
            ("EntryPoint", self.entrypoint.map(Value::from)),
            ("WorkingDirectory", self.working_directory.map(Value::from)),
        ];
        let given = members.iter().any(|(_, value)| value.is_some());
        given.then(|| Value::object(members))
    }
}
