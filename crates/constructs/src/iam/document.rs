//! Policies.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::merge::{merged, sorted};
use super::statement::Statement;
use crate::core::Problem;
use crate::value::Value;

/// A policy's statements, each once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PolicyDocument {
    statements: Vec<Statement>,
    minimize: bool,
    assign_sids: bool,
}

impl PolicyDocument {
    /// A policy of statements.
    pub fn of(statements: impl IntoIterator<Item = Statement>) -> Self {
        let mut document = Self::default();
        for statement in statements {
            document.add(statement);
        }
        document
    }

    /// Adds a statement, unless the same is there already.
    pub fn add(&mut self, statement: Statement) {
        if !self.statements.contains(&statement) {
            self.statements.push(statement);
        }
    }

    /// Makes one of statements that differ in actions, resources or principals only.
    #[must_use]
    pub fn minimize(mut self, minimize: bool) -> Self {
        self.minimize = minimize;
        self
    }

    /// Names statements that have no `Sid` by their position, from 0.
    #[must_use]
    pub fn assign_sids(mut self, assign: bool) -> Self {
        self.assign_sids = assign;
        self
    }

    /// The statements, in the order in which they were added.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Whether it has no statements.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// The document as it stands in a template; none without statements.
    pub fn to_value(&self) -> Option<Value> {
        if self.is_empty() {
            return None;
        }
        let mut written: Vec<Value> = match self.minimize {
            true => merged(&self.statements)
                .into_iter()
                .map(|statement| sorted(statement).to_value())
                .collect(),
            false => self.statements.iter().map(Statement::to_value).collect(),
        };
        if self.assign_sids {
            for (index, statement) in written.iter_mut().enumerate() {
                if let Value::Object(members) = statement
                    && !members.contains_key("Sid")
                {
                    members.insert("Sid", index.to_string().into());
                }
            }
        }
        Some(crate::object! {"Statement": written, "Version": "2012-10-17"})
    }

    /// What is wrong with it as a policy of a role.
    pub(super) fn problems_of_identity(&self) -> Vec<Problem> {
        self.problems(Statement::problems_of_identity)
    }

    /// What is wrong with it as a policy of a resource, or as a role's trust.
    pub(super) fn problems_of_resource(&self) -> Vec<Problem> {
        self.problems(Statement::problems_of_resource)
    }

    fn problems(&self, of: fn(&Statement) -> Vec<String>) -> Vec<Problem> {
        let problems = self.statements.iter().flat_map(of);
        problems
            .map(|message| Problem::property("policy", message))
            .collect()
    }
}

/// A policy in the making, some of whose statements are only known at synthesis.
///
/// It knows no place in the tree, so that a resource's properties can own it.
#[derive(Default)]
pub(crate) struct Policy {
    sources: RefCell<Vec<Source>>,
}

enum Source {
    Statement(Box<Statement>),
    Later(Rc<dyn Fn() -> Vec<Statement>>),
}

impl Policy {
    /// Adds a statement.
    pub(crate) fn add(&self, statement: Statement) {
        self.sources
            .borrow_mut()
            .push(Source::Statement(Box::new(statement)));
    }

    /// Adds statements that are asked for at synthesis. The function must not own a scope.
    pub(crate) fn add_later(&self, statements: impl Fn() -> Vec<Statement> + 'static) {
        self.sources
            .borrow_mut()
            .push(Source::Later(Rc::new(statements)));
    }

    /// Whether it has no statements as it is now.
    pub(crate) fn is_empty(&self) -> bool {
        let sources = self.sources.borrow();
        sources.iter().all(|source| match source {
            Source::Statement(_) => false,
            Source::Later(statements) => statements().is_empty(),
        })
    }

    /// The policy as it is now.
    pub(crate) fn document(&self) -> PolicyDocument {
        let sources = self.sources.borrow();
        let statements = sources.iter().flat_map(|source| match source {
            Source::Statement(statement) => vec![statement.as_ref().clone()],
            Source::Later(statements) => statements(),
        });
        PolicyDocument::of(statements)
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.document().fmt(f)
    }
}
