//! Places in the tree of constructs.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::rc::Rc;

use super::app::AppInner;
use super::asset::{AssetFile, AssetLocation, ImageLocation};
use super::error::{ConstructError, Place, Problem};
use super::features::{Feature, Features};
use super::logical_id::logical_id;
use super::stack::{StackId, StackInner};
use crate::iam::DetachedRole;
use crate::states::States;
use crate::value::{Fn, Pseudo, Text};

/// A place in the tree of constructs: a stack, or a construct below it.
///
/// It is a handle: clones are the same place. A `&Stack` is taken wherever a `&Scope` is wanted.
#[derive(Clone)]
pub struct Scope {
    pub(super) app: Rc<AppInner>,
    pub(super) stack: Rc<StackInner>,
    node: Rc<Node>,
}

#[derive(Default)]
pub(super) struct Node {
    /// The ids below the stack, this one last; none for the stack itself.
    path: Vec<Rc<str>>,
    children: RefCell<HashSet<Rc<str>>>,
}

impl Scope {
    pub(super) fn root(app: Rc<AppInner>, stack: Rc<StackInner>) -> Self {
        let node = stack.root.clone();
        Self { app, stack, node }
    }

    /// A new construct with an id below this one.
    ///
    /// A second construct of the same id is reported at synthesis.
    #[allow(clippy::return_self_not_must_use)]
    pub fn child(&self, id: &str) -> Self {
        let id: Rc<str> = id.replace('/', "--").into();
        if !self.node.children.borrow_mut().insert(id.clone()) {
            let place = self.path_text();
            self.report(Problem::Tree(format!(
                "There is already a construct with name '{id}' in '{place}'"
            )));
        }
        self.below(id)
    }

    /// A construct below this one that was made before. What is below it is not known again: further constructs of
    /// the same ids go unnoticed.
    pub(crate) fn existing_child(&self, id: &str) -> Self {
        self.below(id.into())
    }

    /// The role of a function that the stack has once, by the function's id, if it was made.
    pub(crate) fn singleton(&self, id: &str) -> Option<DetachedRole> {
        self.stack.singletons.borrow().get(id).cloned()
    }

    /// Notes the role of a function that the stack has once.
    pub(crate) fn add_singleton(&self, id: &str, role: DetachedRole) {
        let mut singletons = self.stack.singletons.borrow_mut();
        singletons.insert(id.to_owned(), role);
    }

    /// Whether a construct of this id is below this one.
    pub fn has_child(&self, id: &str) -> bool {
        self.node.children.borrow().contains(id)
    }

    fn below(&self, id: Rc<str>) -> Self {
        let path = self.node.path.iter().cloned().chain([id]).collect();
        let node = Rc::new(Node {
            path,
            children: RefCell::default(),
        });
        Self {
            app: self.app.clone(),
            stack: self.stack.clone(),
            node,
        }
    }

    /// The stack as a place.
    #[must_use]
    pub fn stack_scope(&self) -> Self {
        Self::root(self.app.clone(), self.stack.clone())
    }

    /// Its id: the last part of its path.
    pub fn id(&self) -> &str {
        self.node.path.last().map_or(&self.stack.name, |id| id)
    }

    /// Its path as errors show it: `MyStack/Submit Job`.
    pub fn path_text(&self) -> String {
        let ids = self.node.path.iter();
        let length = ids.clone().map(|id| id.len() + 1).sum::<usize>();
        let mut text = String::with_capacity(self.stack.name.len() + length);
        text.push_str(&self.stack.name);
        ids.for_each(|id| text.extend(["/", id]));
        text
    }

    /// The ids below the stack.
    pub(crate) fn path(&self) -> impl Iterator<Item = &str> {
        self.node.path.iter().map(AsRef::as_ref)
    }

    /// The logical id of a resource at this place.
    pub fn logical_id(&self) -> String {
        logical_id(self.path())
    }

    pub(crate) fn stack_id(&self) -> StackId {
        self.stack.id
    }

    /// The features that the app has turned on.
    pub fn features(&self) -> Features {
        self.app.features()
    }

    /// Whether the app has turned a feature on.
    pub fn has(&self, feature: Feature) -> bool {
        self.features().has(feature)
    }

    /// The stack's account: literal if it is known, else a pseudo parameter.
    pub fn account(&self) -> Text {
        let account = self.stack.environment.account.as_deref();
        account.map_or_else(|| Pseudo::AccountId.into(), Text::from)
    }

    /// The stack's region: literal if it is known, else a pseudo parameter.
    pub fn region(&self) -> Text {
        self.known_region()
            .map_or_else(|| Pseudo::Region.into(), Text::from)
    }

    /// The stack's region, if it is known.
    pub fn known_region(&self) -> Option<&str> {
        self.stack.environment.region.as_deref()
    }

    /// The partition that is deployed to, as a pseudo parameter.
    pub fn partition(&self) -> Text {
        Pseudo::Partition.into()
    }

    /// An ARN in the stack's partition, region and account: `("glue", "job/nightly")`.
    pub fn arn(&self, service: &str, resource: impl Into<Text>) -> Text {
        Text::concat([
            Text::from("arn:"),
            self.partition(),
            format!(":{service}:").into(),
            self.region(),
            ":".into(),
            self.account(),
            ":".into(),
            resource.into(),
        ])
    }

    /// An ARN in the stack's partition of a service without regions: `("iam", "role/nightly")`.
    pub(crate) fn global_arn(&self, service: &str, resource: impl Into<Text>) -> Text {
        Text::concat([
            Text::from("arn:"),
            self.partition(),
            format!(":{service}::").into(),
            self.account(),
            ":".into(),
            resource.into(),
        ])
    }

    /// Its path from the app, as a name of at most 255 characters that no other construct has.
    pub(crate) fn unique_name(&self) -> String {
        logical_id(std::iter::once(self.stack.name.as_str()).chain(self.path()))
    }

    /// The domain of the partition that is deployed to: literal if the region is known, else a pseudo parameter.
    pub(crate) fn url_suffix(&self) -> Text {
        match self.known_region() {
            Some(region) if region.starts_with("cn-") => "amazonaws.com.cn".into(),
            Some(_) => "amazonaws.com".into(),
            None => Pseudo::UrlSuffix.into(),
        }
    }

    /// The principal of a service whose name has the region in it, as CDK version 1 looks it up: `states`.
    pub(crate) fn regional_principal(&self, service: &str) -> Text {
        if let Some(region) = self.known_region() {
            return crate::iam::service_principal_in(service, region).into();
        }
        self.stack.map_principal(service);
        Fn::find_in_map(crate::iam::PRINCIPAL_MAP, Pseudo::Region, service)
    }

    /// Lets a file be published with the stack, and says where it will be.
    pub(super) fn publish(&self, asset: AssetFile) -> AssetLocation {
        let location = self.app.synthesizer().locate(self, &asset);
        self.stack.publish(asset);
        location
    }

    /// Publishes an image with the stack: where it will be.
    pub(crate) fn publish_image(&self, asset: AssetFile) -> ImageLocation {
        let location = self.app.synthesizer().locate_image(self, &asset);
        self.stack.publish(asset);
        location
    }

    /// Reports something wrong with the construct at this place; synthesis fails with all that was reported.
    pub fn report(&self, problem: Problem) {
        self.place().report(problem);
    }

    /// Notes something about the construct at this place that does not stop synthesis but should be looked at.
    pub(crate) fn warn(&self, problem: Problem) {
        self.app.warnings.add(ConstructError {
            path: self.path_text(),
            problem,
        });
    }

    /// Asks at synthesis whether everything that was said of the construct fits together.
    ///
    /// The check must not own a scope: it would own the tree that owns it.
    pub(crate) fn check(&self, check: impl std::ops::Fn() -> Vec<Problem> + 'static) {
        self.stack.check(self.place(), check);
    }

    /// The states of the app.
    pub(crate) fn states(&self) -> Rc<States> {
        self.app.states.clone()
    }

    pub(crate) fn place(&self) -> Place {
        Place {
            path: self.path_text().into(),
            reports: self.app.reports.clone(),
        }
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({})", self.path_text())
    }
}
