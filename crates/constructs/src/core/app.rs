//! The root of everything that is synthesized together.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::assembly::Assembly;
use super::context::Context;
use super::error::{ConstructError, ConstructErrors, Problem, Reports};
use super::features::{Feature, Features};
use super::stack::{StackId, StackInner, Template};
use super::synthesizer::Synthesizer;
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
    pub(super) qualifier: RefCell<Option<String>>,
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

    /// An app with everything as a new project of the CDK's version 2 has it.
    pub fn recommended() -> Self {
        Feature::RECOMMENDED
            .into_iter()
            .fold(Self::new(), Self::feature)
    }

    /// The app with a feature turned on. Turn features on before making stacks.
    #[must_use]
    pub fn feature(self, feature: Feature) -> Self {
        let mut features = self.inner.features.get();
        features.turn_on(feature);
        self.inner.features.set(features);
        self
    }

    /// What tells the resources of the bootstrap stack from others, if it was not bootstrapped with the CDK's own choice.
    #[must_use]
    pub fn bootstrap_qualifier(self, qualifier: impl Into<String>) -> Self {
        self.inner.qualifier.replace(Some(qualifier.into()));
        self
    }

    /// The templates of all stacks, in the order in which the stacks were made.
    pub fn templates(&self) -> Result<Vec<Template>, ConstructErrors> {
        self.inner.outcome(self.inner.render())
    }

    /// Writes a cloud assembly to a directory: what the CDK's command line deploys, with
    /// `cdk deploy --app DIRECTORY`.
    ///
    /// Beside each template stand the definitions of its state machines: `STACK.LOGICALID.asl.json`. Nothing is written if
    /// there is any mistake. The manifest is written last, so that a directory without one is no assembly; other files in
    /// the directory are left alone.
    pub fn synth(&self, directory: impl AsRef<Path>) -> Result<Assembly, ConstructErrors> {
        let templates = self.templates()?;
        let stacks = self.inner.stacks.borrow().clone();
        let synthesizer = self.inner.synthesizer();
        let missing = self.missing_context();
        Assembly::write(
            directory.as_ref(),
            &synthesizer,
            &stacks,
            templates,
            &missing,
        )
    }

    /// Where to write the assembly to: where the CDK's command line says by `CDK_OUTDIR`, otherwise `cdk.out`.
    pub fn outdir() -> PathBuf {
        let named = std::env::var_os("CDK_OUTDIR").filter(|name| !name.is_empty());
        named.map_or_else(|| "cdk.out".into(), PathBuf::from)
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

    /// The templates of all stacks.
    pub(super) fn render(&self) -> Vec<Template> {
        let stacks = self.stacks.borrow().clone();
        for stack in &stacks {
            stack.name_by_content(self);
        }
        let bodies: Vec<_> = stacks.iter().map(|stack| stack.render(self)).collect();
        // What stacks take from one another is known when all of them are rendered.
        self.check_dependencies(&stacks);
        let finished = stacks.iter().zip(bodies);
        finished
            .map(|(stack, body)| stack.finish(self, body))
            .collect()
    }

    /// Reports stacks that depend on themselves.
    fn check_dependencies(&self, stacks: &[Rc<StackInner>]) {
        for stack in stacks {
            let mut reached = BTreeSet::new();
            let mut open: Vec<_> = stack.dependencies.borrow().iter().copied().collect();
            while let Some(id) = open.pop() {
                if reached.insert(id) {
                    open.extend(stacks[id.index()].dependencies.borrow().iter().copied());
                }
            }
            if reached.contains(&stack.id) {
                let names: Vec<&str> = reached
                    .iter()
                    .map(|id| stacks[id.index()].name.as_str())
                    .collect();
                self.reports.add(ConstructError {
                    path: stack.name.clone(),
                    problem: Problem::Tree(format!(
                        "it depends on itself: stacks that need one another cannot be deployed ({})",
                        names.join(", ")
                    )),
                });
            }
        }
    }

    /// How stacks publish their assets and are deployed.
    pub(super) fn synthesizer(&self) -> Synthesizer {
        let features = self.features();
        let default =
            features.has(Feature::NewStyleStackSynthesis) || features.has(Feature::Version2);
        match default {
            true => Synthesizer::Default {
                qualifier: self
                    .qualifier
                    .borrow()
                    .clone()
                    .unwrap_or_else(|| "hnb659fds".to_owned()),
            },
            false => Synthesizer::Legacy,
        }
    }

    pub(super) fn outcome<T>(&self, value: T) -> Result<T, ConstructErrors> {
        let errors = self.reports.all();
        match errors.is_empty() {
            true => Ok(value),
            false => Err(ConstructErrors(errors)),
        }
    }

    pub(super) fn stack(&self, id: StackId) -> Option<Rc<StackInner>> {
        self.stacks.borrow().get(id.index()).cloned()
    }
}
