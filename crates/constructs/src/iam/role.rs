//! Roles.

// A setter changes the role in place; what it returns is for another setter.
#![allow(clippy::return_self_not_must_use)]

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use super::document::{Policy, PolicyDocument};
use super::grant::{Grant, Grantable};
use super::principal::Principal;
use super::statement::Statement;
use crate::core::{Arn, ArnFormat, CfnResource, Duration, Feature, Problem, Scope};
use crate::value::{Pseudo, Text, Value};

/// A role, made in the stack or imported by its ARN or name.
///
/// It is a handle: clones are the same role.
#[derive(Clone, Debug)]
pub struct Role {
    inner: Rc<Inner>,
    /// Whether what it may do can be changed by this handle.
    mutable: bool,
}

#[derive(Debug)]
struct Inner {
    scope: Scope,
    arn: Text,
    name: Text,
    account: Text,
    /// None if it was imported: then its policies are somebody else's.
    resource: Option<CfnResource>,
    grants: Rc<Grants>,
    policy_scope: OnceCell<Scope>,
}

/// What a role may do and who may take it on. It knows no place, so that a resource's properties can own it.
#[derive(Debug, Default)]
struct Grants {
    minimize: bool,
    trust: RefCell<Vec<Statement>>,
    policy: Policy,
    managed: RefCell<Vec<Text>>,
    inline: RefCell<Vec<(String, PolicyDocument)>>,
}

/// A role that was made in a stack, without its place: what the stack itself can own.
#[derive(Clone, Debug)]
pub(crate) struct DetachedRole {
    arn: Text,
    name: Text,
    is_new: bool,
    grants: Rc<Grants>,
}

impl Role {
    /// The role without its place.
    pub(crate) fn detached(&self) -> DetachedRole {
        DetachedRole {
            arn: self.inner.arn.clone(),
            name: self.inner.name.clone(),
            is_new: self.inner.resource.is_some(),
            grants: self.inner.grants.clone(),
        }
    }
}

impl DetachedRole {
    /// The role at its place.
    pub(crate) fn attach(self, place: &Scope) -> Role {
        let resource = || CfnResource::existing(place.existing_child("Resource"));
        let policy_scope = match self.grants.policy.is_empty() {
            true => OnceCell::new(),
            false => OnceCell::from(place.existing_child("DefaultPolicy")),
        };
        Role {
            mutable: true,
            inner: Rc::new(Inner {
                scope: place.clone(),
                arn: self.arn,
                name: self.name,
                account: place.account(),
                resource: self.is_new.then(resource),
                grants: self.grants,
                policy_scope,
            }),
        }
    }
}

impl Role {
    /// A role that someone may take on.
    pub fn new(scope: &Scope, id: &str, assumed_by: Principal) -> Self {
        let place = scope.child(id);
        let resource = CfnResource::new(&place, "Resource", "AWS::IAM::Role");
        let grants = Rc::new(Grants {
            minimize: scope.has(Feature::MinimizePolicies),
            ..Grants::default()
        });
        let role = Self {
            mutable: true,
            inner: Rc::new(Inner {
                arn: resource.attribute("Arn"),
                name: resource.reference(),
                account: place.account(),
                resource: Some(resource.clone()),
                scope: place,
                grants: grants.clone(),
                policy_scope: OnceCell::new(),
            }),
        };
        role.trust(assumed_by);
        let lazily = |value: fn(&Grants) -> Option<Value>| {
            let grants = grants.clone();
            move || value(&grants)
        };
        resource
            .lazy_property("AssumeRolePolicyDocument", lazily(Grants::trust_document))
            .lazy_property("ManagedPolicyArns", lazily(Grants::managed))
            .lazy_property("Policies", lazily(Grants::inline));
        role.inner.scope.check(move || grants.problems());
        role
    }

    /// A role that exists already. Policies are attached to it by its name, unless it is of another account.
    pub fn from_role_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        let arn = arn.into();
        let split = Arn::split(&arn);
        let name = split.resource_name(ArnFormat::Slash);
        let name = name.split("/").pop().unwrap_or_default();
        let account = split.account();
        let place = scope.child(id);
        let foreign = match (account.as_literal(), place.account().as_literal()) {
            (Some(account), Some(here)) => account != here,
            _ => false,
        };
        Self {
            mutable: !foreign,
            inner: Rc::new(Inner {
                arn,
                name,
                account,
                resource: None,
                grants: Rc::new(Grants {
                    minimize: place.has(Feature::MinimizePolicies),
                    ..Grants::default()
                }),
                scope: place,
                policy_scope: OnceCell::new(),
            }),
        }
    }

    /// A role of the stack's account that exists already.
    pub fn from_role_name(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        let arn = scope.global_arn("iam", Text::from("role/").then(name));
        Self::from_role_arn(scope, id, arn)
    }

    /// The same role, but what it may do is not changed by what uses it.
    #[must_use]
    pub fn without_policy_updates(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            mutable: false,
        }
    }

    /// Lets someone else take the role on as well.
    pub fn trust(&self, principal: Principal) {
        self.inner
            .grants
            .trust
            .borrow_mut()
            .extend(principal.written_in(&self.inner.scope).trust());
    }

    /// Adds a statement to the role's trust.
    pub fn add_to_trust(&self, statement: Statement) {
        self.inner.grants.trust.borrow_mut().push(statement);
    }

    /// Attaches a policy of AWS: `service-role/AWSLambdaBasicExecutionRole`.
    pub fn add_aws_managed_policy(&self, name: &str) {
        let arn = [
            Text::from("arn:"),
            Pseudo::Partition.into(),
            format!(":iam::aws:policy/{name}").into(),
        ];
        self.add_managed_policy(Text::concat(arn));
    }

    /// Attaches a managed policy by its ARN.
    pub fn add_managed_policy(&self, arn: impl Into<Text>) {
        if self.inner.resource.is_none() {
            let message = "A managed policy cannot be attached to an imported role: attach it where the role is made.";
            let problem = Problem::property("add_managed_policy", message);
            return self.inner.scope.warn(problem);
        }
        let arn = arn.into();
        let mut managed = self.inner.grants.managed.borrow_mut();
        if !managed.contains(&arn) {
            managed.push(arn);
        }
    }

    /// Adds a policy of the role's own under a name.
    pub fn add_inline_policy(&self, name: &str, document: PolicyDocument) {
        self.inner
            .grants
            .inline
            .borrow_mut()
            .push((name.to_owned(), document));
    }

    /// Sets a property of the role's resource: `("RoleName", "orders")`; nothing for an imported role.
    pub fn property(&self, name: &str, value: impl Into<Value>) {
        if let Some(resource) = &self.inner.resource {
            resource.set(name, value);
        }
    }

    fn with(self, name: &str, value: impl Into<Value>) -> Self {
        self.property(name, value);
        self
    }

    /// Its name; CloudFormation makes one unless said.
    pub fn name(self, name: impl Into<Text>) -> Self {
        self.with("RoleName", name.into())
    }

    /// What it is for, in at most 1000 characters.
    pub fn description(self, description: &str) -> Self {
        if description.chars().count() > 1000 {
            let message = "Role description must be no longer than 1000 characters.";
            self.report("description", message.to_owned());
        }
        match description.is_empty() {
            true => self,
            false => self.with("Description", description),
        }
    }

    /// The path of its name, between slashes: `/teams/orders/`.
    pub fn path(self, path: impl Into<Text>) -> Self {
        let path = path.into();
        if let Some(message) = path.as_literal().and_then(wrong_path) {
            self.report("path", message);
        }
        self.with("Path", path)
    }

    /// How long a session may last, from 1 to 12 hours.
    pub fn max_session_duration(self, duration: Duration) -> Self {
        let seconds = duration.to_seconds();
        if !(3600..=43200).contains(&seconds) {
            let message = format!(
                "maxSessionDuration is set to {seconds}, but must be >= 3600sec (1hr) and <= 43200sec (12hrs)"
            );
            self.report("max_session_duration", message);
        }
        self.with("MaxSessionDuration", seconds)
    }

    /// The managed policy, by its ARN, beyond which nothing is allowed to the role.
    pub fn permissions_boundary(self, arn: impl Into<Text>) -> Self {
        self.with("PermissionsBoundary", arn.into())
    }

    /// The ids of which one must be given by who takes the role on. Those who are let in afterwards need none.
    pub fn external_ids<T: Into<Text>>(self, ids: impl IntoIterator<Item = T>) -> Self {
        let mut ids: Vec<Value> = ids.into_iter().map(|id| Value::Text(id.into())).collect();
        let value = match ids.len() {
            1 => ids.swap_remove(0),
            _ => Value::List(ids),
        };
        for statement in self.inner.grants.trust.borrow_mut().iter_mut() {
            let trusting = std::mem::take(statement);
            *statement = trusting.condition("StringEquals", "sts:ExternalId", value.clone());
        }
        self
    }

    fn report(&self, property: &'static str, message: String) {
        self.inner
            .scope
            .report(Problem::property(property, message));
    }

    /// Allows the role more; false if its policies are not to be changed. For an imported role a policy is attached to it
    /// by its name.
    pub fn add_to_policy(&self, statement: Statement) -> bool {
        if self.mutable {
            self.attach_policy();
            self.inner.grants.policy.add(statement);
        }
        self.mutable
    }

    /// Allows the role what is only known at synthesis. The function must not own a scope.
    pub(crate) fn add_to_policy_later(&self, statements: impl Fn() -> Vec<Statement> + 'static) {
        if self.mutable {
            self.attach_policy();
            self.inner.grants.policy.add_later(statements);
        }
    }

    /// Makes the role's own policy. It stays out of the template while it has no statements.
    fn attach_policy(&self) {
        self.inner.policy_scope.get_or_init(|| {
            let id = match self.inner.resource {
                Some(_) => "DefaultPolicy",
                None => "Policy",
            };
            let place = self.inner.scope.child(id);
            let resource = CfnResource::new(&place, "Resource", "AWS::IAM::Policy");
            let name = policy_name(resource.logical_id());
            let grants = self.inner.grants.clone();
            resource.only_if(move || !grants.policy.is_empty());
            let grants = self.inner.grants.clone();
            let document = move || {
                let document = grants.policy.document();
                document.minimize(grants.minimize).to_value()
            };
            resource
                .lazy_property("PolicyDocument", document)
                .property("PolicyName", name)
                .property("Roles", [self.role_name()]);
            let grants = self.inner.grants.clone();
            place.check(move || grants.policy.document().problems_of_identity());
            place
        });
    }

    /// Attaches a policy of a place of its own, which is made after what depends on the role.
    pub(crate) fn attach_inline_policy(&self, place: &Scope, document: &PolicyDocument) {
        if self.mutable {
            let resource = CfnResource::new(place, "Resource", "AWS::IAM::Policy");
            let name = policy_name(resource.logical_id());
            resource
                .optional("PolicyDocument", document.to_value())
                .property("PolicyName", name)
                .property("Roles", [self.role_name()]);
        }
    }

    /// The place of its own policy, once it has one.
    pub(super) fn policy_scope(&self) -> Option<Scope> {
        self.inner.policy_scope.get().cloned()
    }

    /// Allows actions on the role itself.
    pub fn grant<A: Into<Text>>(
        &self,
        grantee: &dyn Grantable,
        actions: impl IntoIterator<Item = A>,
    ) -> Grant {
        Grant::add_to_principal(grantee, actions, [self.role_arn()])
    }

    /// Allows to pass the role to a service.
    pub fn grant_pass_role(&self, grantee: &dyn Grantable) -> Grant {
        self.grant(grantee, ["iam:PassRole"])
    }

    /// Allows to take the role on.
    pub fn grant_assume_role(&self, grantee: &dyn Grantable) -> Grant {
        self.grant(grantee, ["sts:AssumeRole"])
    }

    /// Its ARN.
    pub fn role_arn(&self) -> Text {
        self.inner.arn.clone()
    }

    /// Its name.
    pub fn role_name(&self) -> Text {
        self.inner.name.clone()
    }

    /// Its id, as AWS gives it; none for an imported role.
    pub fn role_id(&self) -> Option<Text> {
        let resource = self.inner.resource.as_ref()?;
        Some(resource.attribute("RoleId"))
    }

    /// The account that it belongs to.
    pub(crate) fn account(&self) -> Text {
        self.inner.account.clone()
    }

    /// Its place in the tree, to depend on the role and its policies.
    pub fn scope(&self) -> &Scope {
        &self.inner.scope
    }
}

/// The longest name of a policy. Of a longer logical id the end is taken, which has the hash.
const MAX_POLICY_NAME: usize = 128;

/// A policy's name by its logical id: the end of it, if it is too long.
fn policy_name(logical_id: &str) -> String {
    logical_id[logical_id.len().saturating_sub(MAX_POLICY_NAME)..].to_owned()
}

impl Grants {
    fn trust_document(&self) -> Option<Value> {
        PolicyDocument::of(self.trust.borrow().iter().cloned()).to_value()
    }

    fn managed(&self) -> Option<Value> {
        let managed = self.managed.borrow();
        (!managed.is_empty()).then(|| Value::List(managed.iter().map(Value::from).collect()))
    }

    fn inline(&self) -> Option<Value> {
        let inline = self.inline.borrow();
        let policies = inline.iter().filter_map(|(name, document)| {
            Some(crate::object! {"PolicyDocument": document.to_value()?, "PolicyName": name.as_str()})
        });
        let policies: Vec<Value> = policies.collect();
        (!policies.is_empty()).then_some(Value::List(policies))
    }

    fn problems(&self) -> Vec<Problem> {
        let trust = PolicyDocument::of(self.trust.borrow().iter().cloned());
        let mut problems = trust.problems_of_resource();
        for (_, document) in self.inline.borrow().iter() {
            problems.extend(document.problems_of_identity());
        }
        problems
    }
}

/// Why a path cannot be that of a role.
fn wrong_path(path: &str) -> Option<String> {
    if path.is_empty() || path.len() > 512 {
        return Some(format!(
            "Role path must be between 1 and 512 characters. The provided role path is {} characters.",
            path.len()
        ));
    }
    let between = path
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    let valid = path == "/"
        || between.is_some_and(|between| {
            !between.is_empty() && between.chars().all(|c| ('\u{21}'..='\u{7f}').contains(&c))
        });
    (!valid).then(|| {
        format!(
            "Role path must be either a slash or valid characters (alphanumerics and symbols) surrounded by slashes. \
             Valid characters are unicode characters in [\\u0021-\\u007F]. However, {path} is provided."
        )
    })
}

impl Grantable for Role {
    fn grant_role(&self) -> Option<Role> {
        Some(self.clone())
    }
}
