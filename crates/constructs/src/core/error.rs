//! What is wrong with what an author wrote.

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::path::Path;
use std::rc::Rc;

/// Something wrong, and the construct that it is wrong with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct ConstructError {
    /// The construct: `MyStack/Submit Job`.
    pub path: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a construct. The wording is that of the AWS CDK where it has the same check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A property is missing, contradicts others or has a value that cannot be.
    #[error("{message}")]
    Property {
        /// The property, as the construct's method is called.
        property: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// The task does not know the integration pattern.
    #[error(
        "Unsupported service integration pattern. Supported Patterns: {supported}. Received: {received}"
    )]
    UnsupportedPattern {
        /// Those that it knows.
        supported: String,
        /// The one that was given.
        received: &'static str,
    },
    /// The states are not put together right.
    #[error("{message}")]
    Graph {
        /// What is wrong.
        message: String,
        /// The states that it is about.
        states: Vec<String>,
    },
    /// Two constructs have one name, or a construct is where it cannot be.
    #[error("{0}")]
    Tree(String),
    /// A file cannot be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
}

impl Problem {
    /// A property that is missing, contradictory or wrong.
    pub(crate) fn property(property: &'static str, message: impl Into<String>) -> Self {
        Self::Property {
            property,
            message: message.into(),
        }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        Self::File {
            path: path.display().to_string(),
            reason: error.to_string(),
        }
    }

    /// States that are put together wrong.
    pub(crate) fn graph(
        message: impl Into<String>,
        states: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self::Graph {
            message: message.into(),
            states: states.into_iter().map(Into::into).collect(),
        }
    }
}

/// Everything that is wrong with an app, in the order in which it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConstructErrors(pub Vec<ConstructError>);

impl std::error::Error for ConstructErrors {}

impl fmt::Display for ConstructErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            write!(f, "{}{error}", if index > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}

/// Where mistakes are collected until synthesis.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reports(Rc<RefCell<Vec<ConstructError>>>);

impl Reports {
    /// Each mistake once, however often it is come upon.
    pub(crate) fn add(&self, error: ConstructError) {
        let mut errors = self.0.borrow_mut();
        if !errors.contains(&error) {
            errors.push(error);
        }
    }

    pub(crate) fn all(&self) -> Vec<ConstructError> {
        self.0.borrow().clone()
    }
}

/// A construct's path, and where to report what is wrong with it. Unlike a scope it does not keep the tree alive.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) path: Rc<str>,
    pub(crate) reports: Reports,
}

impl Place {
    pub(crate) fn report(&self, problem: Problem) {
        self.reports.add(ConstructError {
            path: self.path.to_string(),
            problem,
        });
    }
}
