//! Versions and aliases of functions.

use std::collections::BTreeMap;
use std::ops::Deref;

use serde_json::{Value as Json, json};

use super::Function;
use crate::core::{CfnResource, Problem, RemovalPolicy, Scope, content_hash};
use crate::value::{Fn, Text, Value};

/// Properties of a function that a version does not keep: a change of them makes no new version.
const NOT_OF_VERSION: &[&str] = &[
    "CodeSigningConfigArn",
    "ReservedConcurrentExecutions",
    "Tags",
];

/// The hash of what a version is published anew for.
fn content_of_version(function: &Json) -> String {
    let properties = function
        .get("Properties")
        .and_then(Json::as_object)
        .into_iter()
        .flatten();
    let counted: BTreeMap<_, _> = properties
        .filter(|(name, _)| !NOT_OF_VERSION.contains(&name.as_str()))
        .collect();
    content_hash(&json!(counted).to_string())
}

/// A version of a function: its code and configuration as they were when it was published.
///
/// It is a [`Function`] wherever one is wanted.
#[derive(Debug, Clone)]
pub struct Version {
    function: Function,
    lambda: Function,
    resource: Option<CfnResource>,
    number: Text,
}

impl Version {
    /// A version of a function. It is published once; see [`Function::current_version`] for one that follows changes.
    pub fn new(scope: &Scope, id: &str, function: &Function) -> Self {
        let place = scope.child(id);
        let resource = CfnResource::new(&place, "Resource", "AWS::Lambda::Version")
            .property("FunctionName", function.function_name());
        Self::of(place, function, resource)
    }

    pub(super) fn of(place: Scope, lambda: &Function, resource: CfnResource) -> Self {
        let version = resource.attribute("Version");
        let name = lambda.function_name().then(":").then(&version);
        Self {
            function: lambda.qualified(place, resource.reference(), name),
            lambda: lambda.clone(),
            resource: Some(resource),
            number: version,
        }
    }

    /// A version that exists already.
    pub fn from_version_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        let arn = arn.into();
        let part = |index| super::arn_part(&arn, index);
        let function = Text::join(":", (0..7).map(part));
        let lambda = Function::from_function_arn(scope, &format!("{id}Function"), function);
        let version = part(7);
        let name = lambda.function_name().then(":").then(&version);
        Self {
            function: lambda.qualified(scope.child(id), arn, name),
            lambda,
            resource: None,
            number: version,
        }
    }

    /// A version of a function that exists already, by its number.
    pub fn from_version_attributes(
        scope: &Scope,
        id: &str,
        lambda: &Function,
        version: impl Into<Text>,
    ) -> Self {
        Self::existing(scope.child(id), lambda, version.into())
    }

    /// What was last deployed, which permissions cannot be made for.
    pub(super) fn latest(lambda: &Function) -> Self {
        let place = lambda.scope.existing_child("$LATEST");
        let mut latest = Self::existing(place, lambda, "$LATEST".into());
        latest.function.own = false;
        latest
    }

    fn existing(place: Scope, lambda: &Function, version: Text) -> Self {
        let with_version = |text: Text| text.then(":").then(&version);
        let arn = with_version(lambda.function_arn());
        let name = with_version(lambda.function_name());
        Self {
            function: lambda.qualified(place, arn, name),
            lambda: lambda.clone(),
            resource: None,
            number: version,
        }
    }

    /// Publishes another version whenever the function's resource has changed.
    pub(super) fn follow(&self, function: &CfnResource) {
        if let Some(resource) = &self.resource {
            resource.name_by_content_of(function, |function, _| content_of_version(function));
        }
    }

    /// The SHA-256 hash that the code must have, in base64.
    pub fn code_sha256(self, hash: impl Into<Text>) -> Self {
        self.set("CodeSha256", hash.into())
    }

    /// What it is.
    pub fn description(self, description: impl Into<Text>) -> Self {
        self.set("Description", description.into())
    }

    /// How many instances of it are kept ready.
    pub fn provisioned_concurrent_executions(self, number: u32) -> Self {
        provisioned(&self.function.scope, number);
        self.set("ProvisionedConcurrencyConfig", provisioned_value(number))
    }

    /// What happens to it when another version takes its place; it is deleted unless said.
    pub fn removal_policy(self, policy: RemovalPolicy) -> Self {
        if let Some(resource) = &self.resource {
            resource.removal_policy(policy);
        }
        self
    }

    fn set(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its number.
    pub fn version(&self) -> Text {
        self.number.clone()
    }

    /// The function that it is a version of.
    pub fn lambda(&self) -> &Function {
        &self.lambda
    }

    /// An alias of this version, `Alias` and its name below the version.
    pub fn add_alias(&self, alias_name: &str) -> Alias {
        Alias::new(
            &self.function.scope,
            &format!("Alias{alias_name}"),
            alias_name,
            self,
        )
    }
}

impl Deref for Version {
    type Target = Function;

    fn deref(&self) -> &Function {
        &self.function
    }
}

/// A name for a version of a function, which can be given to another version later.
///
/// It is a [`Function`] wherever one is wanted.
#[derive(Debug, Clone)]
pub struct Alias {
    function: Function,
    resource: Option<CfnResource>,
    name: Text,
    version: Version,
}

/// Another version that an alias leads to, and for what part of the calls.
#[derive(Debug, Clone)]
pub struct VersionWeight {
    /// The version.
    pub version: Version,
    /// From 0 to 1.
    pub weight: f64,
}

impl Alias {
    /// A name for a version.
    pub fn new(scope: &Scope, id: &str, alias_name: impl Into<Text>, version: &Version) -> Self {
        let place = scope.child(id);
        let alias_name = alias_name.into();
        let resource = CfnResource::new(&place, "Resource", "AWS::Lambda::Alias")
            .property("FunctionName", version.lambda.function_name())
            .property("FunctionVersion", version.version())
            .property("Name", &alias_name);
        let arn = resource.reference();
        // Taken out of its own ARN, so that whoever uses the name waits for the alias.
        let name = Fn::select(6, Fn::split(":", &arn))
            .then(":")
            .then(&alias_name);
        Self {
            function: version.lambda.qualified(place, arn, name),
            resource: Some(resource),
            name: alias_name,
            version: version.clone(),
        }
    }

    /// An alias that exists already.
    pub fn from_alias_attributes(
        scope: &Scope,
        id: &str,
        alias_name: impl Into<Text>,
        version: &Version,
    ) -> Self {
        let alias_name = alias_name.into();
        let with_name = |text: Text| text.then(":").then(&alias_name);
        let arn = with_name(version.lambda.function_arn());
        let name = with_name(version.lambda.function_name());
        Self {
            function: version.lambda.qualified(scope.child(id), arn, name),
            resource: None,
            name: alias_name,
            version: version.clone(),
        }
    }

    /// What it is for.
    pub fn description(self, description: impl Into<Text>) -> Self {
        self.set("Description", description.into())
    }

    /// Versions that get a part of the calls.
    pub fn additional_versions(self, versions: impl IntoIterator<Item = VersionWeight>) -> Self {
        let versions: Vec<VersionWeight> = versions.into_iter().collect();
        if let Err(problem) = check_weights(&versions) {
            self.function.scope.report(problem);
        }
        if versions.is_empty() {
            return self;
        }
        let weights: Vec<Value> = versions
            .iter()
            .map(|version| {
                crate::object! {
                    "FunctionVersion": version.version.version(),
                    "FunctionWeight": version.weight,
                }
            })
            .collect();
        self.set(
            "RoutingConfig",
            crate::object! {"AdditionalVersionWeights": weights},
        )
    }

    /// How many instances of it are kept ready.
    pub fn provisioned_concurrent_executions(self, number: u32) -> Self {
        provisioned(&self.function.scope, number);
        self.set("ProvisionedConcurrencyConfig", provisioned_value(number))
    }

    fn set(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// The name.
    pub fn alias_name(&self) -> Text {
        self.name.clone()
    }

    /// The version that it is a name for.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// The function that it leads to.
    pub fn lambda(&self) -> &Function {
        self.version.lambda()
    }
}

impl Deref for Alias {
    type Target = Function;

    fn deref(&self) -> &Function {
        &self.function
    }
}

fn provisioned(scope: &Scope, number: u32) {
    if number == 0 {
        let message = "provisionedConcurrentExecutions must have value greater than or equal to 1";
        scope.report(Problem::property(
            "provisioned_concurrent_executions",
            message,
        ));
    }
}

fn provisioned_value(number: u32) -> Value {
    crate::object! {"ProvisionedConcurrentExecutions": number}
}

fn check_weights(versions: &[VersionWeight]) -> Result<(), Problem> {
    let problem = |message: String| Err(Problem::property("additional_versions", message));
    for VersionWeight { weight, .. } in versions {
        if !(0.0..=1.0).contains(weight) {
            return problem(format!(
                "Additional version weight must be between 0 and 1, got: {weight}"
            ));
        }
    }
    let total: f64 = versions.iter().map(|version| version.weight).sum();
    if total > 1.0 {
        return problem(format!(
            "Sum of additional version weights must not exceed 1, got: {total}"
        ));
    }
    Ok(())
}
