//! Images that are built and published together with a stack.

use std::path::Path;

use super::Repository;
use crate::core::{AssetFile, ImageOptions, Scope};
use crate::value::Text;

/// An image that is built from a directory and published to a repository before its stack is deployed.
///
/// Its tag is a hash of the directory's content, so that it is built again only when that has changed.
#[derive(Debug, Clone)]
pub struct DockerImageAsset {
    hash: String,
    repository: Repository,
    image_uri: Text,
}

impl DockerImageAsset {
    /// The image of the `Dockerfile` in a directory.
    pub fn new(scope: &Scope, id: &str, directory: impl AsRef<Path>) -> Self {
        Self::with_options(scope, id, directory, ImageOptions::default())
    }

    /// An image, with options.
    pub fn with_options(
        scope: &Scope,
        id: &str,
        directory: impl AsRef<Path>,
        options: ImageOptions,
    ) -> Self {
        let place = scope.child(id);
        let file = AssetFile::image(directory.as_ref(), options).unwrap_or_else(|problem| {
            place.report(problem);
            AssetFile::missing()
        });
        let hash = file.hash.clone();
        let location = place.publish_image(file);
        Self {
            repository: Repository::from_repository_name(
                &place,
                "Repository",
                location.repository_name,
            ),
            image_uri: location.image_uri,
            hash,
        }
    }

    /// The hash of its content, in hexadecimal.
    pub fn asset_hash(&self) -> &str {
        &self.hash
    }

    /// The repository that it is published to.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Its name with its registry and tag.
    pub fn image_uri(&self) -> Text {
        self.image_uri.clone()
    }
}
