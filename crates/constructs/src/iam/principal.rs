//! To whom a policy applies.

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use super::statement::{Statement, one_or_many};
use crate::core::{Feature, Scope};
use crate::value::{Object, Pseudo, Text, Value};

/// The mapping of a template that has the principals of services by region.
pub(crate) const PRINCIPAL_MAP: &str = "ServiceprincipalMap";

/// To whom a statement applies.
#[derive(Debug, Clone, PartialEq)]
pub struct Principal {
    who: Who,
    conditions: Conditions,
    session_tags: bool,
}

/// Conditions by operator and key.
pub(super) type Conditions = IndexMap<String, Object>;

#[derive(Debug, Clone, PartialEq)]
enum Who {
    /// One of a kind: `{"Service": "lambda.amazonaws.com"}`.
    One { kind: Kind, id: Text },
    /// `"*"` without a kind, which some services tell from `{"AWS": "*"}`.
    Star,
    /// Several, each with conditions of its own.
    Composite(Vec<Principal>),
}

/// The kinds of principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Aws,
    Service,
    CanonicalUser,
    Federated,
    WebIdentity,
    Saml,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Service => "Service",
            Self::CanonicalUser => "CanonicalUser",
            Self::Federated | Self::WebIdentity | Self::Saml => "Federated",
        }
    }

    /// The action by which it takes a role on.
    fn assume_action(self) -> &'static str {
        match self {
            Self::WebIdentity => "sts:AssumeRoleWithWebIdentity",
            Self::Saml => "sts:AssumeRoleWithSAML",
            Self::Aws | Self::Service | Self::CanonicalUser | Self::Federated => "sts:AssumeRole",
        }
    }
}

impl Principal {
    fn new(who: Who) -> Self {
        Self {
            who,
            conditions: Conditions::new(),
            session_tags: false,
        }
    }

    fn of(kind: Kind, id: impl Into<Text>) -> Self {
        Self::new(Who::One {
            kind,
            id: id.into(),
        })
    }

    /// A service: `lambda.amazonaws.com`.
    pub fn service(name: impl Into<Text>) -> Self {
        Self::of(Kind::Service, name)
    }

    /// AWS Step Functions, as CDK version 1 (by region) or 2 writes it for a stack.
    pub(crate) fn regional_service(scope: &Scope, service: &str) -> Self {
        Self::service(scope.regional_principal(service))
    }

    /// It as a stack writes it: version 1 of the CDK names EC2 by the domain of the partition and Step Functions by region.
    pub(super) fn written_in(mut self, scope: &Scope) -> Self {
        match &mut self.who {
            Who::One {
                kind: Kind::Service,
                id,
            } if !scope.has(Feature::Version2) => match id.as_literal() {
                Some("ec2.amazonaws.com") => *id = Text::from("ec2.").then(scope.url_suffix()),
                Some("states.amazonaws.com") => *id = scope.regional_principal("states"),
                _ => {}
            },
            Who::Composite(principals) => {
                for principal in principals {
                    *principal = principal.clone().written_in(scope);
                }
            }
            Who::One { .. } | Who::Star => {}
        }
        self
    }

    /// A role, user or account by its ARN.
    pub fn arn(arn: impl Into<Text>) -> Self {
        Self::of(Kind::Aws, arn)
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

    /// The account that a construct's stack is deployed to.
    pub fn account_root(scope: &Scope) -> Self {
        Self::account(scope.account())
    }

    /// Everyone of an organization, by its id: `o-12345abcde`.
    pub fn organization(id: impl Into<Text>) -> Self {
        Self::any().in_organization(id)
    }

    /// A user by the id that S3 knows.
    pub fn canonical_user(id: impl Into<Text>) -> Self {
        Self::of(Kind::CanonicalUser, id)
    }

    /// Identities of a provider.
    pub fn federated(provider: impl Into<Text>) -> Self {
        Self::of(Kind::Federated, provider)
    }

    /// Identities of a web provider or of OpenID Connect: `cognito-identity.amazonaws.com`, or a provider's ARN.
    pub fn web_identity(provider: impl Into<Text>) -> Self {
        Self::of(Kind::WebIdentity, provider)
    }

    /// Identities of a SAML provider, by its ARN.
    pub fn saml(provider: impl Into<Text>) -> Self {
        Self::of(Kind::Saml, provider)
    }

    /// Everyone: `{"AWS": "*"}`.
    pub fn any() -> Self {
        Self::arn("*")
    }

    /// Everyone, as `"*"`.
    pub fn star() -> Self {
        Self::new(Who::Star)
    }

    /// Several. Only in a role's trust may they have different conditions.
    pub fn composite(principals: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Who::Composite(principals.into_iter().collect()))
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

    /// Only as part of an organization, by its id.
    #[must_use]
    pub fn in_organization(self, id: impl Into<Text>) -> Self {
        self.when("StringEquals", "aws:PrincipalOrgID", id.into())
    }

    /// May tag its session when it takes a role on.
    #[must_use]
    pub fn with_session_tags(mut self) -> Self {
        self.session_tags = true;
        self
    }

    /// The statements of a role's trust in it.
    pub(super) fn trust(&self) -> Vec<Statement> {
        let statements = match &self.who {
            Who::Composite(principals) if !principals.is_empty() => {
                principals.iter().flat_map(Self::trust).collect()
            }
            Who::One { kind, .. } => vec![self.assume(kind.assume_action())],
            Who::Star | Who::Composite(_) => vec![self.assume("sts:AssumeRole")],
        };
        match self.session_tags {
            true => statements
                .into_iter()
                .map(|statement| statement.actions(["sts:TagSession"]))
                .collect(),
            false => statements,
        }
    }

    fn assume(&self, action: &str) -> Statement {
        Statement::default()
            .actions([action])
            .principal(self.clone())
    }

    pub(super) fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// What a statement cannot say about it.
    pub(super) fn mistake(&self) -> Option<String> {
        let Who::Composite(principals) = &self.who else {
            return None;
        };
        if principals.is_empty() {
            return Some("CompositePrincipals must be constructed with at least 1 Principal but none were passed.".to_owned());
        }
        let conditional = principals
            .iter()
            .find(|principal| !principal.conditions.is_empty())?;
        Some(format!(
            "Components of a CompositePrincipal must not have conditions. Tried to add the following fragment: {:?}",
            conditional.who
        ))
    }

    /// Whether it is `"*"` without a kind.
    pub(super) fn is_star(&self) -> bool {
        self.who == Who::Star
    }

    fn members(&self, kinds: &mut IndexMap<&'static str, Vec<Text>>) {
        match &self.who {
            Who::One { kind, id } => {
                kinds.entry(kind.name()).or_default().push(id.clone());
            }
            Who::Star => {}
            Who::Composite(principals) => {
                for principal in principals {
                    principal.members(kinds);
                }
            }
        }
    }

    /// Several as they stand in a statement.
    pub(super) fn together(principals: &[Self]) -> Option<Value> {
        if principals.iter().any(Self::is_star) {
            return Some("*".into());
        }
        let mut kinds = IndexMap::new();
        for principal in principals {
            principal.members(&mut kinds);
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
