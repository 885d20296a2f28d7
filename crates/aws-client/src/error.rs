//! Errors.

use thiserror::Error;

/// A parameter that does not fit the model.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the parameter {path} {problem}")]
pub struct ParameterError {
    /// Where it stands: `Entries[0].Detail`.
    pub path: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a parameter. No variant holds its value, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// The model has no such member.
    #[error("is not known to the API{}", did_you_mean(known.as_deref()))]
    Unknown {
        /// A member that differs in capitals only.
        known: Option<String>,
    },
    /// It is of another type.
    #[error("must be {expected}, not {found}")]
    Type {
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// No request can be made without it.
    #[error("is missing, and the request is addressed by it")]
    Missing,
    /// It is no whole number, or too large.
    #[error("must be a whole number in the range of its type")]
    NotWhole,
    /// It is no base64.
    #[error("must be bytes in base64")]
    NotBase64,
    /// It is no point in time.
    #[error("must be a timestamp, as in 2026-11-23T00:00:00Z, or a number of seconds since 1970")]
    NotATime,
    /// It cannot stand in the name of a host.
    #[error("must be made of letters, digits, hyphens and dots: the host's name has it")]
    NotALabel,
    /// A header cannot hold it.
    #[error("must be text that a header can hold, without line breaks")]
    NotAHeader,
    /// Of a union, exactly one member must be there.
    #[error("must have exactly one member, not {members}")]
    Union {
        /// How many there are.
        members: usize,
    },
    /// It is deeper than any API's parameters.
    #[error("is too deep")]
    Deep,
    /// Event streams are not supported.
    #[error("is an event stream, which is not supported")]
    EventStream,
}

fn did_you_mean(known: Option<&str>) -> String {
    known.map_or(String::new(), |known| format!(": did you mean {known}?"))
}

impl ParameterError {
    pub(crate) fn of(path: &str, problem: Problem) -> Self {
        Self {
            path: path.to_owned(),
            problem,
        }
    }
}

/// A response that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{what}", place(path))]
pub struct Malformed {
    path: Vec<String>,
    what: String,
}

fn place(path: &[String]) -> String {
    let names: Vec<&str> = path.iter().rev().map(String::as_str).collect();
    match names.is_empty() {
        true => String::new(),
        false => format!("{} is ", names.join(".")),
    }
}

impl Malformed {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            path: Vec::new(),
            what: what.into(),
        }
    }

    /// A value that is not what its shape says.
    pub(crate) fn value(expected: &str) -> Self {
        Self::new(format!("not {expected}"))
    }

    /// The same, in the member `name`.
    pub(crate) fn at(mut self, name: &str) -> Self {
        self.path.push(name.to_owned());
        self
    }
}
