//! Roles.

use std::cell::RefCell;
use std::rc::Rc;

use super::document::PolicyDocument;
use super::principal::Principal;
use super::statement::Statement;
use crate::core::{CfnResource, Scope};
use crate::value::{Fn, Pseudo, Text, Value};

/// A role, made in the stack or imported by its ARN.
///
/// It is a handle: clones are the same role.
#[derive(Clone, Debug)]
pub struct Role {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    scope: Scope,
    arn: Text,
    name: Text,
    /// None if it was imported: then its policies are somebody else's.
    resource: Option<CfnResource>,
    grants: Rc<Grants>,
}

/// What a role may do and who may take it on. It knows no place, so that a resource's properties can own it.
#[derive(Debug, Default)]
struct Grants {
    trust: RefCell<PolicyDocument>,
    policy: RefCell<PolicyDocument>,
    managed: RefCell<Vec<Text>>,
    inline: RefCell<Vec<(String, PolicyDocument)>>,
}

impl Role {
    /// A role that someone may take on.
    pub fn new(scope: &Scope, id: &str, assumed_by: Principal) -> Self {
        let place = scope.child(id);
        let resource = CfnResource::new(&place, "Resource", "AWS::IAM::Role");
        let role = Self {
            inner: Rc::new(Inner {
                arn: resource.attribute("Arn"),
                name: resource.reference(),
                resource: Some(resource.clone()),
                scope: place,
                grants: Rc::default(),
            }),
        };
        role.trust(assumed_by);
        let lazily = |value: fn(&Grants) -> Option<Value>| {
            let grants = role.inner.grants.clone();
            move || value(&grants)
        };
        resource
            .lazy_property(
                "AssumeRolePolicyDocument",
                lazily(|grants| grants.trust.borrow().to_value()),
            )
            .lazy_property("ManagedPolicyArns", lazily(Grants::managed))
            .lazy_property("Policies", lazily(Grants::inline));
        role
    }

    /// A role that exists already.
    pub fn from_role_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        let arn = arn.into();
        let name = match arn.as_literal() {
            Some(arn) => arn.rsplit('/').next().unwrap_or_default().into(),
            None => arn_resource_name(&arn),
        };
        Self {
            inner: Rc::new(Inner {
                scope: scope.child(id),
                arn,
                name,
                resource: None,
                grants: Rc::default(),
            }),
        }
    }

    /// Lets someone else take the role on as well.
    pub fn trust(&self, principal: Principal) {
        let statement = Statement::default()
            .actions(["sts:AssumeRole"])
            .principal(principal);
        self.inner.grants.trust.borrow_mut().add(statement);
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
        self.inner.grants.managed.borrow_mut().push(arn.into());
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

    /// Allows the role more. For an imported role a policy is attached to it by its name.
    pub fn add_to_policy(&self, statement: Statement) {
        let first = self.inner.grants.policy.borrow().is_empty();
        self.inner.grants.policy.borrow_mut().add(statement);
        if first {
            self.attach_policy();
        }
    }

    fn attach_policy(&self) {
        let id = match self.inner.resource {
            Some(_) => "DefaultPolicy",
            None => "Policy",
        };
        let place = self.inner.scope.child(id);
        let resource = CfnResource::new(&place, "Resource", "AWS::IAM::Policy");
        let name = resource.logical_id().to_owned();
        let grants = self.inner.grants.clone();
        let document = move || grants.policy.borrow().to_value();
        resource
            .lazy_property("PolicyDocument", document)
            .property("PolicyName", name)
            .property("Roles", [self.role_name()]);
    }

    /// Its ARN.
    pub fn role_arn(&self) -> Text {
        self.inner.arn.clone()
    }

    /// Its name.
    pub fn role_name(&self) -> Text {
        self.inner.name.clone()
    }

    /// Its place in the tree, to depend on the role and its policies.
    pub fn scope(&self) -> &Scope {
        &self.inner.scope
    }
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
        Role {
            inner: Rc::new(Inner {
                scope: place.clone(),
                arn: self.arn,
                name: self.name,
                resource: self.is_new.then(resource),
                grants: self.grants,
            }),
        }
    }
}

impl Grants {
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
}

/// What stands after the `/` of an ARN that is only known at deployment.
fn arn_resource_name(arn: &Text) -> Text {
    Fn::select(
        1,
        Fn::split("/", Fn::select(5, Fn::split(":", arn.clone()))),
    )
}

/// One who can be allowed something: a role, or what has one.
pub trait Grantable {
    /// The role that is allowed it.
    fn grant_role(&self) -> Option<Role>;
}

impl Grantable for Role {
    fn grant_role(&self) -> Option<Role> {
        Some(self.clone())
    }
}
