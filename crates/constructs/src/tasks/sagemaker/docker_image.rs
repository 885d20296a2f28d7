//! Images that SageMaker runs.

use super::expression;
use crate::iam::{Grantable, Statement};
use crate::resources::{DockerImageAsset, Repository};
use crate::value::{JsonPath, Text};

/// An image that SageMaker runs; the role that SageMaker acts with is allowed to pull it.
#[derive(Debug, Clone)]
pub struct DockerImage {
    uri: Text,
    repository: Option<Repository>,
    allow_any_ecr_image_pull: bool,
}

/// An image as a task needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct DockerImageConfig {
    /// Its name with its registry.
    pub image_uri: Text,
}

impl DockerImage {
    /// An image of an ECR repository, by its tag or digest: `latest`.
    pub fn from_ecr_repository(repository: &Repository, tag_or_digest: &str) -> Self {
        Self {
            uri: repository.repository_uri_for_tag_or_digest(tag_or_digest),
            repository: Some(repository.clone()),
            allow_any_ecr_image_pull: false,
        }
    }

    /// An image that is built and published together with the stack.
    pub fn from_asset(asset: &DockerImageAsset) -> Self {
        Self {
            uri: asset.image_uri(),
            repository: Some(asset.repository().clone()),
            allow_any_ecr_image_pull: false,
        }
    }

    /// An image whose name the workflow's data has; unless said, any image of ECR may be pulled.
    pub fn from_json_expression(path: impl Into<JsonPath>) -> Self {
        Self {
            uri: expression(path),
            repository: None,
            allow_any_ecr_image_pull: true,
        }
    }

    /// An image by its name with its registry; what pulling it needs must be allowed to the role otherwise.
    pub fn from_registry(image_uri: impl Into<Text>) -> Self {
        Self {
            uri: image_uri.into(),
            repository: None,
            allow_any_ecr_image_pull: false,
        }
    }

    /// Whether any image of ECR may be pulled.
    #[must_use]
    pub fn allow_any_ecr_image_pull(mut self, allow: bool) -> Self {
        self.allow_any_ecr_image_pull = allow;
        self
    }

    /// Allows a task's role to pull the image.
    pub fn bind(&self, task: &dyn Grantable) -> DockerImageConfig {
        if let Some(repository) = &self.repository {
            repository.grant_pull(task);
        }
        if self.allow_any_ecr_image_pull {
            let pull = [
                "ecr:BatchCheckLayerAvailability",
                "ecr:GetDownloadUrlForLayer",
                "ecr:BatchGetImage",
            ];
            task.add_to_principal_policy(Statement::allow(pull, ["*"]));
        }
        DockerImageConfig {
            image_uri: self.uri.clone(),
        }
    }
}
