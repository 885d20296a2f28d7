//! Grants: who is allowed what on a resource.

use super::principal::Principal;
use super::role::Role;
use super::statement::Statement;
use crate::core::{CfnResource, Problem, Scope};
use crate::value::Text;

/// One who can be allowed something: a role, what has one, or a principal.
pub trait Grantable {
    /// The role that is allowed it.
    fn grant_role(&self) -> Option<Role>;

    /// To whom statements in policies of resources apply.
    fn grant_principal(&self) -> Option<Principal> {
        Some(Principal::arn(self.grant_role()?.role_arn()))
    }

    /// Allows it more by a policy of its own; false if it has none.
    fn add_to_principal_policy(&self, statement: Statement) -> bool {
        self.grant_role()
            .is_some_and(|role| role.add_to_policy(statement))
    }
}

impl Grantable for Principal {
    fn grant_role(&self) -> Option<Role> {
        None
    }

    fn grant_principal(&self) -> Option<Principal> {
        Some(self.clone())
    }
}

/// A resource that can have a policy of its own.
pub trait ResourceWithPolicy {
    /// Adds a statement to its policy; false if it was imported and its policy is somebody else's.
    fn add_to_resource_policy(&self, statement: Statement) -> bool;

    /// The account that it belongs to.
    fn resource_account(&self) -> Text;
}

/// What came of allowing something.
#[derive(Debug, Clone)]
pub struct Grant {
    asked: Statement,
    principal_statement: Option<Statement>,
    resource_statement: Option<Statement>,
    policy: Option<Scope>,
}

/// A statement about a resource that can have a policy of its own.
pub(crate) struct OnResource<'a> {
    pub(crate) grantee: &'a dyn Grantable,
    pub(crate) statement: Statement,
    pub(crate) resource: &'a dyn ResourceWithPolicy,
    /// What the resource is called in its own policy, if that is not its ARN.
    pub(crate) itself: Option<&'static str>,
}

impl Grant {
    /// Allows actions on resources by a policy of the one who is allowed them.
    pub fn add_to_principal<A: Into<Text>, R: Into<Text>>(
        grantee: &dyn Grantable,
        actions: impl IntoIterator<Item = A>,
        resources: impl IntoIterator<Item = R>,
    ) -> Self {
        Self::of(grantee, Statement::allow(actions, resources))
    }

    fn of(grantee: &dyn Grantable, asked: Statement) -> Self {
        let added = grantee.add_to_principal_policy(asked.clone());
        let role = grantee.grant_role().filter(|_| added);
        Self {
            principal_statement: added.then(|| asked.clone()),
            resource_statement: None,
            policy: role.and_then(|role| role.policy_scope()),
            asked,
        }
    }

    /// Allows something by a policy of the one who is allowed it; if that is no role, or a role that may be of another
    /// account, by the resource's policy as well.
    pub(crate) fn add_to_principal_or_resource(on: OnResource<'_>) -> Self {
        let grant = Self::of(on.grantee, on.statement.clone());
        let same_account = on.grantee.grant_role().is_some_and(|role| {
            let (role, resource) = (role.account(), on.resource.resource_account());
            match (role.as_literal(), resource.as_literal()) {
                (Some(role), Some(resource)) => role == resource,
                (None, None) => true,
                _ => false,
            }
        });
        match grant.success() && same_account {
            true => grant,
            false => grant.and_resource(on, None),
        }
    }

    /// Allows something by both policies, by the resource's to another principal than the one who is allowed it if so said.
    pub(crate) fn add_to_principal_and_resource(
        on: OnResource<'_>,
        principal: Option<Principal>,
    ) -> Self {
        Self::of(on.grantee, on.statement.clone()).and_resource(on, principal)
    }

    fn and_resource(mut self, on: OnResource<'_>, principal: Option<Principal>) -> Self {
        let Some(principal) = principal.or_else(|| on.grantee.grant_principal()) else {
            return self;
        };
        let mut statement = on.statement.principal(principal);
        if let Some(itself) = on.itself {
            statement.resources = vec![itself.into()];
        }
        if on.resource.add_to_resource_policy(statement.clone()) {
            self.resource_statement = Some(statement);
        }
        self
    }

    /// Whether the statement was added to a policy.
    pub fn success(&self) -> bool {
        self.principal_statement.is_some() || self.resource_statement.is_some()
    }

    /// That the statement was added to a policy.
    pub fn assert_success(&self) -> Result<(), Problem> {
        if self.success() {
            return Ok(());
        }
        let named = |texts: &[Text]| {
            let literal = |text: &Text| text.as_literal().unwrap_or("${Token}").to_owned();
            texts.iter().map(literal).collect::<Vec<_>>().join(",")
        };
        let message = format!(
            "Permissions to call '{}' on '{}' could not be added on either identity or resource policy.",
            named(&self.asked.actions),
            named(&self.asked.resources),
        );
        Err(Problem::property("grant", message))
    }

    /// The statement in the policy of the one who is allowed it.
    pub fn principal_statement(&self) -> Option<&Statement> {
        self.principal_statement.as_ref()
    }

    /// The statement in the resource's policy.
    pub fn resource_statement(&self) -> Option<&Statement> {
        self.resource_statement.as_ref()
    }

    /// Lets CloudFormation make the policy before a resource.
    pub fn apply_before(&self, resource: &CfnResource) {
        if let Some(policy) = &self.policy {
            resource.depends_on(policy);
        }
    }
}
