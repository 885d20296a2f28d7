//! Files and directories that are published together with a stack.

mod exclude;
mod fingerprint;
mod image;
mod source;

use std::path::{Path, PathBuf};

use super::error::Problem;
use super::scope::Scope;
use crate::iam::{Grant, Grantable};
use crate::value::{Pseudo, Text};

pub(crate) use fingerprint::hash_of;
pub(crate) use image::ImageLocation;
pub use image::ImageOptions;
pub use source::SymlinkFollowMode;
pub(crate) use source::{Content, EmbeddedFile};

/// What the CDK takes for an archive that is published as it is.
const ARCHIVES: [&str; 2] = ["zip", "jar"];

/// A file or directory that is published to a bucket before its stack is deployed.
///
/// Its name there is a hash of its content, so that it is published again only when it has changed. A directory is
/// published as a ZIP archive.
#[derive(Debug, Clone)]
pub struct Asset {
    file: AssetFile,
    location: AssetLocation,
}

/// What else can be said of an asset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AssetOptions {
    /// Patterns of files and directories that are left out: `*.ts`, `node_modules`, `!keep.ts`.
    ///
    /// `*` stands for any text within a name, `**` for any directories; a pattern without `/` is compared with the name
    /// alone, one that begins with `!` takes files in again that patterns before it left out.
    pub exclude: Vec<String>,
    /// Which symbolic links are followed instead of being published as links.
    pub follow_symlinks: SymlinkFollowMode,
    /// What the hash is made of instead of the content. Then it must change whenever the content does.
    pub asset_hash: Option<String>,
}

/// An asset as it is staged and published.
#[derive(Debug, Clone)]
pub(crate) struct AssetFile {
    /// The hash of its content in hexadecimal: what it is called everywhere.
    pub(crate) hash: String,
    /// The extension of a single file, with its point; empty for a directory.
    pub(crate) extension: String,
    pub(crate) packaging: Packaging,
    pub(crate) content: Content,
    /// How an image is built from it, if one is.
    pub(crate) image: Option<ImageOptions>,
}

/// In what form an asset is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packaging {
    File,
    Zip,
}

impl Packaging {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Zip => "zip",
        }
    }
}

/// Where an asset is once it is published.
#[derive(Debug, Clone, Default)]
pub(crate) struct AssetLocation {
    pub(crate) bucket_name: Text,
    pub(crate) object_key: Text,
    pub(crate) http_url: Text,
    pub(crate) s3_object_url: Text,
}

impl Asset {
    /// A file or directory.
    pub fn new(scope: &Scope, id: &str, path: impl AsRef<Path>) -> Self {
        Self::with_options(scope, id, path, &AssetOptions::default())
    }

    /// A file or directory, with options.
    pub fn with_options(
        scope: &Scope,
        id: &str,
        path: impl AsRef<Path>,
        options: &AssetOptions,
    ) -> Self {
        let scope = scope.child(id);
        let file = AssetFile::read(path.as_ref(), options).unwrap_or_else(|problem| {
            scope.report(problem);
            AssetFile::missing()
        });
        Self::at(&scope, file)
    }

    /// A directory whose files are part of the program.
    pub(crate) fn embedded(scope: &Scope, id: &str, files: &'static [EmbeddedFile]) -> Self {
        Self::at(&scope.child(id), AssetFile::embedded(files))
    }

    fn at(scope: &Scope, file: AssetFile) -> Self {
        let location = scope.publish(file.clone());
        Self { file, location }
    }

    /// The hash of its content, or what was given instead, in hexadecimal.
    pub fn asset_hash(&self) -> &str {
        &self.file.hash
    }

    /// The name of the bucket that it is published to.
    pub fn s3_bucket_name(&self) -> Text {
        self.location.bucket_name.clone()
    }

    /// Its key in that bucket.
    pub fn s3_object_key(&self) -> Text {
        self.location.object_key.clone()
    }

    /// Its address for AWS's own tools: `s3://bucket/key`.
    pub fn s3_object_url(&self) -> Text {
        self.location.s3_object_url.clone()
    }

    /// Its address for the web, which only those can read who may read the bucket.
    pub fn http_url(&self) -> Text {
        self.location.http_url.clone()
    }

    /// Whether it is a single file.
    pub fn is_file(&self) -> bool {
        self.file.packaging == Packaging::File
    }

    /// Whether it is published as an archive: a directory, or a file that is one.
    pub fn is_zip_archive(&self) -> bool {
        let extension = self
            .file
            .extension
            .trim_start_matches('.')
            .to_ascii_lowercase();
        !self.is_file() || ARCHIVES.contains(&extension.as_str())
    }

    /// Allows someone to read it, and all else in the bucket: the key of its next version is not known yet.
    pub fn grant_read(&self, grantee: &dyn Grantable) -> Grant {
        let bucket = Text::concat([
            Text::from("arn:"),
            Pseudo::Partition.into(),
            ":s3:::".into(),
            self.s3_bucket_name(),
        ]);
        Grant::add_to_principal(
            grantee,
            ["s3:GetObject*", "s3:GetBucket*", "s3:List*"],
            [bucket.clone(), bucket.then("/*")],
        )
    }
}

impl AssetFile {
    /// Reads what there is at a path.
    pub(crate) fn read(path: &Path, options: &AssetOptions) -> Result<Self, Problem> {
        Self::hashed_with(path, options, "")
    }

    /// Reads what there is at a path; its hash is one of more than the content.
    fn hashed_with(path: &Path, options: &AssetOptions, extra: &str) -> Result<Self, Problem> {
        let root = path.canonicalize().map_err(|_| Problem::File {
            path: path.display().to_string(),
            reason: format!("Cannot find asset at {}", absolute(path).display()),
        })?;
        let content = Content::read(&root, options)?;
        let is_directory = root.is_dir();
        let extension = match path.extension() {
            Some(extension) if !is_directory => format!(".{}", extension.to_string_lossy()),
            _ => String::new(),
        };
        let hash = match &options.asset_hash {
            Some(text) => hash_of(text.as_bytes()),
            None => fingerprint::of(&content, options.follow_symlinks, extra)?,
        };
        let packaging = match is_directory {
            true => Packaging::Zip,
            false => Packaging::File,
        };
        Ok(Self {
            hash,
            extension,
            packaging,
            content,
            image: None,
        })
    }

    fn embedded(files: &'static [EmbeddedFile]) -> Self {
        let content = Content::embedded(files);
        Self {
            hash: fingerprint::of_embedded(files),
            extension: String::new(),
            packaging: Packaging::Zip,
            content,
            image: None,
        }
    }

    /// What stands for an asset that cannot be read: the mistake is reported, and nothing is synthesized.
    pub(crate) fn missing() -> Self {
        Self {
            hash: String::new(),
            extension: String::new(),
            packaging: Packaging::Zip,
            content: Content::default(),
            image: None,
        }
    }

    /// Its name in a cloud assembly.
    pub(super) fn staged_name(&self) -> String {
        format!("asset.{}{}", self.hash, self.extension)
    }

    /// Its key in the bucket of the bootstrap stack.
    pub(super) fn object_key(&self) -> String {
        match self.packaging {
            Packaging::Zip => format!("{}.zip", self.hash),
            Packaging::File => format!("{}{}", self.hash, self.extension),
        }
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
