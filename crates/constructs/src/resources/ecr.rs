//! ECR: repositories of images.

use crate::core::{CfnResource, RemovalPolicy, Scope};
use crate::iam::{Grant, Grantable};
use crate::value::{Fn, Pseudo, Text, Value};

/// A repository of images, made in the stack or imported.
#[derive(Debug, Clone)]
pub struct Repository {
    resource: Option<CfnResource>,
    arn: Text,
    name: Text,
    registry: [Text; 2],
}

impl Repository {
    /// A repository. It is kept when it is no longer in the template.
    pub fn new(scope: &Scope, id: &str) -> Self {
        let resource = CfnResource::new(&scope.child(id), "Resource", "AWS::ECR::Repository");
        resource.removal_policy(RemovalPolicy::Retain);
        let arn = resource.attribute("Arn");
        let part = |index| Fn::select(index, Fn::split(":", arn.clone()));
        Self {
            name: resource.reference(),
            registry: [part(4), part(3)],
            arn,
            resource: Some(resource),
        }
    }

    /// A repository of the stack's account that exists already.
    pub fn from_repository_name(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        scope.child(id);
        let name = name.into();
        Self {
            resource: None,
            arn: scope.arn("ecr", Text::from("repository/").then(&name)),
            registry: [scope.account(), scope.region()],
            name,
        }
    }

    /// Sets a property of the resource: `("RepositoryName", "orders")`; nothing for an imported repository.
    #[must_use]
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its ARN.
    pub fn repository_arn(&self) -> Text {
        self.arn.clone()
    }

    /// Its name.
    pub fn repository_name(&self) -> Text {
        self.name.clone()
    }

    /// What its images' names begin with.
    pub fn repository_uri(&self) -> Text {
        let [account, region] = self.registry.clone();
        Text::concat([
            account,
            ".dkr.ecr.".into(),
            region,
            ".".into(),
            Pseudo::UrlSuffix.into(),
            "/".into(),
            self.name.clone(),
        ])
    }

    /// The name of an image by its tag.
    pub fn repository_uri_for_tag(&self, tag: &str) -> Text {
        self.repository_uri().then(format!(":{tag}"))
    }

    /// The name of an image by its digest, `sha256:…`, or its tag.
    pub fn repository_uri_for_tag_or_digest(&self, tag_or_digest: &str) -> Text {
        match tag_or_digest.starts_with("sha256:") {
            true => self.repository_uri().then(format!("@{tag_or_digest}")),
            false => self.repository_uri_for_tag(tag_or_digest),
        }
    }

    /// Allows one to pull its images.
    pub fn grant_pull(&self, grantee: &dyn Grantable) -> Grant {
        let pull = [
            "ecr:BatchCheckLayerAvailability",
            "ecr:GetDownloadUrlForLayer",
            "ecr:BatchGetImage",
        ];
        let grant = Grant::add_to_principal(grantee, pull, [self.repository_arn()]);
        Grant::add_to_principal(grantee, ["ecr:GetAuthorizationToken"], ["*"]);
        grant
    }
}
