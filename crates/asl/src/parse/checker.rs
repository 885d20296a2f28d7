//! What the walk over a definition carries along: findings, and the model so far.

use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::model::{QueryLanguage, ServiceResource, State, StateMachineType, Workflow};

use super::Options;
use super::source::{Place, Source};
use super::suggest;

/// Findings beyond this many are not kept: nobody reads them, and a hostile definition could have
/// hundreds of thousands.
const MAX_DIAGNOSTICS: usize = 1_000;

/// Findings beyond this many name no alternative: looking for one takes a while.
const MAX_SUGGESTIONS: usize = 50;

/// The state of the walk.
pub(crate) struct Checker<'a> {
    source: Source<'a>,
    diagnostics: Vec<Diagnostic>,
    failed: bool,
    pub(crate) machine_type: StateMachineType,
    pub(crate) services: &'a dyn Fn(&ServiceResource) -> bool,
    /// `QueryLanguage` of the whole machine.
    pub(crate) language: QueryLanguage,
    /// States by id; absent while they are not read, or if they cannot be.
    pub(crate) states: Vec<Option<State>>,
    /// Workflows by id, likewise.
    pub(crate) workflows: Vec<Option<Workflow>>,
    /// Names of states so far, anywhere in the machine.
    pub(crate) state_names: FxHashSet<String>,
    /// `Label`s of Map states so far.
    pub(crate) labels: FxHashSet<String>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(text: &'a str, options: &'a Options<'a>) -> Self {
        Self {
            source: Source::new(text),
            diagnostics: Vec::new(),
            failed: false,
            machine_type: options.machine_type,
            services: options.services,
            language: QueryLanguage::default(),
            states: Vec::new(),
            workflows: Vec::new(),
            state_names: FxHashSet::default(),
            labels: FxHashSet::default(),
        }
    }

    /// Whether there is an error among the findings.
    pub(crate) fn failed(&self) -> bool {
        self.failed
    }

    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// The candidate that `name` was likely meant to be, while there are few findings.
    pub(crate) fn nearest<'c>(
        &self,
        name: &str,
        candidates: impl IntoIterator<Item = &'c str>,
    ) -> Option<&'c str> {
        if self.diagnostics.len() < MAX_SUGGESTIONS {
            suggest::nearest(name, candidates)
        } else {
            None
        }
    }

    /// Adds an error.
    pub(crate) fn report(
        &mut self,
        code: Code,
        place: Option<&Place<'_>>,
        bytes: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.failed = true;
        self.add(Severity::Error, code, place, bytes, message, help);
    }

    /// Adds an error of the code that most errors have.
    pub(crate) fn schema(
        &mut self,
        place: &Place<'_>,
        bytes: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let code = Code::SchemaValidationFailed;
        self.report(code, Some(place), bytes, message, help);
    }

    /// Adds a warning.
    pub(crate) fn warn(
        &mut self,
        code: Code,
        place: &Place<'_>,
        bytes: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Severity::Warning, code, Some(place), bytes, message, help);
    }

    /// Adds an error of the text itself, whose location is not a place in the tree.
    pub(crate) fn report_text(
        &mut self,
        bytes: &Range<usize>,
        message: String,
        location: Option<String>,
        help: &str,
    ) {
        self.failed = true;
        self.keep(Diagnostic {
            severity: Severity::Error,
            code: Code::InvalidJsonDescription,
            message,
            location,
            span: Some(self.source.span(bytes)),
            help: Some(help.to_owned()),
        });
    }

    fn add(
        &mut self,
        severity: Severity,
        code: Code,
        place: Option<&Place<'_>>,
        bytes: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.keep(Diagnostic {
                severity,
                code,
                message: message.into(),
                location: place.map(ToString::to_string),
                span: Some(self.source.span(bytes)),
                help: Some(help.into()),
            });
        }
    }

    fn keep(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }
}
