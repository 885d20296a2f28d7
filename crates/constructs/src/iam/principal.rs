//! To whom a policy applies.

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use super::statement::one_or_many;
use crate::core::{Feature, Scope};
use crate::value::{Object, Pseudo, Text, Value};

/// The mapping of a template that has the principals of services by region.
pub(crate) const PRINCIPAL_MAP: &str = "ServiceprincipalMap";

/// To whom a statement applies.
#[derive(Debug, Clone, PartialEq)]
pub struct Principal {
    kind: &'static str,
    who: Text,
    conditions: IndexMap<String, Object>,
}

impl Principal {
    fn of(kind: &'static str, who: impl Into<Text>) -> Self {
        Self {
            kind,
            who: who.into(),
            conditions: IndexMap::new(),
        }
    }

    /// A service: `lambda.amazonaws.com`.
    pub fn service(name: impl Into<Text>) -> Self {
        Self::of("Service", name)
    }

    /// AWS Step Functions, as CDK version 1 (by region) or 2 writes it for a stack.
    pub(crate) fn regional_service(scope: &Scope, service: &str) -> Self {
        Self::service(scope.regional_principal(service))
    }

    /// It as a stack writes it: version 1 of the CDK names EC2 by the domain of the partition.
    pub(super) fn written_in(mut self, scope: &Scope) -> Self {
        let by_domain = self.kind == "Service"
            && self.who.as_literal() == Some("ec2.amazonaws.com")
            && !scope.has(Feature::Version2);
        if by_domain {
            let domain = match scope.known_region() {
                Some(region) if region.starts_with("cn-") => "amazonaws.com.cn".into(),
                Some(_) => "amazonaws.com".into(),
                None => Text::from(Pseudo::UrlSuffix),
            };
            self.who = Text::from("ec2.").then(domain);
        }
        self
    }

    /// A role, user or account by its ARN.
    pub fn arn(arn: impl Into<Text>) -> Self {
        Self::of("AWS", arn)
    }

    /// An account, by its id.
    pub fn account(id: impl Into<Text>) -> Self {
        let root = [
            Text::from("arn:"),
            Pseudo::Partition.into(),
            ":iam::".into(),
            id.into(),
            ":root".into(),
        ];
        Self::arn(Text::concat(root))
    }

    /// Identities of a provider: `cognito-identity.amazonaws.com`.
    pub fn federated(provider: impl Into<Text>) -> Self {
        Self::of("Federated", provider)
    }

    /// Everyone.
    pub fn any() -> Self {
        Self::of("AWS", "*")
    }

    /// Under a condition.
    #[must_use]
    pub fn when(mut self, operator: &str, key: &str, value: impl Into<Value>) -> Self {
        self.conditions
            .entry(operator.to_owned())
            .or_default()
            .insert(key.to_owned(), value.into());
        self
    }

    pub(super) fn conditions(&self) -> &IndexMap<String, Object> {
        &self.conditions
    }

    /// Several as they stand in a statement.
    pub(super) fn together(principals: &[Self]) -> Option<Value> {
        let mut kinds: IndexMap<&str, Vec<Text>> = IndexMap::new();
        for principal in principals {
            kinds
                .entry(principal.kind)
                .or_default()
                .push(principal.who.clone());
        }
        let members = kinds
            .into_iter()
            .filter_map(|(kind, who)| Some((kind.to_owned(), one_or_many(&who)?)));
        let members: Object = members.collect();
        (!members.is_empty()).then_some(Value::Object(members))
    }
}

/// A service's principal in a region, as CDK version 1 writes it.
pub(crate) fn service_principal_in(service: &str, region: &str) -> String {
    match stepmill_catalog::regional_principals(region) {
        true => format!("{service}.{region}.amazonaws.com"),
        false => format!("{service}.amazonaws.com"),
    }
}

/// The mapping with the principals of services in every region.
pub(crate) fn principal_map(services: &[String]) -> Json {
    let regions = stepmill_catalog::regions().map(|region| {
        let principals = services.iter().map(|service| {
            (
                service.clone(),
                json!(service_principal_in(service, region)),
            )
        });
        (region.to_owned(), Json::Object(principals.collect()))
    });
    Json::Object(regions.collect::<Map<_, _>>())
}
