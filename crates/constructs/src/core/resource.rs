//! Resources of a template.

use std::rc::Rc;

use serde_json::{Map, Value as Json};

use super::scope::Scope;
use super::stack::{NamedByContent, Resolve, StackInner};
use crate::value::{Lazy, Name, Object, References, Resolver, Text, Token, Value};

/// Any CloudFormation resource.
///
/// The constructs of this crate are made of it; where there is none for a resource, it can be used itself. It is a
/// handle: clones are the same resource.
#[derive(Clone, Debug)]
pub struct CfnResource {
    scope: Scope,
    id: Name,
}

/// What happens to a resource that is no longer in the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovalPolicy {
    /// It is deleted.
    Destroy,
    /// It is kept.
    Retain,
    /// A snapshot of it is taken, then it is deleted.
    Snapshot,
}

impl RemovalPolicy {
    fn name(self) -> &'static str {
        match self {
            Self::Destroy => "Delete",
            Self::Retain => "Retain",
            Self::Snapshot => "Snapshot",
        }
    }
}

pub(super) struct ResourceBody {
    kind: String,
    path: String,
    properties: Object,
    /// The paths of constructs.
    dependencies: Vec<String>,
    attributes: Map<String, Json>,
    present: Option<Rc<dyn Fn() -> bool>>,
}

impl CfnResource {
    /// A resource of a type, `AWS::SQS::Queue`, under an id below a construct.
    pub fn new(scope: &Scope, id: &str, kind: &str) -> Self {
        Self::at(scope.child(id), kind)
    }

    /// A resource that is itself the construct at a place.
    pub(crate) fn at(scope: Scope, kind: &str) -> Self {
        let id = scope.logical_id();
        Self::named(scope, id, kind)
    }

    /// A resource with a logical id that does not follow from its place.
    pub(crate) fn named(scope: Scope, id: String, kind: &str) -> Self {
        let body = ResourceBody {
            kind: kind.to_owned(),
            path: scope.path_text(),
            properties: Object::new(),
            dependencies: Vec::new(),
            attributes: Map::new(),
            present: None,
        };
        let known = id.as_str().into();
        scope.stack.resources.borrow_mut().insert(id, body);
        Self { scope, id: known }
    }

    /// The resource that was made at a place before.
    pub(crate) fn existing(scope: Scope) -> Self {
        let id = scope.logical_id().into();
        Self { scope, id }
    }

    /// Lets its logical id in the template end with a hash that a function makes of another resource as it stands in
    /// the template, so that this one is replaced when that one changes. The function may resolve further values.
    pub(crate) fn name_by_content_of(
        &self,
        other: &Self,
        hash: impl Fn(&Json, Resolve<'_>) -> String + 'static,
    ) {
        let named = NamedByContent {
            id: self.id.to_string(),
            content: other.id.to_string(),
            hash: Rc::new(hash),
        };
        self.scope.stack.named_by_content.borrow_mut().push(named);
    }

    /// Sets a property: `("QueueName", "orders")`.
    #[allow(clippy::return_self_not_must_use)]
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets a property that is asked for at synthesis; without a value it is left out.
    #[allow(clippy::return_self_not_must_use)]
    pub fn lazy_property(self, name: &str, value: impl Fn() -> Option<Value> + 'static) -> Self {
        self.property(name, Lazy::new(value))
    }

    /// Sets a property.
    pub fn set(&self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        self.change(|body| body.properties.insert(name, value));
    }

    /// Sets a property if there is a value for it.
    #[allow(clippy::return_self_not_must_use)]
    pub fn optional(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.set(name, value);
        }
        self
    }

    /// A property as it was set.
    pub fn get(&self, name: &str) -> Option<Value> {
        let resources = self.scope.stack.resources.borrow();
        resources
            .get(self.id.as_str())?
            .properties
            .get(name)
            .cloned()
    }

    /// Leaves the resource out of the template unless, at synthesis, there is need for it.
    pub(crate) fn only_if(&self, present: impl Fn() -> bool + 'static) {
        self.change(|body| body.present = Some(Rc::new(present)));
    }

    /// Lets CloudFormation make everything at and below a construct before this resource.
    pub fn depends_on(&self, construct: &Scope) {
        let path = construct.path_text();
        self.change(|body| body.dependencies.push(path));
    }

    /// What happens to the resource when it is no longer in the template, or replaced.
    pub fn removal_policy(&self, policy: RemovalPolicy) {
        self.attribute_of_resource("UpdateReplacePolicy", policy.name());
        self.attribute_of_resource("DeletionPolicy", policy.name());
    }

    /// Sets what stands beside the properties: `Condition`, `CreationPolicy`.
    pub fn attribute_of_resource(&self, name: &str, value: impl Into<Json>) {
        let value = value.into();
        self.change(|body| body.attributes.insert(name.to_owned(), value));
    }

    fn change<T>(&self, change: impl FnOnce(&mut ResourceBody) -> T) {
        if let Some(body) = self
            .scope
            .stack
            .resources
            .borrow_mut()
            .get_mut(self.id.as_str())
        {
            change(body);
        }
    }

    /// The logical id: its name in the template.
    pub fn logical_id(&self) -> &str {
        &self.id
    }

    /// Its place in the tree.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What `Ref` gives for it: its name or ARN or URL, by its type.
    pub fn reference(&self) -> Text {
        Token::Ref(self.scope.stack_id(), self.id.clone()).into()
    }

    /// An attribute: `Arn`.
    pub fn attribute(&self, name: &str) -> Text {
        Token::GetAtt(self.scope.stack_id(), self.id.clone(), name.into()).into()
    }
}

impl ResourceBody {
    pub(super) fn is_present(&self) -> bool {
        self.present.as_ref().is_none_or(|present| present())
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn render(
        &self,
        resolver: &Resolver<'_, impl References>,
        stack: &StackInner,
    ) -> Json {
        let mut json = Map::new();
        json.insert("Type".to_owned(), self.kind.as_str().into());
        let properties = resolver.members(&self.properties);
        if !properties.is_empty() {
            json.insert("Properties".to_owned(), Json::Object(properties));
        }
        let dependencies = self.dependencies(stack);
        if !dependencies.is_empty() {
            json.insert("DependsOn".to_owned(), dependencies.into());
        }
        json.extend(self.attributes.clone());
        Json::Object(json)
    }

    /// The resources at and below the constructs that it depends on, in the order of their paths.
    fn dependencies(&self, stack: &StackInner) -> Vec<String> {
        if self.dependencies.is_empty() {
            return Vec::new();
        }
        let within = |path: &str, place: &str| {
            path.strip_prefix(place)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let resources = stack.resources.borrow();
        let needed = |body: &ResourceBody| {
            // Asking whether a resource is present takes longest.
            body.path != self.path
                && self
                    .dependencies
                    .iter()
                    .any(|place| within(&body.path, place))
                && body.is_present()
        };
        let mut needed: Vec<_> = resources.iter().filter(|(_, body)| needed(body)).collect();
        needed.sort_by(|(_, a), (_, b)| a.path.cmp(&b.path));
        needed
            .into_iter()
            .map(|(id, _)| stack.final_id(id))
            .collect()
    }
}
