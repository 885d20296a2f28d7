//! Images that are built from a directory.

use std::path::Path;

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use super::{AssetFile, AssetOptions, absolute};
use crate::core::error::Problem;
use crate::value::Text;

/// What the CDK puts into every hash, so that images of other versions are built again.
const HASH_VERSION: &str = "1.21.0";

/// How an image is built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageOptions {
    /// What is left out of the directory, and how it is hashed. What its `.dockerignore` names is left out by Docker.
    pub asset: AssetOptions,
    /// Values of the Dockerfile's `ARG`s.
    pub build_args: IndexMap<String, String>,
    /// The stage that is built; the last unless said.
    pub target: Option<String>,
    /// The file below the directory that says how; `Dockerfile` unless said.
    pub file: Option<String>,
    /// The network of `RUN` instructions: `host`.
    pub network_mode: Option<String>,
    /// The platform that it is built for: `linux/arm64`.
    pub platform: Option<String>,
}

/// Where an image is once it is published.
pub(crate) struct ImageLocation {
    pub(crate) repository_name: Text,
    pub(crate) image_uri: Text,
}

impl ImageOptions {
    /// What is hashed beside the content: the CDK's words.
    fn extra(&self) -> String {
        let member = |name: &str, value: Option<Json>| Some((name.to_owned(), value?));
        let args = (!self.build_args.is_empty()).then(|| json!(self.build_args));
        let mode = self.network_mode.as_ref().map(|mode| json!({"mode": mode}));
        let platform = self.platform.as_ref();
        let members = [
            member("buildArgs", args),
            member("target", self.target.as_deref().map(Json::from)),
            member("file", self.file.as_deref().map(Json::from)),
            member("networkMode", mode),
            member(
                "platform",
                platform.map(|platform| json!({"platform": platform})),
            ),
            member("version", Some(HASH_VERSION.into())),
        ];
        Json::Object(members.into_iter().flatten().collect()).to_string()
    }

    /// The members of an asset's entry, under the names that a manifest has for build arguments, target and file.
    pub(in crate::core) fn members(&self, names: [&str; 3]) -> Map<String, Json> {
        let args = (!self.build_args.is_empty()).then(|| json!(self.build_args));
        let text = |value: &Option<String>| value.as_deref().map(Json::from);
        let [args_name, target, file] = names;
        let members = [
            (args_name, args),
            (target, text(&self.target)),
            (file, text(&self.file)),
            ("networkMode", text(&self.network_mode)),
            ("platform", text(&self.platform)),
        ];
        let members = members.into_iter();
        members
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    }
}

impl AssetFile {
    /// A directory that an image is built from.
    pub(crate) fn image(directory: &Path, options: ImageOptions) -> Result<Self, Problem> {
        let missing = |what: &str, path: &Path| Problem::File {
            path: path.display().to_string(),
            reason: format!("Cannot find {what} at {}", absolute(path).display()),
        };
        if !directory.is_dir() {
            return Err(missing("image directory", directory));
        }
        let file = directory.join(options.file.as_deref().unwrap_or("Dockerfile"));
        if !file.is_file() {
            return Err(missing("file", &file));
        }
        let mut asset = Self::hashed_with(directory, &options.asset, &options.extra())?;
        asset.image = Some(options);
        Ok(asset)
    }
}
