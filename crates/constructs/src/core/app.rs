//! The root of everything that is synthesized together.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::context::Context;
use super::error::{ConstructError, Errors, Reports};
use super::features::{Feature, Features};
use super::stack::{StackId, StackInner, Template};
use crate::states::States;

/// An application: stacks that are synthesized together.
///
/// It is a handle: clones are the same app. Mistakes are collected while constructs are made, and synthesis reports
/// them all.
#[derive(Clone, Default)]
pub struct App {
    pub(super) inner: Rc<AppInner>,
}

#[derive(Default)]
pub(super) struct AppInner {
    features: Cell<Features>,
    pub(super) context: Context,
    pub(super) stacks: RefCell<Vec<Rc<StackInner>>>,
    pub(super) reports: Reports,
    pub(super) warnings: Reports,
    pub(super) states: Rc<States>,
}

impl App {
    /// An app without stacks.
    pub fn new() -> Self {
        Self::default()
    }

    /// The app with a feature turned on. Turn features on before making stacks.
    #[must_use]
    pub fn feature(self, feature: Feature) -> Self {
        let mut features = self.inner.features.get();
        features.turn_on(feature);
        self.inner.features.set(features);
        self
    }

    /// The templates of all stacks, in the order in which the stacks were made.
    pub fn templates(&self) -> Result<Vec<Template>, Errors> {
        // The first pass finds out what stacks take from one another, the second writes it down.
        let stacks = self.inner.stacks.borrow().clone();
        for stack in &stacks {
            stack.template(&self.inner);
        }
        let templates = stacks
            .iter()
            .map(|stack| stack.template(&self.inner))
            .collect();
        self.inner.outcome(templates)
    }

    /// What does not stop synthesis but should be looked at, as far as it was come upon until now.
    pub fn warnings(&self) -> Vec<ConstructError> {
        self.inner.warnings.all()
    }

    /// What was reported until now.
    pub fn errors(&self) -> Vec<ConstructError> {
        self.inner.reports.all()
    }
}

impl AppInner {
    pub(super) fn features(&self) -> Features {
        self.features.get()
    }

    pub(super) fn outcome<T>(&self, value: T) -> Result<T, Errors> {
        let errors = self.reports.all();
        match errors.is_empty() {
            true => Ok(value),
            false => Err(Errors(errors)),
        }
    }

    pub(super) fn stack(&self, id: StackId) -> Option<Rc<StackInner>> {
        self.stacks.borrow().get(id.index()).cloned()
    }
}
