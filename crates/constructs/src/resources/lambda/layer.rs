//! Layers.

use super::code::Code;
use super::runtime::{Architecture, Runtime};
use crate::core::{CfnResource, Problem, RemovalPolicy, Scope};
use crate::value::{Text, Value};

/// A version of a layer: files that functions share, made in the stack or imported.
#[derive(Debug, Clone)]
pub struct LayerVersion {
    scope: Scope,
    resource: Option<CfnResource>,
    arn: Text,
    /// None if any will do.
    compatible_runtimes: Option<Vec<Runtime>>,
}

impl LayerVersion {
    /// A version of a layer.
    pub fn new(scope: &Scope, id: &str, code: Code) -> Self {
        let place = scope.child(id);
        let resource = CfnResource::new(&place, "Resource", "AWS::Lambda::LayerVersion");
        match code.bind_to_layer(&place) {
            Ok(content) => resource.set("Content", content),
            Err(problem) => place.report(problem),
        }
        Self {
            arn: resource.reference(),
            scope: place,
            resource: Some(resource),
            compatible_runtimes: None,
        }
    }

    /// A version of a layer that exists already.
    pub fn from_layer_version_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        Self {
            scope: scope.child(id),
            resource: None,
            arn: arn.into(),
            compatible_runtimes: None,
        }
    }

    /// Sets a property of the resource: `("LicenseInfo", "MIT")`; nothing for an imported layer.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// The runtimes that it is made for; a function with another cannot have it.
    pub fn compatible_runtimes(mut self, runtimes: impl IntoIterator<Item = Runtime>) -> Self {
        let runtimes: Vec<Runtime> = runtimes.into_iter().collect();
        if runtimes.is_empty() {
            let message = match self.resource {
                Some(_) => "Attempted to define a Lambda layer that supports no runtime!",
                None => "Attempted to import a Lambda layer that supports no runtime!",
            };
            self.scope
                .report(Problem::property("compatible_runtimes", message));
        }
        let names: Vec<&str> = runtimes.iter().map(Runtime::name).collect();
        let layer = self.property("CompatibleRuntimes", names);
        self = layer;
        self.compatible_runtimes = Some(runtimes);
        self
    }

    /// The processors that it is made for.
    pub fn compatible_architectures(self, of: impl IntoIterator<Item = Architecture>) -> Self {
        let names: Vec<&str> = of.into_iter().map(Architecture::name).collect();
        self.property("CompatibleArchitectures", names)
    }

    /// What it is for.
    pub fn description(self, description: impl Into<Text>) -> Self {
        self.property("Description", description.into())
    }

    /// Its name; CloudFormation makes one unless said.
    pub fn layer_version_name(self, name: impl Into<Text>) -> Self {
        self.property("LayerName", name.into())
    }

    /// Its licence: an SPDX identifier, an address or the text.
    pub fn license(self, license: impl Into<Text>) -> Self {
        self.property("LicenseInfo", license.into())
    }

    /// What happens to it when another version takes its place.
    pub fn removal_policy(self, policy: RemovalPolicy) -> Self {
        if let Some(resource) = &self.resource {
            resource.removal_policy(policy);
        }
        self
    }

    /// Its ARN, with the version.
    pub fn layer_version_arn(&self) -> Text {
        self.arn.clone()
    }

    /// Whether functions on a runtime can have it.
    pub(super) fn check(&self, runtime: &Runtime) -> Result<(), Problem> {
        match &self.compatible_runtimes {
            Some(runtimes) if !runtimes.contains(runtime) => {
                let names: Vec<&str> = runtimes.iter().map(Runtime::name).collect();
                let message = format!(
                    "This lambda function uses a runtime that is incompatible with this layer ({} is not in [{}])",
                    runtime.name(),
                    names.join(", ")
                );
                Err(Problem::property("layers", message))
            }
            _ => Ok(()),
        }
    }
}
